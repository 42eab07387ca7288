import {
  backwardDataAt,
  backwardDataWithMagnitude,
  backwardWeightsWithMagnitude,
  dBiasAt,
  dWeightsAt,
  forwardAt,
  forwardWithMagnitude,
  productCounts,
  type Element,
  type ForwardReals,
  type Sums,
} from "../../reference/index.ts";
import { exactnessHolds, probabilisticBound, type RoundingModel } from "../../reference/bounds.ts";
import { elementCount, outputShape } from "../../reference/shape.ts";
import { POISON_NAN_BITS } from "../contender/open-plan.ts";
import type { TensorName, Tensors } from "../plugin.ts";
import { multiplyAdds, type ConvProblem, type Pass } from "../problem.ts";
import { operandNames, outputNames, shapeOf } from "../tensors.ts";
import { errorBounds, largestMagnitude, modelOf, type ErrorBounds } from "./bounds.ts";
import { errorRatio } from "./compare.ts";
import { isTransform, type Contract } from "./contract.ts";
import { smallestBit } from "./exactness.ts";
import { projectionMismatch, unravel } from "./projection.ts";
import { sampleIndices } from "./sampling.ts";
import { zeroMeetsNonFinite } from "./zero-meets.ts";

/** One output element that is wrong. */
export interface WrongElement {
  readonly tensor: TensorName;
  readonly index: readonly number[];
  readonly got: number;
  readonly expected: number;
  readonly bound: number;
}

/** What is wrong, in one sentence, and the worst element where the fault is one of numbers. */
export interface Fault {
  readonly message: string;
  readonly element?: WrongElement;
}

export interface Verdict {
  /** Error ÷ bound at the worst element. */
  readonly margin: number;
  /** Elements that were compared, and how many of them had anything to show: a sum of at least one non-zero term. */
  readonly elements: number;
  readonly tellingElements: number;
  readonly fault?: Fault;
  /** Σ (error ÷ probabilistic bound)² over the elements that rounding may touch, and how many they are: see `probabilisticBound`. */
  readonly rounding?: { readonly sumOfSquares: number; readonly elements: number };
}

/** Up to so many multiply-adds the whole result is computed; beyond, elements are sampled and exact data projected. */
export const WHOLE_RESULT_MULTIPLY_ADDS = 4e6;
const SAMPLED_ELEMENTS = 600;

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
  const isWhole = multiplyAdds(problem) <= WHOLE_RESULT_MULTIPLY_ADDS;
  const situation = situate(problem, pass, operands, contract);
  const referencesOf = isWhole ? wholeResult(problem, pass, operands) : sampledResult(problem, pass, operands, seed);
  const verdicts = outputNames(problem, pass).map((name) => {
    const got = outputs[name];
    if (got === undefined) throw new Error(`judge: output ${name} is missing`);
    return judgeTensor(situation, name, got, referencesOf(name));
  });
  const verdict = verdicts.reduce(worse);
  if (isWhole || verdict.fault !== undefined || !situation.isExactData) return verdict;
  const mismatch = projectionMismatch(problem, pass, operands, outputs, seed);
  if (mismatch === undefined) return verdict;
  const place = `${mismatch.tensor} combined over channels with integer coefficients, at [${mismatch.index.join(", ")}]`;
  return {
    ...verdict,
    margin: Infinity,
    fault: {
      message: `${place}, is ${mismatch.got}; exactly ${mismatch.expected} was expected`,
      element: { ...mismatch, bound: 0 },
    },
  };
}

/** The largest right error of every element of one output, 0 where arithmetic is exact: for laws that compare results with each other. */
export function elementBounds(
  problem: ConvProblem,
  pass: Pass,
  operands: Tensors,
  contract: Contract,
  output: TensorName,
): Float64Array {
  const situation = situate(problem, pass, operands, contract);
  const references = wholeResult(problem, pass, operands)(output);
  return Float64Array.from({ length: references.count }, (_, index) =>
    boundOf(situation, output, index, references.at(index)),
  );
}

function boundOf(situation: Situation, name: TensorName, index: number, element: Element): number {
  const { magnitude } = element;
  const isExact = exactnessHolds({
    magnitude,
    unit: situation.unitOf(name),
    arithmetic: situation.contract.arithmetic,
  });
  return isExact || !Number.isFinite(element.value) ? 0 : situation.bounds(name, index, element);
}

/** Flat and row-major, as the output they belong to. */
export interface ElementErrors {
  readonly expected: Float64Array;
  readonly bound: Float64Array;
  /** Error ÷ bound. */
  readonly margin: Float64Array;
}

