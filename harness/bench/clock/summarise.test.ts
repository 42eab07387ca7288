import { expect, test } from "vitest";
import { parseDescriptor } from "../../../core/descriptor.ts";
import type { Algorithm } from "../../../core/plugin.ts";
import type { TimingEntry } from "../../../core/record.ts";
import type { Implementation } from "../../runner/discovery.ts";
import { Cell } from "./cell.ts";
import { NO_USAGE } from "./machine-usage.ts";
import { NO_SAMPLES, samplesOf, withObservation, type CellSamples, type Observation } from "./samples.ts";
import { summarise } from "./summarise.ts";

const { problem } = parseDescriptor("mb1ic64ih56oc64kh3ph1");
const implementation: Implementation = {
  name: "c",
  url: "file:///c.mjs",
  selector: "c",
  isNamed: true,
  description: { name: "c", algorithm: "direct", precision: "float32", arithmetic: "ieee", passes: ["forward"] },
};
const SUBJECT = {
  implementation,
  layer: { kind: "convolution", name: "layer", problem, multiplicity: 1 },
  pass: "forward",
  context: { suite: "s", threads: 1, seed: 1, cache: "hot", plausibleGflops: 200 },
} as const;

/** A batch of a round; `elapsedMs` is by the process's own clock. */
function batch(
  samplesMs: readonly number[],
  wallMs: number,
  elapsedMs = wallMs,
  second = 0,
): Extract<Observation, { kind: "batch" }> {
  const result = {
    firstCallMs: null,
    samplesMs,
    callsPerSample: 1,
    warmUpCalls: 0,
    loaded: { set: 0, change: null },
    checked: { set: 0, change: null },
    fresh: null,
    staysLoaded: false,
    loadMs: 0,
    deviceMs: null,
    elapsedMs,
  };
  const startedAt = `2026-01-01T00:00:0${second}Z`;
  return { kind: "batch", startedAt, result, wallMs, usage: NO_USAGE, calibrationMs: 1 };
}

const HELD: Observation = { kind: "held", margin: 0.5 };

function measured(observations: readonly Observation[], algorithm: Algorithm = "direct"): CellSamples {
  const planned: Observation = { kind: "planned", planMs: 0, workspaceBytes: null, algorithm };
  return [planned, ...observations].reduce(withObservation, NO_SAMPLES);
}

function entryOf(samples: CellSamples, subject: Parameters<typeof summarise>[0] = SUBJECT): TimingEntry {
  return summarise(subject, samples, 1);
}

test("a time without a checked output is not shown", () => {
  const entry = entryOf(measured([batch([1, 1, 1], 4)]));
  expect(entry).toMatchObject({ status: "mistrusted", medianMs: null, verified: false });
});

test("a time whose outputs were all held to bounds too wide to tell is not shown; one that tells is enough", () => {
  const [wide, telling] = [false, true].map((isTelling): Observation => ({ kind: "evidence", isTelling }));
  const held = [batch([2, 2, 2], 7), HELD, wide!];
  const entry = entryOf(measured([...held, wide!, HELD]));
  expect(entry).toMatchObject({ status: "mistrusted", medianMs: null, verified: false });
  expect(entry.reason).toMatch(/^bounds too wide to tell/);
  expect(entryOf(measured([...held, telling!, HELD]))).toMatchObject({ status: "passed", verified: true });
});

test("a checked time has a rate of two operations per multiply-add", () => {
  const entry = entryOf(measured([batch([2, 2, 2], 7), HELD]));
  // 64 · 64 · 9 · 56² multiply-adds in 2 ms.
  expect(entry).toMatchObject({ status: "passed", medianMs: 2, verified: true, margin: 0.5 });
  expect(entry.gflops).toBeCloseTo((2 * 64 * 64 * 9 * 56 ** 2) / 2e6, 6);
});

test("a clock that does not agree with the harness's voids the time", () => {
  for (const wrong of [batch([1, 1, 1], 1000, 4), batch([100, 100], 50, 210)])
    expect(entryOf(measured([wrong, HELD]))).toMatchObject({ status: "mistrusted", medianMs: null });
});

test("one batch whose answer came late does not count; as many as the others void the time", () => {
  const late = batch([9, 9], 1000, 20, 5);
  const good = batch([2, 2, 2], 7);
  expect(entryOf(measured([good, batch([2, 2], 5, 5, 3), late, HELD]))).toMatchObject({
    status: "passed",
    medianMs: 2,
  });
  const entry = entryOf(measured([good, late, HELD]));
  expect(entry).toMatchObject({ status: "mistrusted", reason: expect.stringContaining("20.0 ms") as unknown });
});

