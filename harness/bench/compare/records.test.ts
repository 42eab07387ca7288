import { expect, test } from "vitest";
import type { ComparisonEntry, RunRecord } from "../../../core/record.ts";
import { UsageError } from "../../../core/usage-error.ts";
import { compareRecords } from "./records.ts";
import { simulatedRun, type SimulatedRun } from "./testing/runs.ts";

const LAYERS = ["conv1", "conv2", "conv3", "conv4", "conv5"];
const OPTIONS = { threshold: 0.025, force: false };

function run(seed: string, changes: Partial<SimulatedRun> = {}): RunRecord {
  return simulatedRun({ seed, callMs: { mine: 2, control: 5 }, layers: LAYERS, rounds: 12, ...changes });
}

function verdicts(compared: readonly ComparisonEntry[]): readonly string[] {
  return compared.map(({ verdict }) => verdict);
}

test("the same code on a machine that is slower as a whole is the same", () => {
  const compared = compareRecords(run("then"), run("now", { machine: 1.4 }), OPTIONS);
  expect(verdicts(compared)).toEqual(LAYERS.map(() => "same"));
  for (const { method, ratio, confidence } of compared) {
    expect(method).toBe("anchor");
    expect(ratio).toBeCloseTo(1, 1.5);
    expect(confidence).toBeCloseTo(0.99, 12);
  }
});

test("slower code is found on a machine that is faster, and faster code on one that is slower", () => {
  const slower = run("now", { machine: 0.7, callMs: { mine: 2.2, control: 5 } });
  expect(verdicts(compareRecords(run("then"), slower, OPTIONS))).toEqual(LAYERS.map(() => "slower"));
  const faster = run("now", { machine: 1.4, callMs: { mine: 1.8, control: 5 } });
  expect(verdicts(compareRecords(run("then"), faster, OPTIONS))).toEqual(LAYERS.map(() => "faster"));
});

test("where the machine changed by layers no slowdown is claimed, and only timing side by side would tell", () => {
  const slower = run("now", { uneven: 0.08, callMs: { mine: 2.1, control: 5 } });
  for (const { verdict, reason, ratio, smallestChange } of compareRecords(run("then"), slower, OPTIONS)) {
    expect({ verdict, reason }).toEqual({
      verdict: "inconclusive",
      reason:
        "the machine changed unevenly between the runs, as the control benchmark shows: only --against, old code " +
        "timed beside new, would tell",
    });
    expect(ratio).not.toBeNull();
    expect(smallestChange).toBeGreaterThan(0.1);
  }
});

test("unchanged code is not called slower however the machine changed", () => {
  let alarms = 0;
  for (let i = 0; i < 60; i++) {
    const now = run(`now ${i}`, { machine: 1 + 0.3 * Math.sin(i), uneven: 0.02 * (i % 4) });
    alarms += verdicts(compareRecords(run(`then ${i}`), now, OPTIONS)).filter((verdict) => verdict === "slower").length;
  }
  // At most 5 % of the 60 pairs may have a cell outside its interval, which must also miss by the threshold.
  expect(alarms).toBeLessThanOrEqual(1);
});

function reasons(baseline: RunRecord, record: RunRecord): readonly (string | undefined)[] {
  const compared = compareRecords(baseline, record, OPTIONS);
  for (const { verdict, interval } of compared)
    expect({ verdict, interval }).toEqual({ verdict: "inconclusive", interval: null });
  return compared.map(({ reason }) => reason);
}

test("what cannot be compared says why", () => {
  const without = { ...run("then"), anchors: [] };
  expect(reasons(without, run("now"))[0]).toBe(
    "no control benchmark was timed in both runs: without one a slower machine looks like slower code",
  );
  const few = { layers: LAYERS.slice(0, 2) };
  expect(reasons(run("then", few), run("now", few))[0]).toMatch(
    /^the control benchmark was timed on fewer than 3 layers/,
  );
  expect(reasons(run("then", { rounds: 2 }), run("now"))[0]).toMatch(/^one of the runs has 2 rounds/);
  const other = compareRecords(run("then", few), run("now"), OPTIONS).find(({ layer }) => layer === "conv3");
  expect(other?.reason).toBe("the baseline has no such cell");
  const now = run("now");
  const failed = {
    ...now,
    timings: now.timings.map((entry) => ({ ...entry, status: "crashed" as const, reason: "exit 1" })),
  };
  expect(reasons(run("then"), failed)[0]).toBe("mine has no time: crashed, exit 1");
  expect(reasons(failed, now)[0]).toBe("in the baseline mine has no time: crashed, exit 1");
});

test("an implementation that both runs timed serves as the control benchmark, and is not compared with itself", () => {
  const callMs = { mine: 2, naive: 5 };
  const compared = compareRecords(run("then", { callMs }), run("now", { callMs, machine: 1.2 }), OPTIONS);
  expect(compared.find(({ impl }) => impl === "mine")?.verdict).toBe("same");
  expect(compared.find(({ impl }) => impl === "naive")?.reason).toBe(
    "it is the control benchmark through which the others are compared",
  );
});

test("records of different machines are refused, with what differs, unless forced", () => {
  const now = run("now");
  const elsewhere = {
    ...now,
    environment: {
      ...now.environment,
      cpu: "Another\u001b[2J",
      cores: 8,
      os: "linux 6.12.1 arm64",
      node: "22.1.0",
      memoryBytes: 2 ** 34,
    },
  };
  expect(() => compareRecords(run("then"), elsewhere, OPTIONS)).toThrow(
    new UsageError(
      "the record to compare with is of another machine: cpu A Processor there, Another\\u{1b}[2J here; " +
        "cores 2 there, 8 here; os linux x64 there, linux arm64 here; node 24 there, 22 here; " +
        "memory 8.0 GiB there, 16.0 GiB here; --force does it all the same",
    ),
  );
  expect(compareRecords(run("then"), elsewhere, { ...OPTIONS, force: true })).toHaveLength(LAYERS.length);
  const updated = { ...now, environment: { ...now.environment, os: "linux 6.1.0-40 x64", node: "24.30.1" } };
  expect(compareRecords(run("then"), updated, OPTIONS)).toHaveLength(LAYERS.length);
});

test("records with nothing in common are refused", () => {
  expect(() => compareRecords(run("then", { layers: ["fc6"] }), run("now"), OPTIONS)).toThrow("no cell in common");
});
