import { flatten, unravel } from "../../core/indexing.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { multiplyAdds } from "../../core/shape.ts";
import { outputNames, shapeOf, type TensorName, type Tensors } from "../../core/tensors.ts";
import { worse, type Fault, type Verdict } from "../../core/verdict.ts";
import {
  boundOf,
  checkedCase,
  isEvidence,
  isExcluded,
  marginOf,
  typicalError,
  type CheckedCase,
} from "./checked-case.ts";
import { elementAt, referenceAt, wholeReference, type ReferenceElements } from "./convolution-reference.ts";
import type { Declaration } from "./declaration.ts";
import { elementFault } from "./element-check.ts";
import { projectionMismatch, type ProjectionMismatch } from "./projection.ts";
import { sampleCount, sampleIndices } from "./sampling.ts";
import { leastMissOf } from "./trivial-answers.ts";

export type { Fault, Verdict } from "../../core/verdict.ts";

/**
 * Up to this many multiply-adds the whole result is computed; beyond, elements are sampled and exact data projected.
 */
const WHOLE_RESULT_MULTIPLY_ADDS = 4e6;

/**
 * Checks the outputs of one pass against the float64 reference: each element under its own bound, equality where
 * arithmetic is exact. Of a large problem, elements are sampled, tile edges included, and on exact data random
 * projections of all elements are checked.
 */
export function checkOutputs(
  problem: ConvProblem,
  pass: Pass,
  operands: Tensors,
  outputs: Tensors,
  declaration: Declaration,
  seed: number,
): Verdict {
  const checked = checkedCase(problem, pass, operands, declaration);
  const gotOf = (name: TensorName): Float32Array => {
    const got = outputs[name];
    if (got === undefined) throw new Error(`checkOutputs: output ${name} is missing`);
    return got;
  };
  const names = outputNames(problem, pass);
  if (multiplyAdds(problem) <= WHOLE_RESULT_MULTIPLY_ADDS) {
    const referenceOf = wholeReference(problem, pass, operands);
    return names.map((name) => checkTensor(checked, operands, name, gotOf(name), referenceOf(name))).reduce(worse);
  }
  const sampled = names
    .map((name) => {
      const count = sampleCount(problem, pass, name, checked.isExactData);
      const indices = sampleIndices(shapeOf(problem, name), count, seed);
      return checkTensor(checked, operands, name, gotOf(name), referenceAt(problem, pass, operands, name, indices));
    })
    .reduce(worse);
  if (sampled.fault !== undefined || !checked.isExactData) return sampled;
  const mismatch = projectionMismatch(problem, pass, operands, outputs, seed);
  if (mismatch === undefined) return sampled;
  const { tensor } = mismatch;
  const suspects = referenceAt(problem, pass, operands, tensor, combinedElements(problem, mismatch));
  const fault = checkTensor(checked, operands, tensor, gotOf(tensor), suspects).fault ?? combinationFault(mismatch);
  return { ...sampled, margin: Infinity, fault };
}

