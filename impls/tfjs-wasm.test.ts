import type { Tensor } from "@tensorflow/tfjs";
import { describe, expect, test } from "vitest";
import { PASSES, type Pass } from "../core/problem.ts";
import { expectedOf, outputsOf } from "./testing/exact.ts";
import { SMALL_PROBLEMS } from "./testing/problems.ts";
import { kernelOf, type Operator } from "./tfjs/operators.ts";
import { tfjsWasm } from "./tfjs-wasm.ts";

/** The backend is wrong in both 3-D gradients: see suites/expected-failures/tfjs-wasm-conv3d.ts. */
const DEFECTIVE: Readonly<Record<Pass, readonly string[]>> = {
  forward: [],
  backwardData: ["3-D, uneven padding", "3-D, strided"],
  backwardWeights: ["3-D, strided"],
};

describe.each(PASSES)("%s", (pass) => {
  const problems = Object.entries(SMALL_PROBLEMS).filter(([name]) => !DEFECTIVE[pass].includes(name));
  test.each(problems)("is exact on integers or says why not: %s", async (_, problem) => {
    expect(await outputsOf(tfjsWasm, problem, pass)).toEqual(
      tfjsWasm.unsupported?.(problem, pass) ?? expectedOf(problem, pass),
    );
  });
});

test("the kernels that it says it lacks are those that the backend lacks", async () => {
  const tf = await import("@tensorflow/tfjs");
  await import("@tensorflow/tfjs-backend-wasm");
  const has = new Set(tf.getKernelsForBackend("wasm").map(({ kernelName }) => kernelName));
  const operators: readonly Operator[] = ["matMul", "conv2d", "depthwiseConv2d", "conv3d"];
  const used = operators.flatMap((operator) => PASSES.map((pass) => kernelOf(operator, pass)));
  expect([...new Set(used)].filter((kernel) => !has.has(kernel)).toSorted()).toEqual([
    "Conv2DBackpropFilter",
    "DepthwiseConv2dNativeBackpropFilter",
    "DepthwiseConv2dNativeBackpropInput",
  ]);
});

test("what the backend has no kernel for is unsupported, a fully connected layer is not", () => {
  const reason = (name: string, pass: Pass): string | undefined => tfjsWasm.unsupported?.(SMALL_PROBLEMS[name]!, pass);
  expect(reason("plain 2-D", "backwardWeights")).toBe("the backend has no kernel Conv2DBackpropFilter");
  expect(reason("depthwise", "backwardData")).toBe("the backend has no kernel DepthwiseConv2dNativeBackpropInput");
  expect(reason("fully connected", "backwardWeights")).toBeUndefined();
});

test("the backend's max pooling is still wrong where a window has nothing above 0", async () => {
  const tf = await import("@tensorflow/tfjs");
  await tf.setBackend("wasm");
  const x = tf.tensor1d([3, 2, -1, -5]);
  const pool = (row: Tensor): Tensor => tf.maxPool(row.as4D(1, 1, 4, 1), [1, 2], [1, 2], "valid").as1D();
  expect(Array.from(tf.grad(pool)(x).dataSync())).not.toEqual([1, 0, 1, 0]);
  const volume = tf.maxPool3d(x.as5D(1, 1, 1, 4, 1), [1, 1, 2], [1, 1, 2], "valid");
  expect(Array.from(volume.dataSync())).not.toEqual([3, -1]);
});
