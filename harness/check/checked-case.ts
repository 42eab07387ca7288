import type { Element } from "../../reference/index.ts";
import { exactnessHolds, overflowLimit, probabilisticBound, type RoundingModel } from "../../reference/bounds.ts";
import { elementCount, outputShape } from "../../core/shape.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { operandNames, type TensorName, type Tensors } from "../../core/tensors.ts";
import { errorBounds, type ErrorBounds } from "./convolution-bounds.ts";
import { isTransform, roundingModelOf, type Declaration } from "./declaration.ts";
import { elementMargin } from "./element-check.ts";
import { excusedNans } from "./excused-nans.ts";
import type { LeastMiss } from "./trivial-answers.ts";

/** A convolution on given operands, with all that its elements' bounds and margins depend on. */
export interface CheckedCase {
  readonly problem: ConvProblem;
  readonly pass: Pass;
  readonly declaration: Declaration;
  readonly bounds: ErrorBounds;
  readonly model: RoundingModel;
  /** All terms of an output are multiples of this power of two; 0 where equality cannot be demanded. */
  readonly unitOf: (name: TensorName) => number;
  /** Every output's Σ|terms| is certain to stay within 2^24 units. */
  readonly isExactData: boolean;
  readonly isFinite: boolean;
  /** Whether a NaN at an element of y, dX or dWeights is no error: see {@link excusedNans}. */
  readonly mayBeNan: (index: number) => boolean;
  readonly largestOperand: number;
  /** From this Σ|terms| on a sum may overflow. */
  readonly overflow: number;
}

