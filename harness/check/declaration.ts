import type { Accumulator, Algorithm, Arithmetic, Precision } from "../../core/plugin.ts";
import { IEEE_FLOAT32, roundingModel, type RoundingModel } from "../../reference/bounds.ts";

/**
 * What an implementation declares of a result, and is held to: the bound of its algorithm in its precision, and its
 * special values.
 */
export interface Declaration {
  readonly algorithm: Algorithm;
  readonly precision: Precision;
  readonly arithmetic: Arithmetic;
  /** What sums of 16-bit floats are added in; "f32" when left out. */
  readonly accumulator?: Accumulator;
}

/** What the declared arithmetic may do to one operation. */
export function roundingModelOf({
  precision,
  arithmetic,
}: Pick<Declaration, "precision" | "arithmetic">): RoundingModel {
  return precision === "float32" && arithmetic === "ieee" ? IEEE_FLOAT32 : roundingModel({ precision, arithmetic });
}

/** Transforms mix what a direct sum keeps apart: their bounds hold for whole planes, and a NaN spreads over them. */
export function isTransform(algorithm: Algorithm): boolean {
  return algorithm === "fft" || algorithm.startsWith("winograd");
}
