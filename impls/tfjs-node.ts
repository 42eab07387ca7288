import { loadNodeTfjs, NODE_BACKEND } from "./tfjs/node.ts";
import { tfjsPlugin } from "./tfjs/plugin.ts";

const PACKAGE = "@tensorflow/tfjs-node";

export default tfjsPlugin({
  ...NODE_BACKEND,
  name: "tfjs-node",
  description: "TensorFlow.js for Node.js: the TensorFlow C library on the CPU",
  packageName: PACKAGE,
  load: async () => loadNodeTfjs(PACKAGE),
  asynchronous: false,
  depthDilation: false,
});
