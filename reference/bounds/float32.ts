import type { Arithmetic, Precision } from "../../core/plugin.ts";

/** u, the unit roundoff of float32 rounded to nearest. */
export const UNIT_ROUNDOFF = 2 ** -24;

/** The smallest normal float32; `flushes-subnormals` may replace anything smaller by zero. */
export const SMALLEST_NORMAL = 2 ** -126;

/** The smallest positive float32; a product that underflows is off by at most half of it. */
export const SMALLEST_SUBNORMAL = 2 ** -149;

/**
 * Added to u per term when a float32 result meets the float64 reference: four times the unit roundoff of float64. One
 * share each for the reference's own sum, for the magnitude's, for double rounding (float64 then float32) and for
 * evaluating the bound.
 */
export const FLOAT64_SHARE = 2 ** -51;

/** One rounding per term of a float32 sum, after the matrix units' truncation: see {@link roundingModel}. */
const TRUNCATED_BLOCK_UNIT = 2.5 * UNIT_ROUNDOFF;

interface OperandFormat {
  /** Largest relative error of converting a normal operand; 0 when nothing is converted. */
  readonly unit: number;
  readonly smallestNormal: number;
  readonly largest: number;
}

const LARGEST_FLOAT32 = (2 - 2 ** -23) * 2 ** 127;

/**
 * tf32 and bf16 are the upper bits of a float32 and hardware may just cut there, so a whole unit in the last place; f16
 * is rounded.
 */
const OPERAND_FORMATS: Readonly<Record<Precision, OperandFormat>> = {
  float32: { unit: 0, smallestNormal: SMALLEST_NORMAL, largest: LARGEST_FLOAT32 },
  tf32: { unit: 2 ** -10, smallestNormal: SMALLEST_NORMAL, largest: LARGEST_FLOAT32 },
  bf16: { unit: 2 ** -7, smallestNormal: SMALLEST_NORMAL, largest: LARGEST_FLOAT32 },
  f16: { unit: 2 ** -11, smallestNormal: 2 ** -14, largest: 65504 },
};

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
  const format = OPERAND_FORMATS[options.precision ?? "float32"];
  const flushes = (options.arithmetic ?? "ieee") !== "ieee";
  return {
    operandUnit: format.unit,
    operandTiny: flushes ? format.smallestNormal : format.smallestNormal * format.unit,
    operandLargest: format.largest,
    unit: format.unit === 0 ? UNIT_ROUNDOFF : TRUNCATED_BLOCK_UNIT,
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
