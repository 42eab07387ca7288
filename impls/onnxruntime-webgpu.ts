import type { InferenceSession } from "onnxruntime-node";
import { defineImpl, type LayerProblem, type PlanImpl, type Tensors } from "../core/plugin.ts";
import type { ConvProblem, Pass } from "../core/problem.ts";
import { planOnDevice } from "./onnxruntime/device-tensors.ts";
import { onnxLayers } from "./onnxruntime/layers.ts";
import { plainGraph } from "./onnxruntime/plain-graph.ts";
import { loadOnnxRuntime, ONNXRUNTIME, onnxRuntimeUnavailable, type OnnxRuntime } from "./onnxruntime/session.ts";
import { cropsEverything, isDense } from "./support/axes.ts";
import { gpuUnavailable, openGpu, softwareDriver, INACCURATE_TANH } from "./support/gpu/adapter.ts";

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

/** What the provider's kernels of 1.30 refuse; Gemm does fully connected layers of any rank. */
function unsupportedByProvider(problem: ConvProblem, pass: Pass): string | undefined {
  if (problem.input.length < 3 || isDense(problem)) return undefined;
  if (pass === "backwardData") return "ONNX Runtime's WebGPU ConvTranspose takes one or two axes, not three";
  if (problem.groups === 1) return undefined;
  return `ONNX Runtime's WebGPU Conv over three axes takes one group, not ${problem.groups}`;
}

/** What the provider's kernels of 1.30 cannot do although those for the processor can. */
function unfitLayer(problem: LayerProblem): string | undefined {
  switch (problem.kind) {
    case "tanh":
      return INACCURATE_TANH;
    case "local-response-normalisation":
      return "ONNX Runtime has no WebGPU kernel LRN";
    case "addition":
      return problem.inputs.length === 2 ? undefined : "ONNX Runtime has no WebGPU kernel Sum";
    case "max-pooling":
    case "average-pooling": {
      const { kernel, stride, padBegin, padEnd, ceil, inputs, output } = problem;
      const isWhole = kernel.every((extent, axis) => {
        const slack = inputs[0]![axis + 2]! + padBegin[axis]! + padEnd[axis]! - extent;
        return !ceil || Math.ceil(slack / stride[axis]!) + 1 === output[axis + 2];
      });
      return isWhole ? undefined : "ONNX Runtime's WebGPU pooling keeps a last window that begins in the padding";
    }
    default:
      return undefined;
  }
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
  layers: onnxLayers(async (graphOf) => planOnDevice(await loadOnWebGpu(), graphOf, OPTIONS), unfitLayer),
});

export default onnxruntimeWebGpu;
