import type { ExpectedFailure } from "./expected-failure.ts";
import { tfjsScript } from "./tfjs-script.ts";

export const depthwiseLayerIgnoresDilation: ExpectedFailure = {
  id: "tfjs-layers-depthwise-ignores-dilation",
  title: "tf.layers.depthwiseConv2d ignores its dilationRate",
  packageName: "@tensorflow/tfjs-layers",
  versions: ["4.22."],
  implementations: { "tfjs-cpu:layers": ["forward"], "tfjs-wasm:layers": ["forward"] },
  explains: ({ problem }) =>
    problem.groups > 1 &&
    problem.input.length === 2 &&
    problem.kernel.some((extent, axis) => extent > 1 && problem.dilation[axis]! > 1),
  reproductions: [
    {
      pass: "forward",
      descriptor: "g2mb1_ic2oc2_ih1iw3_oh1ow1_kh1kw2_dh0dw1",
      bias: false,
      data: "dense-exact",
      seed: 1,
      got: "y of 1×2",
      expected: "y of 1×1",
    },
  ],
  cause: "DepthwiseConv2D.call passes null for the dilation to the backend's depthwiseConv2d.",
  link: "https://github.com/tensorflow/tfjs/blob/tfjs-v4.22.0/tfjs-layers/src/layers/convolutional_depthwise.ts",
  script: tfjsScript(
    "cpu",
    `
const layer = tf.layers.depthwiseConv2d({ kernelSize: [1, 2], dilationRate: [1, 2], padding: "valid" });
const y = layer.apply(tf.ones([1, 1, 3, 2]));
console.log("input 1×3, kernel 1×2, dilation 2: y has shape", y.shape.join("×"), "and should have 1×1×1×2");
process.exit(y.shape.join() === "1,1,1,2" ? 0 : 1);`,
  ),
};
