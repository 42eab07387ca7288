import { elementCount, multiplyAdds } from "../../core/shape.ts";
import type { TensorName, Tensors } from "../../core/plugin.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { outputNames, shapeOf } from "../../core/tensors.ts";
import type { Contract } from "./contract.ts";
import { checkTensor } from "./check-tensor.ts";
import { projectionMismatch, type ProjectionMismatch } from "./projection.ts";
import { resultAt, wholeResult } from "./references.ts";
import { sampleIndices } from "./sampling.ts";
import { situate, type Situation } from "./situation.ts";
import { worse, type Fault, type Verdict } from "../../core/verdict.ts";

export { elementBounds, elementErrors } from "./element-errors.ts";
export type { Fault, Verdict } from "../../core/verdict.ts";

/** Up to so many multiply-adds the whole result is computed; beyond, elements are sampled and exact data projected. */
const WHOLE_RESULT_MULTIPLY_ADDS = 4e6;
const SAMPLED_ELEMENTS = 600;
/** Where every element is projected too, samples only say which one is wrong. */
const SAMPLED_BESIDE_PROJECTION = 100;
/** All samples of an output together take no more products than this, unless the fewest do: a weight's gradient may be a sum of millions. */
const SAMPLED_PRODUCTS = 1e7;
const FEWEST_SAMPLES = 50;

/**
 * Judges the outputs of one pass against the float64 reference: each element under its own bound, equality where arithmetic is exact.
 * Large problems are judged by sampled elements, tile edges included, and on exact data by random projections of all elements.
 */
export function judge(
  problem: ConvProblem,
  pass: Pass,
  operands: Tensors,
  outputs: Tensors,
  contract: Contract,
  seed: number,
): Verdict {
  const situation = situate(problem, pass, operands, contract);
  const gotOf = (name: TensorName): Float32Array => {
    const got = outputs[name];
    if (got === undefined) throw new Error(`judge: output ${name} is missing`);
    return got;
  };
  const names = outputNames(problem, pass);
  if (multiplyAdds(problem) <= WHOLE_RESULT_MULTIPLY_ADDS) {
    const referencesOf = wholeResult(problem, pass, operands);
    return names.map((name) => checkTensor(situation, name, gotOf(name), referencesOf(name))).reduce(worse);
  }
  const sampled = names
    .map((name) => {
      const indices = sampleIndices(shapeOf(problem, name), sampleCount(situation, name), seed);
      return checkTensor(situation, name, gotOf(name), resultAt(problem, pass, operands, name, indices));
    })
    .reduce(worse);
  if (sampled.fault !== undefined || !situation.isExactData) return sampled;
  const mismatch = projectionMismatch(problem, pass, operands, outputs, seed);
  if (mismatch === undefined) return sampled;
  const { tensor } = mismatch;
  const suspects = resultAt(problem, pass, operands, tensor, combinedElements(problem, mismatch));
  const fault = checkTensor(situation, tensor, gotOf(tensor), suspects).fault ?? combinationFault(mismatch);
  return { ...sampled, margin: Infinity, fault };
}

function sampleCount({ problem, pass, isExactData }: Situation, name: TensorName): number {
  // A bias gradient is not projected, and its sums are only additions.
  if (name === "dBias") return SAMPLED_ELEMENTS;
  const wanted = isExactData ? SAMPLED_BESIDE_PROJECTION : SAMPLED_ELEMENTS;
  const products = multiplyAdds(problem) / elementCount(shapeOf(problem, outputNames(problem, pass)[0]!));
  return Math.min(wanted, Math.max(FEWEST_SAMPLES, Math.floor(SAMPLED_PRODUCTS / products)));
}

/** Flat indices of the elements that a projection combined into one: those of all output channels (of dX: input channels) of a group. */
function combinedElements(problem: ConvProblem, { tensor, index }: ProjectionMismatch): Int32Array {
  const { outChannels, inChannels, groups } = problem;
  const shape = shapeOf(problem, tensor);
  const perGroup = (tensor === "dx" ? inChannels : outChannels) / groups;
  const channelAxis = tensor === "dWeights" ? 0 : 1;
  return Int32Array.from({ length: perGroup }, (_, channel) =>
    index
      .with(channelAxis, index[channelAxis]! * perGroup + channel)
      .reduce((flat, at, axis) => flat * shape[axis]! + at, 0),
  );
}

function combinationFault({ tensor, index, got, expected }: ProjectionMismatch): Fault {
  const place = `${tensor} combined over channels with integer coefficients, at [${index.join(", ")}]`;
  return {
    message: `${place}, is ${got}; exactly ${expected} was expected`,
    element: { tensor, index, got, expected, bound: 0 },
  };
}
