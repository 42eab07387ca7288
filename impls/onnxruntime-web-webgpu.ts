import { defineImpl, type PlanImpl, type Tensors } from "../core/plugin.ts";
import { onnxLayers } from "./onnxruntime/layers.ts";
import { plainGraph } from "./onnxruntime/plain-graph.ts";
import { unfitLayer, unsupportedByProvider } from "./onnxruntime/provider-limits.ts";
import { planWebGraph } from "./onnxruntime/web.ts";
import { planModel } from "./onnxruntime/whole-model.ts";
import { cropsEverything } from "./support/axes.ts";
import { gpuUnavailable, softwareDriver } from "./support/gpu/adapter.ts";
import { packageVersion } from "./support/library.ts";

const OPTIONS = { executionProviders: ["webgpu"] } as const;

/** The library's build that has WebGPU. */
async function loadOnWebGpu(): Promise<typeof import("onnxruntime-web/webgpu")> {
  const onnxruntime = await import("onnxruntime-web/webgpu");
  onnxruntime.env.logLevel = "error";
  onnxruntime.env.wasm.numThreads = 1;
  return onnxruntime;
}

const onnxruntimeWebWebGpu: PlanImpl = defineImpl({
  ...packageVersion("onnxruntime-web"),
  name: "onnxruntime-web-webgpu",
  description: "ONNX Runtime for the web, WebGPU provider (browsers only), data from and to the processor's memory",
  source: "https://github.com/microsoft/onnxruntime",
  algorithm: "gemm",
  arithmetic: "finite-only",
  device: "gpu",
  software: softwareDriver,
  async unavailable() {
    if (Reflect.get(globalThis, "WorkerGlobalScope") === undefined)
      return "it needs a browser's WebGPU: npm run bench -- --browser";
    try {
      await loadOnWebGpu();
      return await gpuUnavailable();
    } catch (error) {
      return `onnxruntime-web cannot be loaded (npm install onnxruntime-web): ${String(error)}`;
    }
  },
  unsupported: (problem, pass) => cropsEverything(problem) ?? unsupportedByProvider(problem, pass),
  plan: async (problem, pass) =>
    planWebGraph(await loadOnWebGpu(), (operands: Tensors) => plainGraph(problem, pass, operands), OPTIONS),
  layers: onnxLayers(async (graphOf) => planWebGraph(await loadOnWebGpu(), graphOf, OPTIONS), unfitLayer),
  model: async (model) =>
    planModel(await loadOnWebGpu(), model, OPTIONS, [
      "onnxruntime-web/dist/ort.webgpu.bundle.min.mjs",
      "onnxruntime-web/dist/ort-wasm-simd-threaded.asyncify.wasm",
    ]),
});

export default onnxruntimeWebWebGpu;
