import type { Cell } from "./cell.ts";
import type { BenchOptions } from "./options.ts";
import { countedOperations } from "./work.ts";

/** A call is begun if it takes at most this many times the samples' time of a cell, or this long. */
const MOST_CELL_TIMES = 5;
const MOST_MS = 10_000;

/**
 * About how long a cell's call takes, at the best rate that its implementation showed on another layer in the pass;
 * undefined where it showed none or there is no count of operations.
 */
export function expectedCallMs(cell: Cell, all: readonly Cell[]): number | undefined {
  const operations = countedOperations(cell.layer);
  const rates = all.flatMap(({ implementation, pass, context, layer, callMs }) => {
    const isOther =
      implementation !== cell.implementation || pass !== cell.pass || context.threads !== cell.context.threads;
    const own = countedOperations(layer);
    return isOther || callMs === 0 || own === null ? [] : [own / callMs];
  });
  return operations === null || rates.length === 0 ? undefined : operations / Math.max(...rates);
}

/** Ends a cell that has no time yet and whose first call would hold up the run. */
export function leaveOutIfTooSlow(cell: Cell, all: readonly Cell[], { cellMs }: Pick<BenchOptions, "cellMs">): void {
  if (cell.rounds > 0) return;
  const callMs = expectedCallMs(cell, all);
  if (callMs === undefined || callMs <= Math.max(MOST_MS, MOST_CELL_TIMES * cellMs)) return;
  const seconds = Math.ceil(callMs / MOST_CELL_TIMES / 1000);
  const time = `${(callMs / 1000).toFixed(0)} s`;
  cell.record({
    kind: "ended",
    status: "unsupported",
    reason: `not begun: a call would take about ${time}, by its rate on other layers; --time ${seconds} takes it`,
  });
}
