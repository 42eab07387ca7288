import { createRequire } from "node:module";
import { dirname, join, sep } from "node:path";
import { DOORS } from "./tfjs/doors.ts";
import { tfjsDoors, tfjsPlugin, type TfjsBackend } from "./tfjs/plugin.ts";

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
    if (tf.findBackend("wasm") === null) {
      const root = dirname(createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`));
      setWasmPaths(join(root, "dist") + sep);
    }
    return tf;
  },
  asynchronous: false,
  missingKernels: ["Conv2DBackpropFilter", "DepthwiseConv2dNativeBackpropFilter", "DepthwiseConv2dNativeBackpropInput"],
  explicitPadding: ["forward", "backwardData", "backwardWeights"],
  unequalDepthwiseStrides: true,
  depthDilation: true,
};

export const tfjsWasm = tfjsPlugin(BACKEND);

export default [tfjsWasm, ...tfjsDoors(BACKEND, DOORS)];
