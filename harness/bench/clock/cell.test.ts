import { expect, test } from "vitest";
import { parseDescriptor } from "../../../core/descriptor.ts";
import type { Implementation } from "../../runner/discovery.ts";
import type { SampleResult } from "../../runner/messages.ts";
import type { Algorithm } from "../../../core/plugin.ts";
import { Cell } from "./cell.ts";

const { problem } = parseDescriptor("mb1ic64ih56oc64kh3ph1");
const layer = { name: "layer", problem, multiplicity: 1 };
const implementation: Implementation = {
  name: "c",
  url: "file:///c.mjs",
  selector: "c",
  isNamed: true,
  description: { name: "c", algorithm: "direct", precision: "float32", arithmetic: "ieee", passes: ["forward"] },
};

const CONTEXT = {
  suite: "s",
  threads: 1,
  seed: 1,
  cache: "hot",
  plausibleGflops: 200,
  bestSpinMs: () => 1,
} as const;

function slice(samplesMs: readonly number[], elapsedMs: number): SampleResult {
  return {
    firstCallMs: null,
    samplesMs,
    callsPerSample: 1,
    warmUpCalls: 0,
    lastSet: 0,
    endsTurned: false,
    staysLoaded: false,
    loadMs: 0,
    deviceMs: null,
    elapsedMs,
  };
}

function cellWith(
  samplesMs: readonly number[],
  wallMs: number,
  elapsedMs = wallMs,
  changes: { readonly implementation?: Implementation; readonly algorithm?: Algorithm } = {},
): Cell {
  const cell = new Cell(changes.implementation ?? implementation, layer, "forward", CONTEXT);
  cell.planned(0, null, changes.algorithm ?? "direct");
  cell.sampled("2026-01-01T00:00:00Z", slice(samplesMs, elapsedMs), wallMs);
  return cell;
}

test("a time without a judged output is not shown", () => {
  expect(cellWith([1, 1, 1], 4).entry()).toMatchObject({ status: "mistrusted", medianMs: null, verified: false });
});

test("a judged time has a rate of two operations per multiply-add", () => {
  const cell = cellWith([2, 2, 2], 7);
  cell.held(0.5);
  // 64 · 64 · 9 · 56² multiply-adds in 2 ms.
  expect(cell.entry()).toMatchObject({ status: "passed", medianMs: 2, verified: true, margin: 0.5 });
  expect(cell.entry().gflops).toBeCloseTo((2 * 64 * 64 * 9 * 56 ** 2) / 2e6, 6);
});

test("a clock that does not agree with the harness's voids the time", () => {
  const slow = cellWith([1, 1, 1], 1000, 4);
  slow.held(0);
  expect(slow.entry()).toMatchObject({ status: "mistrusted", medianMs: null });
  const fast = cellWith([100, 100], 50, 210);
  fast.held(0);
  expect(fast.entry()).toMatchObject({ status: "mistrusted", medianMs: null });
});

test("a rate above what the machine can do voids the time; a GPU's is held to another limit", () => {
  const tooFast = [1, 1, 1];
  const cell = cellWith(tooFast, 4);
  cell.held(0);
  expect(cell.entry()).toMatchObject({ status: "mistrusted", medianMs: null });
  expect(cell.entry().reason).toMatch(/22\d GFLOP\/s .* is above the 200 .* device: "gpu"/);
  const gpu = { ...implementation, description: { ...implementation.description, device: "gpu" as const } };
  const onGpu = cellWith(tooFast, 4, 4, { implementation: gpu });
  onGpu.held(0);
  expect(onGpu.entry()).toMatchObject({ status: "passed" });
});

test("a transform may be credited with more than it computes", () => {
  const statusOf = (algorithm: Algorithm): string => {
    const cell = cellWith([0.5, 0.5, 0.5], 2, 2, { algorithm });
    cell.held(0);
    return cell.entry().status;
  };
  // 462 GFLOP/s nominal, of which a transform of 56 × 56 pixels has to do a ninth.
  expect(statusOf("gemm")).toBe("mistrusted");
  expect(statusOf("winograd(4,3)")).toBe("passed");
  expect(statusOf("fft")).toBe("passed");
});

test("the samples of a round's turns are one launch, and each turn can be told", () => {
  const cell = cellWith([2, 2.1], 5);
  cell.sampled("2026-01-01T00:00:00Z", slice([2.2, 2.3, 2.4], 7), 7);
  cell.sampled("2026-01-01T00:00:09Z", slice([3, 3], 7), 7);
  cell.held(0);
  expect(cell.entry().launches).toEqual([
    { startedAt: "2026-01-01T00:00:00Z", samplesMs: [2, 2.1, 2.2, 2.3, 2.4], turns: [2, 3] },
    { startedAt: "2026-01-01T00:00:09Z", samplesMs: [3, 3], turns: [2] },
  ]);
});

test("an interrupted cell goes on where it was", () => {
  const first = cellWith([2, 2.1], 5);
  first.held(0.25);
  const second = new Cell(implementation, layer, "forward", CONTEXT);
  second.goOnFrom(first.entry());
  expect(second.rounds).toBe(1);
  expect(second.entry()).toEqual({ ...first.entry(), flags: second.entry().flags });
  second.planned(0, null, "direct");
  second.sampled("2026-01-01T00:00:09Z", slice([3, 3], 7), 7);
  expect(second.entry().launches).toHaveLength(2);
});

test("an unavailable implementation's cell says why and is never open", () => {
  const absent = { ...implementation, description: { ...implementation.description, unavailable: "no GPU" } };
  const cell = new Cell(absent, layer, "forward", CONTEXT);
  expect(cell.isOpen).toBe(false);
  expect(cell.entry()).toMatchObject({ status: "unavailable", reason: "no GPU", medianMs: null });
});
