import type { LayerProblem, PlanImpl } from "../core/plugin.ts";
import type { ConvProblem, Pass } from "../core/problem.ts";
import { axesOf, isCropped, isDense } from "./support/axes.ts";
import { gpuUnavailable, openGpu, softwareDriver, INACCURATE_TANH } from "./support/gpu/adapter.ts";
import { tfjsLayers } from "./tfjs/layers.ts";
import type { Tfjs } from "./tfjs/passes.ts";
import type { TfjsBackend } from "./tfjs/backend.ts";
import { tfjsPlugin } from "./tfjs/plugin.ts";

const PACKAGE = "@tensorflow/tfjs-backend-webgpu";

/** The library with its WebGPU backend, which looks for `navigator.gpu` when it is loaded. */
async function load(): Promise<Tfjs> {
  const gpu = await openGpu();
  if ("missing" in gpu) throw new Error(gpu.missing);
  Object.defineProperty(globalThis.navigator, "gpu", { value: gpu, configurable: true });
  // The whole library: its core alone has no gradients.
  const tf = await import("@tensorflow/tfjs");
  await import("@tensorflow/tfjs-backend-webgpu");
  tf.enableProdMode();
  // Otherwise some operations on little data run on the processor.
  tf.env().set("WEBGPU_CPU_FORWARD", false);
  return tf;
}

const BACKEND: TfjsBackend = {
  name: "tfjs-webgpu",
  description: "TensorFlow.js, WebGPU backend",
  packageName: PACKAGE,
  backend: "webgpu",
  load,
  asynchronous: true,
  arithmetic: "finite-only",
  device: "gpu",
  missingKernels: [],
  explicitPadding: ["forward", "backwardData", "backwardWeights"],
  unequalDepthwiseStrides: true,
  depthDilation: true,
  downloads: ["@tensorflow/tfjs/dist/tf.min.js", `${PACKAGE}/dist/tf-backend-webgpu.min.js`],
};

const plugin = tfjsPlugin(BACKEND);

/** Where 4.22 generates WGSL that does not compile: it indexes a five-element structure as if it were a vector. */
function invalidShader(problem: ConvProblem, pass: Pass): string | undefined {
  if (problem.input.length < 3 || isDense(problem)) return undefined;
  const axes = axesOf(problem);
  const isPadded = axes.some(({ padBegin, padEnd }) => padBegin > 0 || padEnd > 0);
  if (pass === "backwardData" ? isCropped(axes) : isPadded) {
    return "the WGSL that the backend writes for tf.pad over five axes does not compile";
  }
  const { bias, outChannels } = problem;
  if (pass === "forward" && bias && outChannels > 1 && outChannels < 128) {
    return (
      "the WGSL that the backend writes for tf.add of five axes and a vector of 2 to 127 " +
      `(${outChannels}) does not compile`
    );
  }
  return undefined;
}

function unfitLayer({ kind }: LayerProblem, pass: Pass): string | undefined {
  return kind === "tanh" && pass === "forward" ? INACCURATE_TANH : undefined;
}

const tfjsWebGpu: PlanImpl = {
  ...plugin,
  software: softwareDriver,
  async unavailable() {
    return (await gpuUnavailable()) ?? plugin.unavailable?.();
  },
  unsupported: (problem, pass) => plugin.unsupported?.(problem, pass) ?? invalidShader(problem, pass),
  layers: tfjsLayers(BACKEND, unfitLayer),
};

export default tfjsWebGpu;
