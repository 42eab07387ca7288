import { describe, expect, test } from "vitest";
import { parseDescriptor } from "../harness/descriptor.ts";
import { PASSES, type Pass } from "../harness/problem.ts";
import { expectedOf, integerOperands, outputsOf } from "./testing/exact.ts";
import { SMALL_PROBLEMS } from "./testing/problems.ts";
import { kernelOf, type Operator } from "./tfjs/operators.ts";
import { tfjsWasm } from "./tfjs-wasm.ts";

/** conv3d_impl.h of tfjs-backend-wasm 4.22 is wrong in both 3-D gradients: see the last tests. */
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

/*
 * Defects of the library, each on its smallest problem; when a new version mends one, its test fails and the problem goes back to the list above.
 * 3-D input gradient: the last output along the depth is computed without the position, min(outDepth, floor(kernelDepth / strideDepth)).
 */
test("known defect: the 3-D input gradient reads the first kernelDepth outputs only", async () => {
  const { problem } = parseDescriptor("mb1ic1oc1id2ih1iw1kd1kh1kw1");
  const { dx: [first] = [] } = expectedOf(problem, "backwardData");
  expect(await outputsOf(tfjsWasm, problem, "backwardData")).toEqual({ dx: [first, 0] });
});

/* 3-D filter gradient: a bound that the JavaScript backend keeps as a fraction is rounded down, floor((in + pad − r) / stride). */
test("known defect: the 3-D filter gradient loses the last output where the stride does not divide the input", async () => {
  const { problem } = parseDescriptor("mb1ic1oc1id3ih1iw1kd1kh1kw1sd2sh1sw1");
  const { x, dy } = integerOperands(problem, "backwardWeights");
  const { dBias } = expectedOf(problem, "backwardWeights");
  expect(await outputsOf(tfjsWasm, problem, "backwardWeights")).toEqual({ dWeights: [x![0]! * dy![0]!], dBias });
});