export function checkedCase(
  problem: ConvProblem,
  pass: Pass,
  operands: Tensors,
  declaration: Declaration,
): CheckedCase {
  const tensors = operandNames(problem, pass).map((name) => operands[name]!);
  const facts = tensors.map(factsOf);
  const bits = facts.map(({ smallestBit }) => smallestBit);
  const largest = facts.map(({ largestMagnitude }) => largestMagnitude);
  const largestOperand = Math.max(largest[0]!, largest[1]!);
  const isFinite = bits.every((bit) => bit > 0);
  const canBeExact = isFinite && !isTransform(declaration.algorithm) && declaration.precision === "float32";
  const unit = canBeExact ? Math.min(bits[0]! * bits[1]!, bits[2] ?? Infinity) : 0;
  // dBias sums dy itself, which is the second operand.
  const unitOf = (name: TensorName): number => (name === "dBias" && canBeExact ? bits[1]! : unit);
  const magnitude = maximalSum(problem, pass, largest[0]! * largest[1]!, largest[2] ?? 0);
  // Computed only when a NaN came out: it is a slow, plain search.
  let nanFlags: Uint8Array | undefined;
  return {
    problem,
    pass,
    declaration,
    bounds: errorBounds(problem, pass, operands, declaration, largestOperand),
    model: roundingModelOf(declaration),
    unitOf,
    isExactData: exactnessHolds({ magnitude, unit, arithmetic: declaration.arithmetic }),
    isFinite,
    mayBeNan: (index) => !isFinite && (nanFlags ??= excusedNans(problem, pass, operands))[index] === 1,
    largestOperand,
    overflow: overflowLimit(declaration.precision),
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
export function boundOf(checked: CheckedCase, name: TensorName, index: number, element: Element): number {
  const { magnitude } = element;
  const isExact = exactnessHolds({
    magnitude,
    unit: checked.unitOf(name),
    arithmetic: checked.declaration.arithmetic,
  });
  return isExact || !Number.isFinite(element.value) ? 0 : checked.bounds(name, index, element);
}

/** Error ÷ bound of one element, by the rules for special values. */
export function marginOf(
  checked: CheckedCase,
  name: TensorName,
  index: number,
  got: number,
  element: Element,
  bound: number,
): number {
  return elementMargin(got, {
    value: element.value,
    magnitude: element.magnitude,
    bound,
    overflow: checked.overflow,
    acceptsNan: Number.isNaN(got) && !Number.isNaN(element.value) && name !== "dBias" && checked.mayBeNan(index),
    acceptsAnything: isExcluded(checked, element),
    acceptsAnyNonFinite: isTransform(checked.declaration.algorithm),
  });
}

/**
 * Whether an element with a term that is not zero is evidence: a result is not accepted there that takes no convolution.
 * Where equality is demanded, or a NaN or infinity, it always is.
 */
export function isEvidence(index: number, { value }: Element, bound: number, leastMiss: LeastMiss): boolean {
  return bound === 0 || bound < leastMiss(index, value);
}

/** Sums that may overflow are no yardstick of rounding. */
const TYPICAL_MAGNITUDE = 2 ** 120;

/**
 * The root-mean-square error that independent roundings leave at an element of a direct sum, at most; 0 where it does
 * not apply.
 */
export function typicalError(
  { declaration, pass, problem, isFinite, model }: CheckedCase,
  name: TensorName,
  element: Element,
): number {
  if (!isFinite || isTransform(declaration.algorithm) || name === "dBias") return 0;
  if (element.magnitude >= TYPICAL_MAGNITUDE) return 0;
  const { magnitude, products } = element;
  return probabilisticBound({ magnitude, products, hasBias: pass === "forward" && problem.bias }, model);
}

/** Above this, a transform's own intermediate sums may overflow where the convolution does not. */
const TRANSFORM_OPERAND_LIMIT = 2 ** 40;

/** Whether the declaration excludes such data, so that any value is right. */
export function isExcluded(
  { declaration, isFinite, largestOperand }: CheckedCase,
  { value, magnitude }: Element,
): boolean {
  if (declaration.arithmetic === "finite-only" && (!isFinite || magnitude >= 2 ** 126)) return true;
  if (!isTransform(declaration.algorithm)) return false;
  return (!isFinite && Number.isFinite(value)) || largestOperand > TRANSFORM_OPERAND_LIMIT;
}

/** What the checker knows of an operand before it looks at any element of the result. */
interface OperandFacts {
  /**
   * The smallest bit in use: the largest power of two that divides every element; Infinity where all are zero, 0 where
   * any is NaN or infinite.
   */
  readonly smallestBit: number;
  /** The largest finite |element|; 0 where there is none. */
  readonly largestMagnitude: number;
}

const MAGNITUDE_BITS = 0x7fffffff;
const INFINITY_BITS = 0x7f800000;

/** Those of smaller operands are not kept: to find them again takes as long as to look them over. */
const KEPT_ELEMENTS = 4096;
const known = new WeakMap<Float32Array, OperandFacts>();

/** The facts of an operand, which no longer changes, kept: several implementations are checked on the same one. */
function factsOf(tensor: Float32Array): OperandFacts {
  if (tensor.length < KEPT_ELEMENTS) return lookOver(tensor);
  let facts = known.get(tensor);
  if (facts === undefined) known.set(tensor, (facts = lookOver(tensor)));
  return facts;
}

/** In one pass over the bits: operands of real layers have a hundred million elements. */
function lookOver(tensor: Float32Array): OperandFacts {
  const bits = new Uint32Array(tensor.buffer, tensor.byteOffset, tensor.length);
  let isFinite = true;
  let smallestExponent = Infinity;
  // Magnitudes are ordered as their bits are.
  let largest = 0;
  for (let i = 0; i < bits.length; i++) {
    const word = bits[i]! & MAGNITUDE_BITS;
    if (word === 0) continue;
    if (word >= INFINITY_BITS) {
      isFinite = false;
      continue;
    }
    if (word > largest) largest = word;
    const biased = word >>> 23;
    const significand = biased === 0 ? word : (word & 0x7fffff) | 0x800000;
    const exponent = (biased === 0 ? 1 : biased) - 150 + (31 - Math.clz32(significand & -significand));
    if (exponent < smallestExponent) smallestExponent = exponent;
  }
  const smallest = smallestExponent === Infinity ? Infinity : 2 ** smallestExponent;
  return {
    smallestBit: isFinite ? smallest : 0,
    largestMagnitude: floatOf(largest),
  };
}

const scratch = new Float32Array(1);
const scratchBits = new Uint32Array(scratch.buffer);

function floatOf(bits: number): number {
  scratchBits[0] = bits;
  return scratch[0]!;
}
