import { expect, test } from "vitest";
import type { Ceilings } from "../../core/record.ts";
import { exampleRecord } from "../../core/testing/example-record.ts";
import { findSuite } from "../../suites/index.ts";
import type { BenchOptions } from "./clock/options.ts";
import { FULL, gateShape, QUICK, type RunShape } from "./clock/run-shape.ts";
import { contention, estimatedSeconds } from "./duration.ts";

const [ceilings] = exampleRecord().ceilings ?? [];

/** The estimate for a machine whose WebAssembly does 45 GFLOP/s. */
function secondsOf(
  names: readonly string[],
  shape: RunShape,
  more: Partial<BenchOptions> & { compared?: boolean } = {},
) {
  const { compared = false, ...options } = more;
  const machine: readonly Ceilings[] = ceilings === undefined ? [] : [{ ...ceilings, wasmGflops: 45 }];
  const asked: BenchOptions = {
    suite: "alexnet",
    layers: findSuite("alexnet")?.layers ?? [],
    passes: ["forward"],
    threads: [1],
    seed: 1,
    cache: "hot",
    ceilings: machine,
    earlier: [],
    ...shape,
    ...options,
  };
  return estimatedSeconds(
    asked,
    names.map((name) => ({ name, toTheEnd: compared })),
    machine,
  );
}

test("the estimate follows the schedule: rounds, long calls, passes, threads, what is compared", () => {
  const quick = secondsOf(["onnxruntime"], QUICK);
  expect(secondsOf(["onnxruntime"], FULL)).toBeGreaterThan(1.5 * quick);
  expect(secondsOf(["onnxruntime"], gateShape(), { compared: true })).toBeGreaterThan(4 * quick);
  expect(secondsOf(["onnxruntime"], QUICK, { threads: [1, 2] })).toBeCloseTo(2 * quick, 5);
  expect(secondsOf(["onnxruntime", "onnxruntime"], QUICK)).toBeLessThan(2 * quick);
  // A slow one takes part in one round, whose calls are long: it costs more, and not a hundred times as much.
  const slow = secondsOf(["naive"], QUICK);
  expect(slow).toBeGreaterThan(3 * quick);
  expect(slow).toBeLessThan(30 * quick);
});

test("a thread takes at least as long beside others as alone", () => {
  expect(contention()).toBeGreaterThanOrEqual(1);
});