/** Every element of one output beside its reference, for a closer look at a failure: the whole reference is computed, whatever its size. */
export function elementErrors(
  problem: ConvProblem,
  pass: Pass,
  operands: Tensors,
  got: Float32Array,
  contract: Contract,
  output: TensorName,
): ElementErrors {
  const situation = situate(problem, pass, operands, contract);
  const references = wholeResult(problem, pass, operands)(output);
  const expected = new Float64Array(references.count);
  const bound = new Float64Array(references.count);
  const margin = new Float64Array(references.count);
  for (let index = 0; index < references.count; index++) {
    const element = references.at(index);
    expected[index] = element.value;
    bound[index] = boundOf(situation, output, index, element);
    margin[index] = ratioOf(situation, output, index, got[index]!, element, bound[index]!);
  }
  return { expected, bound, margin };
}

/** Error ÷ bound of one element, by the rules for special values. */
function ratioOf(
  situation: Situation,
  name: TensorName,
  index: number,
  got: number,
  element: Element,
  bound: number,
): number {
  return errorRatio(got, {
    value: element.value,
    magnitude: element.magnitude,
    bound,
    acceptsNan: Number.isNaN(got) && !Number.isNaN(element.value) && name !== "dBias" && situation.mayBeNan(index),
    acceptsAnything: isBeyondContract(situation, element),
    acceptsAnyNonFinite: isTransform(situation.contract.algorithm),
  });
}

interface Situation {
  readonly problem: ConvProblem;
  readonly pass: Pass;
  readonly contract: Contract;
  readonly bounds: ErrorBounds;
  readonly model: RoundingModel;
  /** All terms of an output are multiples of this power of two; 0 where equality cannot be demanded. */
  readonly unitOf: (name: TensorName) => number;
  /** Every output's Σ|terms| is certain to stay within 2^24 units. */
  readonly isExactData: boolean;
  readonly isFinite: boolean;
  /** Whether a zero of padding, stuffing or a block-diagonal matrix may have met a non-finite operand at an element of y, dX or dWeights. */
  readonly mayBeNan: (index: number) => boolean;
  readonly largestOperand: number;
}

function situate(problem: ConvProblem, pass: Pass, operands: Tensors, contract: Contract): Situation {
  const tensors = operandNames(problem, pass).map((name) => operands[name]!);
  const bits = tensors.map(smallestBit);
  const largest = tensors.map(largestMagnitude);
  const isFinite = bits.every((bit) => bit > 0);
  const canBeExact = isFinite && !isTransform(contract.algorithm) && contract.precision === "float32";
  const unit = canBeExact ? Math.min(bits[0]! * bits[1]!, bits[2] ?? Infinity) : 0;
  // dBias sums dy itself, which is the second operand.
  const unitOf = (name: TensorName): number => (name === "dBias" && canBeExact ? bits[1]! : unit);
  const magnitude = maximalSum(problem, pass, largest[0]! * largest[1]!, largest[2] ?? 0);
  // A slow, plain search, and most contenders give it nothing to excuse.
  let nanFlags: Uint8Array | undefined;
  return {
    problem,
    pass,
    contract,
    bounds: errorBounds(problem, pass, operands, contract),
    model: modelOf(contract),
    unitOf,
    isExactData: exactnessHolds({ magnitude, unit, arithmetic: contract.arithmetic }),
    isFinite,
    mayBeNan: (index) => !isFinite && (nanFlags ??= zeroMeetsNonFinite(problem, pass, operands))[index] === 1,
    largestOperand: Math.max(largest[0]!, largest[1]!),
  };
}

/** An upper limit of Σ|terms| of any output of the pass. */
function maximalSum(problem: ConvProblem, pass: Pass, largestProduct: number, largestBias: number): number {
  const taps = elementCount(problem.kernel);
  switch (pass) {
    case "forward":
      return (problem.inChannels / problem.groups) * taps * largestProduct + largestBias;
    case "backwardData":
      return (problem.outChannels / problem.groups) * taps * largestProduct;
    case "backwardWeights":
      return problem.batch * elementCount(outputShape(problem)) * largestProduct;
  }
}

/** The reference at all elements, or at some. */
interface References {
  readonly indices: Int32Array | undefined;
  readonly at: (position: number) => Element;
  readonly count: number;
}

function wholeResult(problem: ConvProblem, pass: Pass, operands: Tensors): (name: TensorName) => References {
  const { x, weights, dy } = operands;
  const whole = (sums: Sums, productsAt: (index: number) => number): References => ({
    indices: undefined,
    count: sums.value.length,
    at: (i) => ({ value: sums.value[i]!, magnitude: sums.magnitude[i]!, products: productsAt(i) }),
  });
  const counts = productCounts(problem, pass);
  const productsAt = (index: number): number => counts[index % counts.length]!;
  switch (pass) {
    case "forward":
      return constant(whole(forwardWithMagnitude(problem, forwardReals(operands)), productsAt));
    case "backwardData":
      return constant(whole(backwardDataWithMagnitude(problem, { dy: dy!, weights: weights! }), productsAt));
    case "backwardWeights": {
      const sums = backwardWeightsWithMagnitude(problem, { x: x!, dy: dy! });
      const terms = problem.batch * elementCount(outputShape(problem));
      return (name) => (name === "dBias" ? whole(sums.dBias, () => terms) : whole(sums.dWeights, productsAt));
    }
  }
}

