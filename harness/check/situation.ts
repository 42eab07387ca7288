import type { Element } from "../../reference/index.ts";
import { exactnessHolds, probabilisticBound, type RoundingModel } from "../../reference/bounds.ts";
import { elementCount, outputShape } from "../../core/shape.ts";
import type { TensorName, Tensors } from "../../core/plugin.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { operandNames } from "../../core/tensors.ts";
import { errorBounds, modelOf, type ErrorBounds } from "./bounds.ts";
import { errorRatio } from "./compare.ts";
import { isTransform, type Contract } from "./contract.ts";
import { factsOf } from "./operand-facts.ts";
import { zeroMeetsNonFinite } from "./zero-meets.ts";

/** A case with what its verdicts depend on, whatever the element. */
export interface Situation {
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

export function situate(problem: ConvProblem, pass: Pass, operands: Tensors, contract: Contract): Situation {
  const tensors = operandNames(problem, pass).map((name) => operands[name]!);
  const facts = tensors.map(factsOf);
  const bits = facts.map(({ smallestBit }) => smallestBit);
  const largest = facts.map(({ largestMagnitude }) => largestMagnitude);
  const largestOperand = Math.max(largest[0]!, largest[1]!);
  const isFinite = bits.every((bit) => bit > 0);
  const canBeExact = isFinite && !isTransform(contract.algorithm) && contract.precision === "float32";
  const unit = canBeExact ? Math.min(bits[0]! * bits[1]!, bits[2] ?? Infinity) : 0;
  // dBias sums dy itself, which is the second operand.
  const unitOf = (name: TensorName): number => (name === "dBias" && canBeExact ? bits[1]! : unit);
  const magnitude = maximalSum(problem, pass, largest[0]! * largest[1]!, largest[2] ?? 0);
  // A slow, plain search, and most implementations give it nothing to excuse.
  let nanFlags: Uint8Array | undefined;
  return {
    problem,
    pass,
    contract,
    bounds: errorBounds(problem, pass, operands, contract, largestOperand),
    model: modelOf(contract),
    unitOf,
    isExactData: exactnessHolds({ magnitude, unit, arithmetic: contract.arithmetic }),
    isFinite,
    mayBeNan: (index) => !isFinite && (nanFlags ??= zeroMeetsNonFinite(problem, pass, operands))[index] === 1,
    largestOperand,
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

/** The largest right error of an element; 0 where equality is demanded. */
export function boundOf(situation: Situation, name: TensorName, index: number, element: Element): number {
  const { magnitude } = element;
  const isExact = exactnessHolds({
    magnitude,
    unit: situation.unitOf(name),
    arithmetic: situation.contract.arithmetic,
  });
  return isExact || !Number.isFinite(element.value) ? 0 : situation.bounds(name, index, element);
}

/** Error ÷ bound of one element, by the rules for special values. */
export function ratioOf(
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

/** Sums that may overflow are no yardstick of rounding. */
const TYPICAL_MAGNITUDE = 2 ** 120;

/** The root-mean-square error that independent roundings leave at an element of a direct sum, at most; 0 where it does not apply. */
export function typicalError(
  { contract, pass, problem, isFinite, model }: Situation,
  name: TensorName,
  element: Element,
): number {
  if (!isFinite || isTransform(contract.algorithm) || name === "dBias") return 0;
  if (element.magnitude >= TYPICAL_MAGNITUDE) return 0;
  return probabilisticBound({ ...element, hasBias: pass === "forward" && problem.bias }, model);
}

/** Above this, a transform's own intermediate sums may overflow where the convolution does not. */
const TRANSFORM_OPERAND_LIMIT = 2 ** 40;

function isBeyondContract({ contract, isFinite, largestOperand }: Situation, { value, magnitude }: Element): boolean {
  if (contract.arithmetic === "finite-only" && (!isFinite || magnitude >= 2 ** 126)) return true;
  if (!isTransform(contract.algorithm)) return false;
  return (!isFinite && Number.isFinite(value)) || largestOperand > TRANSFORM_OPERAND_LIMIT;
}
