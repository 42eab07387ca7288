import { expect, test } from "vitest";
import { readRecord } from "../../../core/record-file.ts";
import { OLD_RECORD } from "../../../core/testing/old-record.ts";
import { findNetwork } from "../../../suites/networks/index.ts";
import { endToEndOf, wholeNetwork } from "../../../suites/networks/whole-network.ts";
import type { TimedLayer } from "../../../suites/suite.ts";
import { findImplementations } from "../../runner/discovery.ts";
import { ENVIRONMENT, simulatedRun } from "../compare/testing/runs.ts";
import { timing } from "../compare/testing/noise.ts";
import { parseDescriptor, printDescriptor } from "../../../core/descriptor.ts";
import type { RunRecord, TimingEntry } from "../../../core/record.ts";
import { UsageError } from "../../../core/usage-error.ts";
import { isFinished, resumedCells, type Resumption } from "./resume.ts";
import { runRounds } from "./rounds.ts";

const { problem } = parseDescriptor("ic1ih1oc1kh1");
const CALL: Resumption = {
  call: {
    suite: "s",
    layers: ["conv1", "conv2"].map((name) => ({ kind: "convolution", name, problem, multiplicity: 1 })),
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
      { ...timed, impl: "other", status: "mistrusted", reason: "no output was checked", launches: [], verified: false },
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
    "its layer fc6, g1mb2_ic1oc1_ih1oh1kh1sh1dh0ph0_iw1ow1kw1sw1dw0pw0, is not among those of " +
      "this call (--layer, --mb)",
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

test("a record of version 0.1 is resumed: what it timed is not timed again, and nothing of it is lost", async () => {
  const record = readRecord(OLD_RECORD);
  const network = findNetwork("lenet5");
  if (network === undefined) throw new Error("no network");
  const timedLayers = new Set(record.timings.map(({ layer }) => layer));
  const isTimed = ({ name }: TimedLayer): boolean => timedLayers.has(name);
  const { layers, endToEnd } = wholeNetwork(network, 1);
  const call = {
    suite: "lenet5",
    layers: [...layers.filter(isTimed), endToEndOf(endToEnd, isTimed)],
    passes: ["forward" as const],
    threads: [1],
    cache: "hot" as const,
  };
  const names = ["naive", "tfjs-cpu", "im2col-gemm"];
  const environment = record.environment;
  const earlier = resumedCells(record, { call, impls: names, environment, force: false });
  expect(earlier).toEqual([...record.timings, ...(record.anchors ?? [])]);
  const [naive, tfjs, control] = await Promise.all(names.map(async (name) => (await findImplementations([name]))[0]));
  if (naive === undefined || tfjs === undefined || control === undefined) throw new Error("no implementation");
  const { cells, controls } = await runRounds(
    [naive, tfjs],
    { ...call, seed: 1, cellMs: 20, leastRounds: 1, mostRounds: 1, repetitions: 1, ceilings: [], earlier },
    { onCell: () => expect.unreachable("it is timed again"), onLayer: () => {} },
    new AbortController().signal,
    { compared: new Set(), control },
  );
  // Its samples are cut to four a round, so the estimates are not the kept ones.
  const facts = ({ impl, layer, kind, status, verified, launches, margin, layerOf }: TimingEntry) => {
    return { impl, layer, kind, status, verified, launches, margin, layerOf };
  };
  expect(cells.map((cell) => facts(cell.entry()))).toEqual(record.timings.map(facts));
  expect(controls.map((cell) => facts(cell.entry()))).toEqual(record.anchors?.map(facts));
});
