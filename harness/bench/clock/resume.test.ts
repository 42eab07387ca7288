import { expect, test } from "vitest";
import { ENVIRONMENT, simulatedRun } from "../compare/testing/runs.ts";
import { timing } from "../compare/testing/noise.ts";
import { parseDescriptor, printDescriptor } from "../../../core/descriptor.ts";
import type { RunRecord, TimingEntry } from "../../../core/record.ts";
import { UsageError } from "../../../core/usage-error.ts";
import { isFinished, resumedCells, type Resumption } from "./resume.ts";

const { problem } = parseDescriptor("ic1ih1oc1kh1");
const CALL: Resumption = {
  call: {
    suite: "s",
    layers: ["conv1", "conv2"].map((name) => ({ name, problem, multiplicity: 1 })),
    passes: ["forward"],
    threads: [1],
    cache: "hot",
  },
  impls: ["mine", "other", "control"],
  environment: ENVIRONMENT,
  force: false,
};

function recordOf(timings: readonly TimingEntry[]): RunRecord {
  const run = simulatedRun({ seed: "a", callMs: { control: 5 }, layers: ["conv1"], rounds: 3 });
  const printed = (entry: TimingEntry): TimingEntry => ({ ...entry, problem: printDescriptor(problem) });
  return { ...run, timings: timings.map(printed), anchors: (run.anchors ?? []).map(printed) };
}

const timed = timing("mine", [{ startedAt: "2026-01-01T00:00:00Z", samplesMs: [1, 2] }], { layer: "conv1" });

test("verified samples and verdicts are kept; what the interruption left open is timed again", () => {
  const kept = resumedCells(
    recordOf([
      timed,
      { ...timed, layer: "conv2", status: "crashed", reason: "exit 1", launches: [], verified: false },
      { ...timed, impl: "other", status: "mistrusted", reason: "no output was judged", launches: [], verified: false },
      { ...timed, impl: "other", layer: "conv2", status: "unavailable", launches: [], verified: false },
    ]),
    CALL,
  );
  expect(kept.map(({ impl, layer, status }) => `${impl} ${layer} ${status}`)).toEqual([
    "mine conv1 passed",
    "mine conv2 crashed",
    "control conv1 passed",
  ]);
});

test("a cell is finished with enough rounds or with a verdict", () => {
  expect(isFinished(timed, { leastRounds: 1 })).toBe(true);
  expect(isFinished(timed, { leastRounds: 2 })).toBe(false);
  expect(isFinished({ ...timed, status: "failed", launches: [], verified: false }, { leastRounds: 2 })).toBe(true);
  expect(isFinished({ ...timed, verified: false }, { leastRounds: 1 })).toBe(false);
});

test.for<[string, Partial<TimingEntry>, string]>([
  ["suite", { suite: "vgg\u0007" }, "it timed the suite vgg\\u{7}, this call times s"],
  ["cache", { cache: "cold" }, "it timed with cold caches, this call with hot"],
  ["pass", { pass: "backwardData" }, "it timed backwardData, this call forward"],
  ["threads", { threads: 2 }, "it timed 2 threads, this call 1"],
  [
    "layer",
    { layer: "fc6" },
    "its layer fc6, g1mb2_ic1oc1_ih1oh1kh1sh1dh0ph0_iw1ow1kw1sw1dw0pw0, is not among those of this call (--layer, --mb)",
  ],
  ["implementation", { impl: "third" }, "it timed third, this call mine, other, control (--impl)"],
])("a record of another %s is refused", ([, changes, reason]) => {
  expect(() => resumedCells(recordOf([{ ...timed, ...changes }]), CALL)).toThrow(
    new UsageError(`the record to resume is of another call: ${reason}`),
  );
});

test("a record of another machine is refused unless forced, and one without timings always", () => {
  const elsewhere = { ...CALL, environment: { ...ENVIRONMENT, cores: 64 } };
  expect(() => resumedCells(recordOf([timed]), elsewhere)).toThrow("cores 2 there, 64 here");
  expect(resumedCells(recordOf([timed]), { ...elsewhere, force: true })).toHaveLength(2);
  expect(() => resumedCells(recordOf([]), CALL)).toThrow("only a record of bench can be resumed");
});
