import { tfjsPlugin } from "./tfjs/plugin.ts";

export default tfjsPlugin({
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
});
