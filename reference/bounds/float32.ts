import { FLOAT_FORMATS, type Arithmetic, type Precision } from "../../core/element-types.ts";

/** u, the unit roundoff of float32 rounded to nearest. */
export const UNIT_ROUNDOFF = FLOAT_FORMATS.float32.unitRoundoff;

/** The smallest normal float32; `flushes-subnormals` may replace anything smaller by zero. */
export const SMALLEST_NORMAL = FLOAT_FORMATS.float32.smallestNormal;

/** The smallest positive float32; a product that underflows is off by at most half of it. */
export const SMALLEST_SUBNORMAL = 2 * UNIT_ROUNDOFF * SMALLEST_NORMAL;

/**
 * Added to u per term when a float32 result meets the float64 reference: four times the unit roundoff of float64. One
 * share each for the reference's own sum, for the magnitude's, for double rounding (float64 then float32) and for
 * evaluating the bound.
 */
export const FLOAT64_SHARE = 2 ** -51;

/** One rounding per term of a float32 sum, after the matrix units' truncation: see {@link roundingModel}. */
const TRUNCATED_BLOCK_UNIT = 2.5 * UNIT_ROUNDOFF;

/** How a float32 operand becomes one of the products' format. */
interface OperandConversion {
  /** Largest relative error of converting a normal operand; 0 when nothing is converted. */
  readonly unit: number;
  /** The largest operand that stays finite. */
  readonly largest: number;
}

/**
 * tf32 and bf16 are the upper bits of a float32 and hardware may just cut there: the error is up to a whole unit in the
 * last place, 2u, and no finite operand overflows. f16 is rounded to nearest.
 */
function operandConversion(precision: Precision): OperandConversion {
  const { unitRoundoff, largest } = FLOAT_FORMATS[precision];
  switch (precision) {
    case "float32":
      return { unit: 0, largest };
    case "tf32":
    case "bf16":
      return { unit: 2 * unitRoundoff, largest: FLOAT_FORMATS.float32.largest };
    case "f16":
      return { unit: unitRoundoff, largest };
  }
}

/** What an implementation's arithmetic may do to one operand, one product and one addition. */
export interface RoundingModel {
  /** Relative error of an operand's conversion. */
  readonly operandUnit: number;
  /** Absolute error of an operand's conversion below its format's normal range. */
  readonly operandTiny: number;
  /** The largest operand that the format holds. */
  readonly operandLargest: number;
  /** Relative error of one operation of the accumulation. */
  readonly unit: number;
  /** Absolute error that a term may suffer from underflow of its product and of the sum it enters. */
  readonly termTiny: number;
  /** Whether results and operands below 2^-126 may become zero. */
  readonly flushes: boolean;
}

/**
 * What the arithmetic of an implementation may do, from its declared precision and arithmetic.
 *
 * Underflow: with gradual underflow additions are exact and a product is off by at most 2^-150 (Higham, *Accuracy and
 * Stability of Numerical Algorithms*, 2nd ed., ch. 2); the other half of the 2^-149 per term is for its growth in the
 * sum, (1 + n·u) ≤ 2. Where subnormals are flushed, an operand, a product and a partial sum may each lose up to 2^-126.
 * `finite-only` may flush too: WGSL, "Differences from IEEE-754", allows both.
 *
 * Reduced precision means that the operands of the products are converted (relative error `operandUnit`; below the
 * format's normal range the spacing stays, so smallestNormal·unit more) and that products are summed in float32. Matrix
 * units add blocks of k ≥ 4 exact products to the accumulator with alignment and normalisation truncated (Fasi, Higham,
 * Mikaitis and Pranesh, *Numerical behavior of NVIDIA tensor cores*, PeerJ CS 7:e330, 2021): k + 1 errors of 2u each
 * for k terms, at most 2.5u per term.
 */
export function roundingModel(
  options: { readonly precision?: Precision; readonly arithmetic?: Arithmetic } = {},
): RoundingModel {
  const precision = options.precision ?? "float32";
  const { smallestNormal } = FLOAT_FORMATS[precision];
  const conversion = operandConversion(precision);
  const flushes = (options.arithmetic ?? "ieee") !== "ieee";
  return {
    operandUnit: conversion.unit,
    operandTiny: flushes ? smallestNormal : smallestNormal * conversion.unit,
    operandLargest: conversion.largest,
    unit: conversion.unit === 0 ? UNIT_ROUNDOFF : TRUNCATED_BLOCK_UNIT,
    termTiny: flushes ? 4 * SMALLEST_NORMAL : SMALLEST_SUBNORMAL,
    flushes,
  };
}

/** IEEE 754 float32 throughout. */
export const IEEE_FLOAT32: RoundingModel = roundingModel();

/**
 * γ_n = n·unit / (1 − n·unit), Infinity where it does not exist. Source: Higham, *Accuracy and Stability*, Lemma 3.1.
 */
export function gamma(n: number, unit: number): number {
  return n * unit < 1 ? (n * unit) / (1 - n * unit) : Infinity;
}
