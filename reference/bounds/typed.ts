/** Which results are right in types other than float32: docs/bounds.md, "Element types". */
import { ELEMENTS, type Accumulator, type Arithmetic, type ElementType } from "../../core/element-types.ts";
import type { ParsedPost } from "../../core/posts.ts";
import { afterPosts, type Range } from "./posts.ts";

/** What one output element sums, and how. */
export interface TypedSum {
  /** The exact result is `value + tail`; `value` is it rounded to float64. */
  readonly value: number;
  readonly tail?: number;
  readonly magnitude: number;
  /** Products that reach the element, or terms of a bias gradient, and one for a bias. */
  readonly terms: number;
  /** All terms are multiples of this power of two; 0 where that is not known. */
  readonly unit: number;
  /** What is added after the sum, where a fused operation adds it. */
  readonly residual?: number;
  /** The largest |operand|; flushing alone looks at it. */
  readonly largestOperand: number;
}

/** How an implementation adds, and what it stores. */
export interface TypedArithmetic {
  readonly stored: ElementType;
  /** Of 16-bit floats: float64 and integers add in their own type. */
  readonly accumulator: Accumulator;
  readonly arithmetic: Arithmetic;
  /** Fused operations; none when left out. */
  readonly posts?: readonly ParsedPost[];
}

/** Every right result lies between these, and every number of the stored format between them is right. */
export interface RightResults {
  readonly least: number;
  readonly most: number;
  /** The exact result, before it is stored. */
  readonly value: number;
}

/** float64's share of a bound per term: see float32.ts. */
const FLOAT64_SHARE = 2 ** -51;

/** The format that sums are held in; undefined of integers. */
function accumulatorOf({ stored, accumulator }: TypedArithmetic): ElementType | undefined {
  if (ELEMENTS[stored].float === undefined) return undefined;
  return stored === "f64" ? "f64" : accumulator;
}

/** From this Σ|terms| on a sum may overflow where it is added: half a unit above the largest number. */
export function accumulatorLimit(arithmetic: TypedArithmetic): number {
  const format = ELEMENTS[accumulatorOf(arithmetic) ?? "f64"].float!;
  return format.largest + format.unitRoundoff * 2 ** Math.floor(Math.log2(format.largest));
}

/**
 * The largest error of the sum before it is stored: n·u·Σ|terms| + n·(the smallest number), u that of the accumulator, in
 * every order and for wider ones (Jeannerod and Rump 2013, as of float32 in direct.ts); 0 where every partial sum is
 * a whole number of units that the accumulator holds.
 */
export function accumulationError(sum: TypedSum, arithmetic: TypedArithmetic): number {
  const accumulator = accumulatorOf(arithmetic);
  const { terms, magnitude, unit, largestOperand } = sum;
  if (accumulator === undefined || terms === 0) return 0;
  const { unitRoundoff, smallestNormal, largest } = ELEMENTS[accumulator].float!;
  const smallest = 2 * unitRoundoff * smallestNormal;
  const flushes = arithmetic.arithmetic !== "ieee";
  // Less, not at most: the magnitude itself is a rounded sum.
  const isExact =
    unit >= (flushes ? smallestNormal : smallest) && magnitude < unit / unitRoundoff && magnitude <= largest;
  if (isExact) return 0;
  if (accumulator === "f64") {
    // The reference is exact to twice the precision: what remains is the evaluation of Σ|terms| and of the ends.
    const relative = arithmetic.stored === "f64" ? (terms + 2) * unitRoundoff * (1 + (terms + 4) * unitRoundoff) : 0;
    return (relative + terms * (arithmetic.stored === "f64" ? 0 : FLOAT64_SHARE)) * magnitude + 6 * terms * smallest;
  }
  const tiny = flushes ? 4 * smallestNormal + flushedOperand(arithmetic.stored, largestOperand) : smallest;
  return terms * (unitRoundoff + FLOAT64_SHARE) * magnitude + terms * tiny;
}

/** What a product loses, at most, where a subnormal operand becomes zero; twice, as a term's error may grow with the sum. */
function flushedOperand(stored: ElementType, largestOperand: number): number {
  const smallestNormal = ELEMENTS[stored].float?.smallestNormal ?? 0;
  return 2 * smallestNormal * (2 * largestOperand + smallestNormal);
}

/**
 * The right results of an element. Rounding to the stored format is monotone, so a sum that is off by at most the error
 * is stored between the ends, rounded: overflow becomes infinity there, and where the error is 0 one number is right.
 * Of integers that number is what is left modulo 2^bits.
 */
export function rightResults(sum: TypedSum, arithmetic: TypedArithmetic): RightResults {
  const { value, tail = 0 } = sum;
  const { nearest, float } = ELEMENTS[arithmetic.stored];
  const accumulator = accumulatorOf(arithmetic);
  const { posts = [] } = arithmetic;
  const after = (range: Range): Range => {
    const format = accumulator === undefined ? undefined : ELEMENTS[accumulator];
    if (format?.float === undefined || posts.length === 0) return range;
    return afterPosts(posts, range, sum.residual ?? 0, { ...format.float, nearest: format.nearest });
  };
  const ofValue = after({ least: value, most: value });
  const exact = ofValue.least === ofValue.most ? ofValue.least : (ofValue.least + ofValue.most) / 2;
  if (!Number.isFinite(value)) return { least: exact, most: exact, value: exact };
  const error = accumulationError(sum, arithmetic);
  const ends = after({ least: value + (tail - error), most: value + (tail + error) });
  const [least, most] = [nearest(ends.least), nearest(ends.most)];
  if (float === undefined || arithmetic.arithmetic === "ieee") return { least, most, value: exact };
  const flushed = (end: number): boolean => Math.abs(end) < float.smallestNormal;
  return flushed(least) || flushed(most)
    ? { least: Math.min(least, 0), most: Math.max(most, 0), value: exact }
    : { least, most, value: exact };
}