test("samples that do not come to what the batch took void the time", () => {
  const whole = batch([40, 40], 100, 100);
  const forged: Observation =
    whole.kind === "batch" ? { ...whole, result: { ...whole.result, samplesMs: [10, 10], besideMs: 20 } } : whole;
  expect(entryOf(measured([forged, HELD]))).toMatchObject({ status: "mistrusted", medianMs: null });
});

test("a rate above what the machine can do voids the time; a GPU's is held to another limit", () => {
  const samples = measured([batch([1, 1, 1], 4), HELD]);
  const entry = entryOf(samples);
  expect(entry).toMatchObject({ status: "mistrusted", medianMs: null });
  expect(entry.reason).toMatch(/22\d GFLOP\/s .* is above the 200 .* device: "gpu"/);
  const gpu = { ...implementation, description: { ...implementation.description, device: "gpu" as const } };
  expect(entryOf(samples, { ...SUBJECT, implementation: gpu })).toMatchObject({ status: "passed" });
});

test("a transform may be credited with more than it computes", () => {
  const statusOf = (algorithm: Algorithm): string =>
    entryOf(measured([batch([0.5, 0.5, 0.5], 2), HELD], algorithm)).status;
  // 462 GFLOP/s nominal, of which a transform of 56 × 56 pixels has to do a ninth.
  expect(statusOf("gemm")).toBe("mistrusted");
  expect(statusOf("winograd(4,3)")).toBe("passed");
  expect(statusOf("fft")).toBe("passed");
});

test("the samples of a round's batches are one launch, and each batch can be told", () => {
  const later = [batch([2.2, 2.3, 2.4], 7), batch([3, 3], 7, 7, 9)];
  expect(entryOf(measured([batch([2, 2.1], 5), ...later, HELD])).launches).toEqual([
    { startedAt: "2026-01-01T00:00:00Z", samplesMs: [2, 2.1, 2.2, 2.3, 2.4], turns: [2, 3] },
    { startedAt: "2026-01-01T00:00:09Z", samplesMs: [3, 3], turns: [2] },
  ]);
});

test("nine in ten samples of all rounds take at most the p90; the fast mode is the p10 of the fastest round", () => {
  const round = [10, 2, 3, 4, 5, 6, 7, 8, 9, 1, 11];
  const entry = entryOf(
    measured([
      batch(round, 70),
      batch(
        round.map((ms) => ms + 20),
        290,
        290,
        9,
      ),
      HELD,
    ]),
  );
  expect(entry.fastMs).toBe(2);
  expect(entry.p90Ms).toBeCloseTo(28.9, 9);
});

test("the first end counts, and what comes after a failure brings no time back", () => {
  const failure = { descriptor: "d", seed: 1, data: "real", message: "y[0] is wrong", rerun: "npm run verify" };
  const failed: Observation = { kind: "failed", failure, margin: 3 };
  const crashed: Observation = { kind: "ended", status: "crashed", reason: "exit 1" };
  const samples = measured([batch([2, 2], 5), failed, crashed, batch([2, 2], 5, 5, 9), HELD]);
  expect(samples.failure).toEqual(failure);
  expect(entryOf(samples)).toMatchObject({ status: "failed", reason: "y[0] is wrong", margin: 3, medianMs: null });
});

test("an interrupted cell goes on where it was", () => {
  const first = entryOf(measured([batch([2, 2.1], 5), { kind: "held", margin: 0.25 }]));
  const resumed = samplesOf(first);
  expect(entryOf(resumed)).toEqual({ ...first, flags: entryOf(resumed).flags });
  const planned: Observation = { kind: "planned", planMs: 0, workspaceBytes: null, algorithm: "direct" };
  const more = [planned, batch([3, 3], 7, 7, 9)].reduce(withObservation, resumed);
  expect(entryOf(more).launches).toHaveLength(2);
});

test("an unavailable implementation's cell says why and is never open", () => {
  const absent = { ...implementation, description: { ...implementation.description, unavailable: "no GPU" } };
  const cell = new Cell(absent, SUBJECT.layer, "forward", { ...SUBJECT.context, calibration: { bestMs: 1 } });
  expect(cell.isOpen).toBe(false);
  expect(cell.entry()).toMatchObject({ status: "unavailable", reason: "no GPU", medianMs: null });
});

test("a cell's entry is of all that was recorded, and of the best calibration loop of the run so far", () => {
  const calibration = { bestMs: 1 };
  const cell = new Cell(implementation, SUBJECT.layer, "forward", { ...SUBJECT.context, calibration });
  expect(cell.entry().reason).toBe("not timed: the run ended before");
  for (const observation of [batch([2, 2], 5), HELD]) cell.record(observation);
  const entry = cell.entry();
  expect(entry).toMatchObject({ status: "passed", flags: [] });
  expect(cell.entry()).toBe(entry);
  calibration.bestMs = 0.5;
  expect(cell.entry().flags?.map(({ kind }) => kind)).toEqual(["throttled"]);
});

