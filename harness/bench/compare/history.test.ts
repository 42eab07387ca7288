import { expect, test } from "vitest";
import type { RunRecord } from "../../../core/record.ts";
import { history } from "./history.ts";
import { simulatedRun, type SimulatedRun } from "./testing/runs.ts";

function day(number: number, changes: Partial<SimulatedRun> = {}): RunRecord {
  return simulatedRun({
    seed: `day ${number}`,
    callMs: { mine: 2, control: 5 },
    layers: ["conv1"],
    rounds: 5,
    machine: 1 + 0.2 * Math.sin(number),
    startedAt: `2026-01-0${number}T00:00:00.000Z`,
    ...changes,
  });
}

const OPTIONS = { threshold: 0.025 };

test("a cell's runs are in order of time whatever that of the files, relative to the control benchmark", () => {
  const [series, ...others] = history([day(3), day(1), day(2), day(4)], OPTIONS);
  expect(others).toEqual([]);
  expect(series).toMatchObject({
    impl: "mine",
    layer: "conv1",
    machine: "cpu A Processor, cores 2, os linux x64, node 24",
  });
  expect(series?.points.map(({ startedAt }) => startedAt.slice(0, 10))).toEqual(
    [1, 2, 3, 4].map((number) => `2026-01-0${number}`),
  );
  for (const { perControl } of series?.points ?? []) expect(perControl).toBeCloseTo(0.4, 2);
  expect(series?.change.verdict).toBe("same");
  const change = /^[+−]\d\.\d % against the median of 3 earlier runs, relative to the control benchmark/;
  expect(series?.change.note).toMatch(change);
  expect(series?.change.note).toMatch(/; a run like them stays within \d\.\d %$/);
});

test("a last run outside what the earlier ones differ by is a change", () => {
  const before = [day(1), day(2), day(3), day(4)];
  const slower = history([...before, day(5, { callMs: { mine: 2.2, control: 5 } })], OPTIONS)[0];
  expect(slower?.change).toMatchObject({ verdict: "slower" });
  expect(slower?.change.ratio).toBeCloseTo(1.1, 1);
  expect(history([...before, day(5, { callMs: { mine: 1.8, control: 5 } })], OPTIONS)[0]?.change.verdict).toBe(
    "faster",
  );
});

test("without a control benchmark the machine's own changes are the spread, and hide a change of 10 %", () => {
  const bare = [1, 2, 3, 4].map((number) => ({ ...day(number), anchors: [] }));
  const last = { ...day(5, { callMs: { mine: 2.2 }, machine: 1 }), anchors: [] };
  const [series] = history([...bare, last], OPTIONS);
  expect(series?.change.verdict).toBe("inconclusive");
  expect(series?.change.note).toContain("by medians");
  expect(series?.points[0]?.perControl).toBeNull();
});

test("too few runs say so, and machines are kept apart", () => {
  expect(history([day(1)], OPTIONS)[0]?.change).toEqual({
    verdict: "inconclusive",
    ratio: null,
    expectedWithin: null,
    note: "the only run of this cell on this machine",
  });
  const elsewhere = { ...day(2), environment: { ...day(2).environment, cpu: "Another" } };
  expect(
    history([day(1), elsewhere, day(3)], OPTIONS).map(({ machine, points }) => [machine.slice(0, 9), points.length]),
  ).toEqual([
    ["cpu A Pro", 2],
    ["cpu Anoth", 1],
  ]);
  expect(history([day(1), day(3)], OPTIONS)[0]?.change.note).toContain("3 earlier runs would show");
  expect(history([], OPTIONS)).toEqual([]);
});

test("a void time is no point", () => {
  const last = day(4);
  const failed = { ...last, timings: last.timings.map((entry) => ({ ...entry, status: "failed" as const })) };
  expect(history([day(1), failed], OPTIONS)[0]?.points).toHaveLength(1);
});
