import type { BenchOptions } from "./options.ts";

/** How much is sampled per cell, and how it is spread over a run. */
export type RunShape = Pick<BenchOptions, "cellMs" | "leastRounds" | "mostRounds" | "repetitions">;

/** Rounds see the differences between processes, and spread a disturbance over all implementations. */
export const FULL: RunShape = { cellMs: 500, leastRounds: 4, mostRounds: 5, repetitions: 1 };
export const QUICK: RunShape = { cellMs: 200, leastRounds: 2, mostRounds: 2, repetitions: 1 };

const GATE_MS = 2000;
const GATE_ROUNDS = 16;
const GATE_REPETITIONS = 8;
/**
 * A short batch lets both implementations meet the same moment of the machine; a much shorter one is mostly warm-up.
 */
const GATE_BATCH_MS = 25;

/** A gate needs rounds and interleaved batches more than samples: docs/comparison.md. More time is spent on both. */
export function gateShape(cellMs = GATE_MS): RunShape {
  const rounds = Math.round(GATE_ROUNDS * Math.max(1, Math.cbrt(cellMs / GATE_MS)));
  const repetitions = Math.max(GATE_REPETITIONS, Math.round(cellMs / rounds / GATE_BATCH_MS));
  return { cellMs, leastRounds: rounds, mostRounds: rounds, repetitions };
}
