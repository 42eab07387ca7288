/** How much a probe may ask at once, and at all. */
import type { Box } from "./box.ts";

/** Weights of the questions that are held at once. */
const MOST_WEIGHTS = 2 ** 22;

/** As many questions as fit, a whole number of calls. */
export function mostAtOnce({ questions, products }: Box): number {
  const calls = Math.max(1, Math.floor(MOST_WEIGHTS / (products * questions)));
  return calls * questions;
}
