import { expect, test } from "vitest";
import onnxruntimeWebGpu from "../../../impls/onnxruntime-webgpu.ts";
import tfjsWebGpu from "../../../impls/tfjs-webgpu.ts";
import { layerMargin } from "../testing/layer-cases.ts";

test("onnxruntime-webgpu's layers are right, or say why not", { timeout: 60_000 }, async ({ skip }) => {
  const unavailable = await onnxruntimeWebGpu.unavailable?.();
  if (unavailable !== undefined) skip(unavailable);
  expect(await layerMargin(onnxruntimeWebGpu, "max pooling", "forward")).toBe(0);
  const padded = "max pooling, a window in the padding left out";
  expect(await layerMargin(onnxruntimeWebGpu, padded, "forward")).toContain("keeps a last window");
});

test("tfjs-webgpu's layers are right, in their gradients too", { timeout: 60_000 }, async ({ skip }) => {
  const unavailable = await tfjsWebGpu.unavailable?.();
  if (unavailable !== undefined) skip(unavailable);
  expect(await layerMargin(tfjsWebGpu, "max pooling", "backwardData")).toBeLessThanOrEqual(1);
});
