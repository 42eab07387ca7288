import type { Cell } from "./cell.ts";
import { batchMs, type BenchOptions } from "./options.ts";

/** Planning, moving operands and checking may take this many times as long as the samples, in all rounds together. */
const MOST_OVERHEAD = 2;
/**
 * One round may fall into a slow mode of the machine; of three the median is mostly outside of it, and they have an
 * interval.
 */
const ROUNDS_FOR_AN_INTERVAL = 3;
/**
 * A request may take this many times the samples' time of a cell, and at least 20 s: one call of a slow implementation
 * on a large layer.
 */
const REQUEST_LIMIT_FACTOR = 30;
const LEAST_REQUEST_LIMIT_MS = 20_000;

/**
 * Whether a cell takes part in a round. All take part in the first. A cell whose calls are long, or whose operands are
 * large, takes part in as many more as its time allows; one whose interval is narrow stops after the least number,
 * unless `toTheEnd`: rounds that stop when a comparison looks decided would find changes where there are none. What is
 * compared is given the planning and moving that it takes.
 */
export function isDue(
  cell: Pick<Cell, "isOpen" | "rounds" | "callMs" | "overheadMs" | "isNarrow"> & Partial<Pick<Cell, "layer">>,
  round: number,
  options: BenchOptions,
  toTheEnd: boolean,
): boolean {
  if (!cell.isOpen || cell.rounds > round) return false;
  if (round === 0) return true;
  // A whole model's load is long beside its calls, and one round says nothing of how sure its time is.
  if (cell.layer?.kind === "model") {
    if (round < ROUNDS_FOR_AN_INTERVAL) return true;
    return callsFit(cell, round, options) && (toTheEnd || round < options.leastRounds || !cell.isNarrow);
  }
  if (toTheEnd) return callsFit(cell, round, options);
  return hasTimeFor(cell, round, options) && (round < options.leastRounds || !cell.isNarrow);
}

/** Whether another round of the cell fits into its time. */
export function hasTimeFor(cell: Pick<Cell, "callMs" | "overheadMs">, round: number, options: BenchOptions): boolean {
  return callsFit(cell, round, options) && overheadFits((round + 1) * cell.overheadMs, options);
}

/** Two calls a round at least; where they fit once, three rounds, though they take longer than the cell's time. */
function callsFit({ callMs }: Pick<Cell, "callMs">, round: number, { cellMs }: BenchOptions): boolean {
  const callsMs = 2 * callMs;
  return (round + 1) * callsMs <= cellMs || (round < ROUNDS_FOR_AN_INTERVAL && callsMs <= cellMs);
}

/**
 * Whether a cell has a batch in a repetition of a round: calls longer than a batch take part in as many repetitions as
 * fit the round's share of the cell's time.
 */
export function takesPart({ callMs }: Pick<Cell, "callMs">, repetition: number, options: BenchOptions): boolean {
  return repetition * Math.max(callMs, batchMs(options)) < options.repetitions * batchMs(options);
}

/** Whether this much planning, moving and checking is in proportion to the samples' time. */
export function overheadFits(overheadMs: number, { cellMs }: BenchOptions): boolean {
  return overheadMs <= MOST_OVERHEAD * cellMs;
}

/** How long one request to an implementation may take. */
export function requestLimitMs({ cellMs }: BenchOptions): number {
  return Math.max(LEAST_REQUEST_LIMIT_MS, REQUEST_LIMIT_FACTOR * cellMs);
}
