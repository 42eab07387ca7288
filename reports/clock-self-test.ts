import { median } from "../harness/bench/clock/statistics.ts";
import { clopperPearson } from "../harness/bench/compare/distributions.ts";
import type { ClockRun } from "../harness/bench/clock/self-test/run.ts";
import type { TimingEntry } from "../core/record.ts";
import { significant } from "./format.ts";
import { joined, layOut } from "./text-table.ts";

/** A share of trials with its exact 95 % interval: `3 of 160, 1.9 % (0.4 to 5.4 %)`. */
export function shareText(hits: number, trials: number): string {
  if (trials === 0) return "none tried";
  const [low, high] = clopperPearson(hits, trials);
  return `${hits} of ${trials}, ${percent(hits / trials)} (${percent(low)} to ${percent(high)})`;
}

/** False alarms, detections, and the spread of repeated runs, of the clock's self-test. */
export function renderClockSelfTest(runs: readonly ClockRun[], threshold: number): string {
  const same = cellsOf(runs, 0);
  const slower = same.filter(({ verdict }) => verdict === "slower").length;
  const faster = same.filter(({ verdict }) => verdict === "faster").length;
  const closed = runs.filter(({ comparisons }) =>
    comparisons.some(({ slowdown, verdict }) => slowdown === 0 && verdict === "slower"),
  ).length;
  const rows = [
    ["unchanged, runs that would exit 3", shareText(closed, runs.length)],
    ["unchanged, cells called slower", shareText(slower, same.length)],
    ["unchanged, cells called faster", shareText(faster, same.length)],
    [
      "unchanged, cells called the same",
      shareText(same.filter(({ verdict }) => verdict === "same").length, same.length),
    ],
    ...[0.05, 0.1].map((slowdown) => {
      const cells = cellsOf(runs, slowdown);
      const called = cells.filter(({ verdict }) => verdict === "slower").length;
      return [`${percent(slowdown)} slower, cells called slower`, shareText(called, cells.length)];
    }),
  ];
  return joined([
    `threshold ${percent(threshold)}; shares with their exact 95 % interval (Clopper and Pearson)`,
    ...layOut(rows, ["left", "left"]),
    "",
    ...layOut(cellRows(runs), ["left", "right", "right", "right", "right", "right", "right", "right"]),
    "",
    "spread: (highest − lowest) ÷ median over the runs; ratio: median over the runs of what was found, beside " +
      "what was planted;",
    "could see: the smallest change that the middle run's noise would have let through",
  ]);
}

function cellsOf(runs: readonly ClockRun[], slowdown: number): ClockRun["comparisons"] {
  return runs.flatMap(({ comparisons }) => comparisons.filter((entry) => entry.slowdown === slowdown));
}

/** One row a layer: its time, how much it spreads between runs, and what the ratios were. */
function cellRows(runs: readonly ClockRun[]): string[][] {
  const layers = [...new Set(runs.flatMap(({ timings }) => timings.map(({ layer }) => layer)))];
  const header = ["layer", "median ms", "spread", "fast ms", "spread", "ratio +0 %", "+5 %", "+10 %", "could see"];
  return [
    header,
    ...layers.map((layer) => {
      const steady = runs.flatMap(({ timings }) =>
        timings.filter((entry) => entry.layer === layer && entry.impl === "steady"),
      );
      const ratios = [0, 0.05, 0.1].map((slowdown) => {
        const own = cellsOf(runs, slowdown).filter((entry) => entry.layer === layer);
        return median(own.flatMap(({ ratio }) => (ratio === null ? [] : [ratio]))).toFixed(3);
      });
      const seen = cellsOf(runs, 0).filter((entry) => entry.layer === layer);
      return [
        layer,
        ...spreadOf(steady, ({ medianMs }) => medianMs),
        ...spreadOf(steady, ({ fastMs }) => fastMs ?? null),
        ...ratios,
        percent(median(seen.flatMap(({ smallestChange }) => (smallestChange === null ? [] : [smallestChange])))),
      ];
    }),
  ];
}

function spreadOf(entries: readonly TimingEntry[], of: (entry: TimingEntry) => number | null): [string, string] {
  const values = entries.flatMap((entry) => of(entry) ?? []);
  const centre = median(values);
  return [significant(centre), percent((Math.max(...values) - Math.min(...values)) / centre)];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
