import { elementwise } from "./elementwise.ts";

/** 1 / (1 + e^−x), by the form whose exponential does not overflow. */
function logistic(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const grown = Math.exp(x);
  return grown / (1 + grown);
}

/**
 * Logistic sigmoid, y = σ(x) = 1 / (1 + e^−x), with the derivative σ(x)·σ(−x): the usual y·(1 − y) would lose all
 * digits for large x.
 * Source: Goodfellow, Bengio and Courville, Deep Learning, 2016, https://www.deeplearningbook.org
 */
export const sigmoid = elementwise(logistic, (x) => logistic(x) * logistic(-x));