const FRESH = { loadMs: 0.1, runMs: 2, readMs: 0.1, copyLoadMs: 0.1, copyReadMs: 0.1, repeatedMs: 2 };

function freshRound(round: Partial<typeof FRESH>): Observation {
  return { kind: "fresh", round: { ...FRESH, ...round } };
}

function withFresh(...rounds: readonly Partial<typeof FRESH>[]): TimingEntry {
  return entryOf(measured([batch([2, 2, 2], 7), ...rounds.map(freshRound), HELD]));
}

test("a fresh call that takes as long as the repeated one, but for the copying, is shown and changes nothing", () => {
  const entry = withFresh({}, { loadMs: 0.15 }, { runMs: 2.1 });
  expect(entry).toMatchObject({
    status: "passed",
    medianMs: 2,
    flags: [],
    freshCall: { freshMs: 2.05, repeatedMs: 2 },
  });
});

test("a fresh call that takes longer is the time, and the cell says where the time goes", () => {
  const entry = withFresh({ readMs: 0.7 }, { readMs: 0.7 }, { readMs: 0.7 });
  expect(entry).toMatchObject({ status: "passed", freshCall: { repeatedMs: 2 } });
  expect(entry.medianMs).toBeCloseTo(2.6, 9);
  expect(entry.minMs).toBeCloseTo(2.6, 9);
  expect(entry.launches[0]?.samplesMs[0]).toBeCloseTo(2.6, 9);
  expect(entry.flags?.map(({ kind }) => kind)).toEqual(["fresh-call"]);
  expect(entry.flags?.[0]?.message).toMatch(
    /takes 2\.6 ms, a repeated one 2 ms \(0\.6 ms more in read; 0\.2 ms of copying/,
  );
  const resumed = samplesOf(entry);
  expect(resumed.launches[0]?.samplesMs[0]).toBeCloseTo(2, 9);
  expect(entryOf(resumed).medianMs).toBeCloseTo(2.6, 9);
});

test("a fresh call that takes far longer voids the time, with both figures", () => {
  const entry = withFresh({ loadMs: 200 }, { loadMs: 210 }, { loadMs: 190 });
  expect(entry).toMatchObject({ status: "mistrusted", medianMs: null, freshCall: { loadMs: 200, repeatedMs: 2 } });
  expect(entry.reason).toMatch(/a call on new data takes 202 ms, a repeated one 2 ms \(200 ms more in load/);
});

test("a command's operands go through a pipe: its fresh time stands, with its flag", () => {
  const overPipe = { ...SUBJECT, implementation: { ...implementation, url: "cmd:python3 conv.py" } };
  const rounds = [{ loadMs: 20 }, { loadMs: 21 }, { loadMs: 19 }];
  const entry = entryOf(measured([batch([2, 2, 2], 7), ...rounds.map(freshRound), HELD]), overPipe);
  expect(entry).toMatchObject({ status: "passed", flags: [{ kind: "fresh-call" }] });
  expect(entry.medianMs).toBeGreaterThan(20);
  expect(entryOf(measured([batch([2, 2, 2], 7), ...rounds.map(freshRound), HELD])).status).toBe("mistrusted");
});

test("a command's samples are less the way there and back, and a resumed run has what was measured", () => {
  const command = { ...SUBJECT, implementation: { ...implementation, url: "cmd:python3 conv.py" } };
  const { result, ...observed } = batch([2, 2, 2.2], 7);
  const samples = measured([{ ...observed, result: { ...result, roundTripMs: 0.1 } }, HELD]);
  const entry = entryOf(samples, command);
  expect(entry).toMatchObject({ status: "passed", roundTripMs: 0.1 });
  expect(entry.medianMs).toBeCloseTo(1.9);
  expect(samplesOf(entry).launches[0]?.samplesMs).toEqual([2, 2, 2.2]);
  // No call becomes short by it, and no other plugin is believed.
  const slow = measured([{ ...observed, result: { ...result, roundTripMs: 50 } }, HELD]);
  expect(entryOf(slow, command).minMs).toBeCloseTo(1);
  expect(entryOf(samples).medianMs).toBe(2);
});

test("a slow moment of one round accuses nobody", () => {
  expect(withFresh({}, {}, { loadMs: 50, runMs: 9 })).toMatchObject({ status: "passed", flags: [] });
});
