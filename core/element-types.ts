/**
 * The precision of an implementation's products. `float32` when left out; any other is held to that precision's bound,
 * and every report names it.
 */
export type Precision = "float32" | "tf32" | "f16" | "bf16";

/** What special values an implementation answers for, as WGSL allows less than IEEE 754. */
export type Arithmetic = "ieee" | "flushes-subnormals" | "finite-only";

/** What is known of a binary floating-point format. */
export interface FloatFormat {
  /**
   * u: the largest relative error of rounding a normal number to nearest, half the distance from 1 to the next number.
   */
  readonly unitRoundoff: number;
  readonly smallestNormal: number;
  readonly largest: number;
}

/** A format by its significand's bits, the implicit one included, and its largest exponent. */
function format(significandBits: number, maxExponent: number): FloatFormat {
  return {
    unitRoundoff: 2 ** -significandBits,
    smallestNormal: 2 ** (1 - maxExponent),
    largest: (2 - 2 ** (1 - significandBits)) * 2 ** maxExponent,
  };
}

/**
 * The formats of products by their names. Source: IEEE 754-2019, table 3.5; bfloat16 and tf32 are float32 cut to 8 and
 * 11 bits.
 */
export const FLOAT_FORMATS: Readonly<Record<Precision, FloatFormat>> = {
  float32: format(24, 127),
  tf32: format(11, 127),
  bf16: format(8, 127),
  f16: format(11, 15),
};
