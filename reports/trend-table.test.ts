import { expect, test } from "vitest";
import type { RunRecord } from "../core/record.ts";
import { smallRecord, smallTiming } from "./testing/small-record.ts";
import { renderTrends } from "./trend-table.ts";

const PLAIN = { columns: 100, colour: false } as const;

/** A run of one day of November in which `new` takes this long for its one layer. */
function runOf(day: number, medianMs: number, cpu = "A processor"): RunRecord {
  const { environment } = smallRecord();
  const startedAt = `2026-11-${day}T00:00:00.000Z`;
  const launches = [{ startedAt, samplesMs: [medianMs] }];
  return smallRecord({
    environment: { ...environment, startedAt, cpu },
    timings: [smallTiming("new", "conv1", "forward", { medianMs, ci95Ms: null, launches })],
  });
}

test("totals of the last run against those before, and the cells that changed", () => {
  const runs = [runOf(10, 1.01), runOf(11, 1), runOf(12, 0.99), runOf(13, 7, "Another processor"), runOf(14, 1.5)];
  const last = runOf(14, 1.5);
  expect(renderTrends(last, runs, PLAIN)).toBe(`history: net, forward, 1 thread, hot cache, batch 1

implementation  runs  lowest ms  median ms  last ms  change
new                4      0.990       1.00     1.50   +50 %

ms for all layers in 4 records from 2026-11-10T00:00:00.000Z to 2026-11-14T00:00:00.000Z; 1 record
of other machines kept apart; change: of the last against the median of those before
new conv1 is slower: +50 % against the median of 3 earlier runs, by medians; a run like them stays
within 5.1 %
`);
});

test("nothing without an earlier run on the machine", () => {
  const last = runOf(14, 1.5);
  expect(renderTrends(last, [last, runOf(13, 1, "Another processor")], PLAIN)).toBe("");
});
