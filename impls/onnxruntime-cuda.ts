import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { InferenceSession } from "onnxruntime-node";
import { planModel } from "./onnxruntime/whole-model.ts";
import { defineImpl, type PlanImpl, type PlanOptions, type Tensors } from "../core/plugin.ts";
import type { ConvProblem, Pass } from "../core/problem.ts";
import { onnxLayers } from "./onnxruntime/layers.ts";
import type { Graph } from "./onnxruntime/model.ts";
import { plainGraph } from "./onnxruntime/plain-graph.ts";
import {
  GraphSession,
  loadOnnxRuntime,
  ONNXRUNTIME,
  onnxRuntimeUnavailable,
  planGraph,
  type OnnxRuntime,
} from "./onnxruntime/session.ts";
import { cropsEverything } from "./support/axes.ts";

/** A node that the provider cannot run fails the session instead of running on the processor. */
const OPTIONS: InferenceSession.SessionOptions = {
  executionProviders: ["cuda"],
  extra: { session: { disable_cpu_ep_fallback: "1" } },
};
const INSTALL = "node node_modules/onnxruntime-node/script/install.js --onnxruntime-node-install";

/** NVIDIA's libraries round products to TensorFloat-32 unless this variable says otherwise when they are loaded. */
async function loadOnCuda(): Promise<OnnxRuntime> {
  process.env["NVIDIA_TF32_OVERRIDE"] = "0";
  return loadOnnxRuntime();
}

/** Why there is no CUDA provider here, or undefined where a session on it can be made. */
async function cudaUnavailable(): Promise<string | undefined> {
  const library = join("bin", "napi-v6", process.platform, process.arch, "libonnxruntime_providers_cuda.so");
  const root = dirname(createRequire(import.meta.url).resolve("onnxruntime-node/package.json"));
  if (`${process.platform}-${process.arch}` !== "linux-x64") {
    return "onnxruntime-node has its CUDA provider for Linux x64 only";
  }
  if (!existsSync(join(root, library))) return `onnxruntime-node's CUDA provider is not installed: ${INSTALL}`;
  const probe = new GraphSession(await loadOnCuda(), OPTIONS);
  try {
    await probe.load(COPY);
    return undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `onnxruntime-node's CUDA provider does not start; it needs an NVIDIA GPU, CUDA 12 and cuDNN 9: ${reason}`;
  } finally {
    await probe.release();
  }
}

const COPY: Graph = {
  inputs: [{ name: "x", dims: [1] }],
  outputs: [{ name: "y", dims: [1] }],
  constants: [],
  nodes: [{ op: "Identity", inputs: ["x"], outputs: ["y"] }],
};

function options({ threads }: PlanOptions): InferenceSession.SessionOptions {
  return { ...OPTIONS, intraOpNumThreads: threads };
}

const onnxruntimeCuda: PlanImpl = defineImpl({
  ...ONNXRUNTIME,
  name: "onnxruntime-cuda",
  description:
    "ONNX Runtime for Node.js, CUDA provider without TensorFloat-32: Conv, ConvTranspose and Gemm; " +
    "a run copies operands to the GPU and results back",
  device: "gpu",
  async unavailable() {
    return (await onnxRuntimeUnavailable()) ?? cudaUnavailable();
  },
  unsupported: cropsEverything,
  async plan(problem: ConvProblem, pass: Pass, planOptions: PlanOptions) {
    const graphOf = (operands: Tensors): Graph => plainGraph(problem, pass, operands);
    return planGraph(await loadOnCuda(), graphOf, options(planOptions));
  },
  model: async (model, planOptions) => planModel(await loadOnCuda(), model, options(planOptions)),
  layers: onnxLayers(async (graphOf, planOptions) => planGraph(await loadOnCuda(), graphOf, options(planOptions))),
});

export default onnxruntimeCuda;
