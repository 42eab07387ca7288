import type { LayerProblem, PlanImpl } from "../core/plugin.ts";
import type { Pass } from "../core/problem.ts";
import { VARIANTS } from "./tfjs/variants.ts";
import { tfjsLayers } from "./tfjs/layers.ts";
import { packageFolder } from "./support/platform.ts";
import type { TfjsBackend } from "./tfjs/backend.ts";
import { tfjsVariants, tfjsPlugin } from "./tfjs/plugin.ts";

const PACKAGE = "@tensorflow/tfjs-backend-wasm";

const BACKEND: TfjsBackend = {
  name: "tfjs-wasm",
  description: "TensorFlow.js, WebAssembly backend (XNNPACK, SIMD; one thread in Node.js)",
  packageName: PACKAGE,
  backend: "wasm",
  async load() {
    // The whole library: its core alone has no gradients.
    const tf = await import("@tensorflow/tfjs");
    const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
    tf.enableProdMode();
    if (tf.findBackend("wasm") === null) setWasmPaths(`${packageFolder(PACKAGE)}dist/`);
    return tf;
  },
  asynchronous: false,
  missingKernels: ["Conv2DBackpropFilter", "DepthwiseConv2dNativeBackpropFilter", "DepthwiseConv2dNativeBackpropInput"],
  explicitPadding: ["forward", "backwardData", "backwardWeights"],
  unequalDepthwiseStrides: true,
  depthDilation: true,
  downloads: [
    "@tensorflow/tfjs/dist/tf.min.js",
    `${PACKAGE}/dist/tf-backend-wasm.min.js`,
    `${PACKAGE}/dist/tfjs-backend-wasm-simd.wasm`,
  ],
};

/** A defect of 4.22: the search for a window's largest element starts at 0. */
function unfitLayer({ kind, output }: LayerProblem, pass: Pass): string | undefined {
  if (kind !== "max-pooling" || pass === "backwardWeights") return undefined;
  if (output.length === 5) return "the backend's MaxPool3D is wrong where a window has nothing above 0";
  return pass === "forward" ? undefined : "the backend's MaxPoolGrad is wrong where a window has nothing above 0";
}

export const tfjsWasm: PlanImpl = { ...tfjsPlugin(BACKEND), layers: tfjsLayers(BACKEND, unfitLayer) };

export default [tfjsWasm, ...tfjsVariants(BACKEND, VARIANTS)];
