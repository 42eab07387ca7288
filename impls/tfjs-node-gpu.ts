import { loadNodeTfjs, NODE_BACKEND } from "./tfjs/node.ts";
import { tfjsPlugin } from "./tfjs/plugin.ts";

const PACKAGE = "@tensorflow/tfjs-node-gpu";

export default tfjsPlugin({
  ...NODE_BACKEND,
  name: "tfjs-node-gpu",
  description: "TensorFlow.js for Node.js: the TensorFlow C library on an NVIDIA GPU (CUDA, cuDNN)",
  packageName: PACKAGE,
  load: async () => loadNodeTfjs(PACKAGE),
  asynchronous: true,
  depthDilation: true,
  // TensorFlow lets cuDNN round products to TensorFloat-32 unless told otherwise.
  precision: "tf32",
  device: "gpu",
});
