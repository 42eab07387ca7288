import type { InferenceSession } from "onnxruntime-node";
import { defineImpl, type PlanImpl, type Tensors } from "../core/plugin.ts";
import type { ConvProblem, Pass } from "../core/problem.ts";
import { unfitLayer, unsupportedByProvider } from "./onnxruntime/provider-limits.ts";
import { planModel } from "./onnxruntime/whole-model.ts";
import { planOnDevice } from "./onnxruntime/device-tensors.ts";
import { onnxLayers } from "./onnxruntime/layers.ts";
import { plainGraph } from "./onnxruntime/plain-graph.ts";
import { loadOnnxRuntime, ONNXRUNTIME, onnxRuntimeUnavailable, type OnnxRuntime } from "./onnxruntime/session.ts";
import { cropsEverything } from "./support/axes.ts";
import { gpuUnavailable, openGpu, softwareDriver } from "./support/gpu/adapter.ts";

/** A node that the provider cannot run fails the session instead of running on the processor. */
const OPTIONS: InferenceSession.SessionOptions = {
  executionProviders: ["webgpu"],
  extra: { session: { disable_cpu_ep_fallback: "1" } },
};

/** ONNX Runtime has its own WebGPU, which uses the drivers that are chosen before it starts. */
async function loadOnWebGpu(): Promise<OnnxRuntime> {
  await openGpu();
  return loadOnnxRuntime();
}

const onnxruntimeWebGpu: PlanImpl = defineImpl({
  ...ONNXRUNTIME,
  name: "onnxruntime-webgpu",
  description: "ONNX Runtime for Node.js, WebGPU provider: Conv, ConvTranspose and Gemm, data in the device's memory",
  arithmetic: "finite-only",
  device: "gpu",
  software: softwareDriver,
  async unavailable() {
    return (await onnxRuntimeUnavailable()) ?? gpuUnavailable();
  },
  unsupported: (problem, pass) => cropsEverything(problem) ?? unsupportedByProvider(problem, pass),
  async plan(problem: ConvProblem, pass: Pass) {
    return planOnDevice(await loadOnWebGpu(), (operands: Tensors) => plainGraph(problem, pass, operands), OPTIONS);
  },
  // Nodes that the provider lacks run on the processor, as for every user.
  model: async (model) => planModel(await loadOnWebGpu(), model, { executionProviders: ["webgpu"] }),
  layers: onnxLayers(async (graphOf) => planOnDevice(await loadOnWebGpu(), graphOf, OPTIONS), unfitLayer),
});

export default onnxruntimeWebGpu;
