import type { Algorithm, Arithmetic, Precision } from "../../core/plugin.ts";

/** What an implementation is held to: the bound of its algorithm in its precision, and the special values that it answers for. */
export interface Contract {
  readonly algorithm: Algorithm;
  readonly precision: Precision;
  readonly arithmetic: Arithmetic;
}

/** Transforms mix what a direct sum keeps apart: their bounds hold for whole planes, and a NaN spreads over them. */
export function isTransform(algorithm: Algorithm): boolean {
  return algorithm === "fft" || algorithm.startsWith("winograd");
}