function constant<T>(value: T): () => T {
  return () => value;
}

function forwardReals({ x, weights, bias }: Tensors): ForwardReals {
  return { x: x!, weights: weights!, ...(bias === undefined ? {} : { bias }) };
}

function sampledResult(
  problem: ConvProblem,
  pass: Pass,
  operands: Tensors,
  seed: number,
): (name: TensorName) => References {
  const { x, weights, dy } = operands;
  const elementAt = (name: TensorName, index: number): Element => {
    switch (pass) {
      case "forward":
        return forwardAt(problem, forwardReals(operands), index);
      case "backwardData":
        return backwardDataAt(problem, { dy: dy!, weights: weights! }, index);
      case "backwardWeights":
        return name === "dBias" ? dBiasAt(problem, { dy: dy! }, index) : dWeightsAt(problem, { x: x!, dy: dy! }, index);
    }
  };
  return (name) => {
    const indices = sampleIndices(shapeOf(problem, name), SAMPLED_ELEMENTS, seed);
    return { indices, count: indices.length, at: (position) => elementAt(name, indices[position]!) };
  };
}

function judgeTensor(situation: Situation, name: TensorName, got: Float32Array, references: References): Verdict {
  const { isFinite } = situation;
  const shape = shapeOf(situation.problem, name);
  let margin = 0;
  let tellingElements = 0;
  let sumOfSquares = 0;
  let rounded = 0;
  let worst: { index: number; expected: number; bound: number } | undefined;
  for (let position = 0; position < references.count; position++) {
    const index = references.indices === undefined ? position : references.indices[position]!;
    const element = references.at(position);
    const bound = boundOf(situation, name, index, element);
    const ratio = ratioOf(situation, name, index, got[index]!, element, bound);
    if (element.magnitude !== 0) tellingElements++;
    const typical = bound > 0 && element.magnitude < TYPICAL_MAGNITUDE ? typicalError(situation, name, element) : 0;
    if (typical > 0) {
      sumOfSquares += ((got[index]! - element.value) / typical) ** 2;
      rounded++;
    }
    if (ratio > margin) {
      margin = ratio;
      if (ratio > 1) worst = { index, expected: element.value, bound };
    }
  }
  const elements = references.count;
  const rounding = { sumOfSquares, elements: rounded };
  if (worst === undefined) return { margin, elements, tellingElements, rounding };
  const value = got[worst.index]!;
  const place = `${name}[${unravel(worst.index, shape).join(", ")}]`;
  const unwritten = new Uint32Array(got.buffer, got.byteOffset, got.length)[worst.index] === POISON_NAN_BITS;
  const demanded =
    worst.bound === 0 ? `exactly ${worst.expected}` : `${worst.expected} ± ${worst.bound.toPrecision(3)}`;
  const message = unwritten
    ? `${place} was never written; ${demanded} was expected`
    : `${place} is ${value}; ${demanded} was expected${isFinite ? "" : " (operands hold non-finite values)"}`;
  return {
    margin,
    elements,
    tellingElements,
    rounding,
    fault: {
      message,
      element: {
        tensor: name,
        index: unravel(worst.index, shape),
        got: value,
        expected: worst.expected,
        bound: worst.bound,
      },
    },
  };
}

/** Sums that may overflow are no yardstick of rounding. */
const TYPICAL_MAGNITUDE = 2 ** 120;

/** The root-mean-square error that independent roundings leave at an element of a direct sum, at most; 0 where it does not apply. */
function typicalError(
  { contract, pass, problem, isFinite, model }: Situation,
  name: TensorName,
  element: Element,
): number {
  if (!isFinite || isTransform(contract.algorithm) || name === "dBias") return 0;
  return probabilisticBound({ ...element, hasBias: pass === "forward" && problem.bias }, model);
}

/** Above this, a transform's own intermediate sums may overflow where the convolution does not. */
const TRANSFORM_OPERAND_LIMIT = 2 ** 40;

function isBeyondContract({ contract, isFinite, largestOperand }: Situation, { value, magnitude }: Element): boolean {
  if (contract.arithmetic === "finite-only" && (!isFinite || magnitude >= 2 ** 126)) return true;
  if (!isTransform(contract.algorithm)) return false;
  return (!isFinite && Number.isFinite(value)) || largestOperand > TRANSFORM_OPERAND_LIMIT;
}

function worse(a: Verdict, b: Verdict): Verdict {
  return {
    ...(b.margin > a.margin ? b : a),
    elements: a.elements + b.elements,
    tellingElements: a.tellingElements + b.tellingElements,
    rounding: {
      sumOfSquares: (a.rounding?.sumOfSquares ?? 0) + (b.rounding?.sumOfSquares ?? 0),
      elements: (a.rounding?.elements ?? 0) + (b.rounding?.elements ?? 0),
    },
  };
}
