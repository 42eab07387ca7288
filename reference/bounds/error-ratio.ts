import { FLOAT_FORMATS, type Precision } from "../../core/element-types.ts";

/**
 * Error ÷ bound of two numbers that should be equal up to a bound: at most 1 where they are, Infinity where no bound
 * excuses the difference. The one rule of all comparisons, by classes:
 *
 * | bound            | equal, −0 being +0 and Inf Inf | NaN or ±Inf on one side or both, not equal | two finite numbers |
 * | ---------------- | ------------------------------ | ------------------------------------------ | ------------------ |
 * | 0                | 0                              | Infinity                                   | Infinity           |
 * | positive, finite | 0                              | Infinity                                   | \|a − b\| ÷ bound  |
 * | Infinity or NaN  | 0                              | 0: such a bound tells nothing              | 0, likewise        |
 *
 * An infinity equals itself: Inf − Inf is not a difference. NaN equals nothing, as in IEEE 754: who expects a NaN asks
 * for it before.
 */
export function errorRatio(a: number, b: number, bound: number): number {
  if (!(bound < Infinity) || a === b) return 0;
  const error = Math.abs(a - b);
  return error < Infinity && bound > 0 ? error / bound : Infinity;
}

/**
 * From here on a real number may become infinite in the format of the products: half a unit in the last place above the
 * largest number. The outputs of the harness are float32, but a float16 implementation may sum and store in float16, so
 * that its sums overflow where they may pass 65,504.
 */
export function overflowLimit(precision: Precision): number {
  const { largest, unitRoundoff } = FLOAT_FORMATS[precision === "f16" ? "f16" : "float32"];
  return largest + unitRoundoff * 2 ** Math.floor(Math.log2(largest));
}
