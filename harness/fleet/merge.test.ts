import { describe, expect, it } from "vitest";
import type { CheckEntry, Failure, RunRecord } from "../../core/record.ts";
import { estimate, MEDIAN } from "../bench/clock/statistics.ts";
import { simulatedRun } from "../bench/compare/testing/runs.ts";
import { mergeByMachine, mergeRecords } from "./merge.ts";

const whole = simulatedRun({ seed: "a", callMs: { one: 1, two: 2, control: 1 }, layers: ["a", "b"], rounds: 4 });

/** A record of one round of another. */
function roundOf(record: RunRecord, round: number, machine?: string): RunRecord {
  const cut = (entries: RunRecord["timings"]) =>
    entries.map((entry) => ({ ...entry, launches: entry.launches.slice(round, round + 1), ci95Ms: null }));
  return {
    ...record,
    environment: { ...record.environment, ...(machine === undefined ? {} : { machine }) },
    timings: cut(record.timings),
    anchors: cut(record.anchors ?? []),
  };
}

const failure = (descriptor: string, seed: number): Failure => ({
  descriptor,
  seed,
  data: "real",
  message: `wrong on ${descriptor}`,
  rerun: "npm run verify",
});
const check = (more: Partial<CheckEntry>): RunRecord => ({
  ...whole,
  impls: [],
  timings: [],
  checks: [{ impl: "one", law: "agreement", pass: "forward", status: "passed", cases: 10, margin: 0.25, ...more }],
});

describe("mergeRecords", () => {
  it("has the medians of the whole run from its rounds apart, in any order", () => {
    const merged = mergeRecords([2, 0, 3, 1].map((round) => roundOf(whole, round)));
    for (const { impl, layer, launches } of whole.timings) {
      const found = merged.timings.find((entry) => entry.impl === impl && entry.layer === layer);
      const rounds = launches.map(({ samplesMs }) => samplesMs);
      expect(found?.medianMs).toBe(estimate(MEDIAN, rounds));
      expect(found?.launches).toEqual(launches);
    }
    expect(merged.timings).toHaveLength(whole.timings.length);
    expect(merged.timings.map(({ launches }) => launches.length)).toEqual([4, 4, 4, 4]);
  });

  it("gives a cell that failed in one round no time", () => {
    const [first, ...others] = [0, 1].map((round) => roundOf(whole, round));
    const bad = {
      ...others[0]!,
      timings: others[0]!.timings.map((entry) => ({ ...entry, status: "failed" as const })),
    };
    expect(mergeRecords([first!, bad]).timings.map(({ status }) => status)).toEqual(Array(4).fill("failed"));
  });

  it("never pools machines", () => {
    const records = ["x", "y", "z"].flatMap((machine) => [0, 1].map((round) => roundOf(whole, round, machine)));
    const merged = mergeByMachine(records);
    expect(merged.map(({ environment }) => environment.machine)).toEqual(["x", "y", "z"]);
    for (const record of merged) expect(record.timings.map(({ launches }) => launches.length)).toEqual([2, 2, 2, 2]);
  });

  it("adds cases up and keeps the worst margin and every distinct counterexample, smallest first", () => {
    const large = "mb1ic64ih9oc64oh9kh3ph1";
    const small = "mb1ic1ih3oc1oh3kh1ph0";
    const failed = (descriptor: string, seed: number) =>
      check({ status: "failed", margin: 3, failure: failure(descriptor, seed), reason: "x" });
    const { checks } = mergeRecords([check({}), failed(large, 2), failed(small, 9), failed(large, 1), check({})]);
    expect(checks).toMatchObject([
      {
        status: "failed",
        reason: `wrong on ${small}`,
        cases: 50,
        margin: 3,
        failure: { descriptor: small, seed: 9 },
        moreFailures: [{ descriptor: large, seed: 1 }],
      },
    ]);
  });
});
