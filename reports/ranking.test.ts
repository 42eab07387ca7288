import { expect, test } from "vitest";
import { ranksOf, ratioText, unrankedText, verdictWords } from "./ranking.ts";
import { smallRecord, smallTiming } from "./testing/small-record.ts";
import { renderTerminal } from "./terminal.ts";
import { timingViews } from "./timing-view.ts";
import type { RunRecord } from "../core/record.ts";

/** Each implementation on one layer, with the half-width of its interval. */
function recordOf(times: Readonly<Record<string, readonly [medianMs: number, half: number | null]>>): RunRecord {
  const timings = Object.entries(times).map(([impl, [medianMs, half]]) =>
    smallTiming(impl, "conv1", "forward", {
      medianMs,
      ci95Ms: half === null ? null : [medianMs - half, medianMs + half],
    }),
  );
  const [model] = smallRecord().impls;
  const impls = model === undefined ? [] : Object.keys(times).map((name) => ({ ...model, name }));
  return smallRecord({ timings, impls });
}

const TIMES = { slow: [4, 0.2], fast: [1, 0.05], near: [1.04, 0.05] } as const;

test("the fastest first, overlapping intervals are a tie, ratios have an interval", () => {
  const [view] = timingViews(recordOf(TIMES));
  expect(ranksOf(view!).map((rank) => [rank.impl, ratioText(rank)])).toEqual([
    ["fast", "fastest"],
    ["near", "tied (1.04× ±10 %)"],
    ["slow", "4.00× ±11 %"],
  ]);
});

test("without an interval nothing is told apart, and nothing is called a tie", () => {
  const [view] = timingViews(recordOf({ a: [1, null], b: [1.01, null] }));
  expect(ranksOf(view!).map(({ standing }) => standing)).toEqual(["fastest", "unsure"]);
});

test("a bench of many ends in a ranked list and the answer; layers only where asked for", () => {
  const many = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`impl-${i}`, [1 + i, 0.1]] as const));
  const text = renderTerminal(recordOf(many), { columns: 100, colour: false });
  expect(text.split("\n").length).toBeLessThanOrEqual(40);
  expect(text).toMatch(/^ *1 {2}impl-0 +1\.00 +±10 % {2}fastest/m);
  expect(text).toContain("not listed: 28 slower (--layers says why)");
  expect(text).not.toMatch(/^layer /m);
  expect(renderTerminal(recordOf(many), { columns: 100, colour: false, layers: true })).toMatch(/^layer /m);
});

test("verdicts in words, known defects as a badge", () => {
  expect(verdictWords({ status: "passed" })).toBe("passes all checks");
  expect(verdictWords({ status: "passed", knownDefects: ["a", "b"] })).toBe("passes but for 2 known defects");
  expect(verdictWords({ status: "mistrusted" })).toBe("could not be checked");
});

test("what has no rank is counted by why", () => {
  const record = recordOf(TIMES);
  const timings = record.timings.map((timing) =>
    timing.impl === "slow" ? { ...timing, status: "unsupported" as const, medianMs: null } : timing,
  );
  const [view] = timingViews({ ...record, timings });
  expect(unrankedText(view!)).toBe("1 unsupported");
});
