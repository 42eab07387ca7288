import { defineImpl, type PlanImpl, type Tensors } from "../core/plugin.ts";
import { loadOnnxRuntimeWeb } from "./onnxruntime/load-web.ts";
import { onnxLayers } from "./onnxruntime/layers.ts";
import { plainGraph } from "./onnxruntime/plain-graph.ts";
import { planWebGraph } from "./onnxruntime/web.ts";
import { planModel } from "./onnxruntime/whole-model.ts";
import { cropsEverything } from "./support/axes.ts";
import { packageVersion } from "./support/library.ts";

const OPTIONS = { executionProviders: ["wasm"] } as const;

const onnxruntimeWeb: PlanImpl = defineImpl({
  ...packageVersion("onnxruntime-web"),
  name: "onnxruntime-web",
  description: "ONNX Runtime for the web, WebAssembly (SIMD, threads): Conv, ConvTranspose and Gemm as onnxruntime's",
  source: "https://github.com/microsoft/onnxruntime",
  algorithm: "gemm",
  async unavailable(): Promise<string | undefined> {
    try {
      await loadOnnxRuntimeWeb(1);
      return undefined;
    } catch (error) {
      return `onnxruntime-web cannot be loaded (npm install onnxruntime-web): ${String(error)}`;
    }
  },
  unsupported: cropsEverything,
  plan: async (problem, pass, { threads }) =>
    planWebGraph(
      await loadOnnxRuntimeWeb(threads),
      (operands: Tensors) => plainGraph(problem, pass, operands),
      OPTIONS,
    ),
  layers: onnxLayers(async (graphOf, { threads }) => planWebGraph(await loadOnnxRuntimeWeb(threads), graphOf, OPTIONS)),
  model: async (model, { threads }) =>
    planModel(await loadOnnxRuntimeWeb(threads), model, OPTIONS, [
      // What a page needs that only computes by WebAssembly.
      "onnxruntime-web/dist/ort.wasm.bundle.min.mjs",
      "onnxruntime-web/dist/ort-wasm-simd-threaded.wasm",
    ]),
});

export default onnxruntimeWeb;
