import type { PlanImpl } from "../harness/plugin.ts";
import { DOORS, NCHW_DOOR } from "./tfjs/doors.ts";
import { tfjsLayers } from "./tfjs/layers.ts";
import { tfjsDoors, tfjsPlugin, type TfjsBackend } from "./tfjs/plugin.ts";

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

export default [tfjsCpu, ...tfjsDoors(BACKEND, [...DOORS, NCHW_DOOR])];
