import type { PlanImpl } from "../core/plugin.ts";
import { VARIANTS, NCHW_VARIANT } from "./tfjs/variants.ts";
import { tfjsLayers } from "./tfjs/layers.ts";
import type { TfjsBackend } from "./tfjs/backend.ts";
import { tfjsVariants, tfjsPlugin } from "./tfjs/plugin.ts";

const BACKEND: TfjsBackend = {
  name: "tfjs-cpu",
  description: "TensorFlow.js, plain JavaScript backend",
  packageName: "@tensorflow/tfjs",
  backend: "cpu",
  async load() {
    const tf = await import("@tensorflow/tfjs");
    // Without it tfjs advises on the console to use another backend.
    tf.enableProdMode();
    return tf;
  },
  asynchronous: false,
  missingKernels: [],
  explicitPadding: ["forward", "backwardData", "backwardWeights"],
  unequalDepthwiseStrides: true,
  depthDilation: true,
};

export const tfjsCpu: PlanImpl = { ...tfjsPlugin(BACKEND), layers: tfjsLayers(BACKEND) };

export default [tfjsCpu, ...tfjsVariants(BACKEND, [...VARIANTS, NCHW_VARIANT])];