/** Checks one output at the elements of the reference, each under its own bound. */
function checkTensor(
  checked: CheckedCase,
  operands: Tensors,
  name: TensorName,
  got: Float32Array,
  reference: ReferenceElements,
): Verdict {
  const { value: values, magnitude: magnitudes, indices } = reference;
  // The bias of a gradient is of other magnitudes than its products.
  const isExact = checked.isExactData && name !== "dBias";
  let margin = 0;
  let tellingElements = 0;
  let wideElements = 0;
  let excludedElements = 0;
  const leastMiss = leastMissOf(checked.problem, operands, name, values);
  let sumOfSquares = 0;
  let rounded = 0;
  let worst: { index: number; value: number; bound: number } | undefined;
  for (let position = 0; position < values.length; position++) {
    const index = indices === undefined ? position : indices[position]!;
    const hasTerms = magnitudes[position] !== 0;
    // Most elements by far: there is nothing more to know of them.
    if (isExact && got[index] === values[position]) {
      if (hasTerms) tellingElements++;
      continue;
    }
    const element = elementAt(reference, position);
    const bound = boundOf(checked, name, index, element);
    if (isExcluded(checked, element)) excludedElements++;
    else if (hasTerms) {
      if (isEvidence(index, element, bound, leastMiss)) tellingElements++;
      else wideElements++;
    }
    const ownMargin = marginOf(checked, name, index, got[index]!, element, bound);
    const typical = bound > 0 ? typicalError(checked, name, element) : 0;
    if (typical > 0) {
      sumOfSquares += ((got[index]! - element.value) / typical) ** 2;
      rounded++;
    }
    if (ownMargin > margin) {
      margin = ownMargin;
      if (ownMargin > 1) worst = { index, value: element.value, bound };
    }
  }
  const verdict = {
    margin,
    elements: values.length,
    tellingElements,
    wideElements,
    excludedElements,
    rounding: { sumOfSquares, elements: rounded },
  };
  if (worst === undefined) return verdict;
  const index = unravel(worst.index, shapeOf(checked.problem, name));
  const remark = checked.isFinite ? "" : " (operands hold non-finite values)";
  return { ...verdict, fault: elementFault(name, got, worst.index, worst, index, remark) };
}

/**
 * Flat indices of the elements that a projection combined into one: those of all output channels (of dX: input
 * channels) of a group.
 */
function combinedElements(problem: ConvProblem, { tensor, index }: ProjectionMismatch): Int32Array {
  const { outChannels, inChannels, groups } = problem;
  const shape = shapeOf(problem, tensor);
  const perGroup = (tensor === "dx" ? inChannels : outChannels) / groups;
  const channelAxis = tensor === "dWeights" ? 0 : 1;
  return Int32Array.from({ length: perGroup }, (_, channel) =>
    flatten(index.with(channelAxis, index[channelAxis]! * perGroup + channel), shape),
  );
}

function combinationFault({ tensor, index, got, expected }: ProjectionMismatch): Fault {
  const place = `${tensor} combined over channels with integer coefficients, at [${index.join(", ")}]`;
  return {
    message: `${place}, is ${got}; exactly ${expected} was expected`,
    element: { tensor, index, got, expected, bound: 0 },
  };
}

/** Every element of one output beside its reference; flat and row-major, as the output that they belong to. */
export interface ElementErrors {
  readonly expected: Float64Array;
  readonly bound: Float64Array;
  /** Error ÷ bound. */
  readonly margin: Float64Array;
}

/** A closer look at one output that is wrong: the whole reference is computed, whatever its size. */
export function elementErrors(
  problem: ConvProblem,
  pass: Pass,
  operands: Tensors,
  got: Float32Array,
  declaration: Declaration,
  output: TensorName,
): ElementErrors {
  const checked = checkedCase(problem, pass, operands, declaration);
  const reference = wholeReference(problem, pass, operands)(output);
  const { value: expected } = reference;
  const [bound, margin] = [new Float64Array(expected.length), new Float64Array(expected.length)];
  for (let index = 0; index < expected.length; index++) {
    const element = elementAt(reference, index);
    bound[index] = boundOf(checked, output, index, element);
    margin[index] = marginOf(checked, output, index, got[index]!, element, bound[index]!);
  }
  return { expected, bound, margin };
}

/**
 * The largest right error of every element of one output, 0 where arithmetic is exact: for laws that compare results
 * with each other.
 */
export function elementBounds(
  problem: ConvProblem,
  pass: Pass,
  operands: Tensors,
  declaration: Declaration,
  output: TensorName,
): Float64Array {
  const checked = checkedCase(problem, pass, operands, declaration);
  const reference = wholeReference(problem, pass, operands)(output);
  return reference.value.map((_, index) => {
    const element = elementAt(reference, index);
    const bound = boundOf(checked, output, index, element);
    // Whatever comes out of a sum that may overflow says nothing of another result.
    return element.magnitude + bound >= checked.overflow ? Infinity : bound;
  });
}
