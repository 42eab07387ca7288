import { expect, test } from "vitest";
import { parseDescriptor } from "../descriptor.ts";
import type { Contender } from "../discovery.ts";
import { Cell } from "./cell.ts";

const { problem } = parseDescriptor("mb1ic64ih56oc64kh3ph1");
const layer = { name: "layer", problem, multiplicity: 1 };
const contender: Contender = {
  name: "c",
  url: "file:///c.mjs",
  selector: "c",
  isNamed: true,
  description: { name: "c", algorithm: "direct", precision: "float32", arithmetic: "ieee", passes: ["forward"] },
};

function cellWith(samplesMs: readonly number[], wallMs: number, elapsedMs = wallMs): Cell {
  const cell = new Cell(contender, layer, "forward", { suite: "s", threads: 1, seed: 1 });
  cell.planned(0, null);
  cell.sampled(
    "2026-01-01T00:00:00Z",
    { firstCallMs: null, samplesMs, callsPerSample: 1, warmUpCalls: 0, lastSet: 0, loadMs: 0, elapsedMs },
    wallMs,
  );
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

test("a rate that no machine has voids the time", () => {
  const cell = cellWith([1e-5, 1e-5, 1e-5], 1);
  cell.held(0);
  expect(cell.entry()).toMatchObject({ status: "mistrusted", medianMs: null });
});

test("an unavailable contender's cell says why and is never open", () => {
  const absent = { ...contender, description: { ...contender.description, unavailable: "no GPU" } };
  const cell = new Cell(absent, layer, "forward", { suite: "s", threads: 1, seed: 1 });
  expect(cell.isOpen).toBe(false);
  expect(cell.entry()).toMatchObject({ status: "unavailable", reason: "no GPU", medianMs: null });
});
