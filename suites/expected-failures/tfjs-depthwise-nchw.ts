import type { ExpectedFailure } from "./expected-failure.ts";
import { tfjsScript } from "./tfjs-script.ts";

export const depthwiseIgnoresDataFormat: ExpectedFailure = {
  id: "tfjs-cpu-depthwise-ignores-nchw",
  title: "tf.depthwiseConv2d accepts dataFormat NCHW, but the cpu backend reads x as NHWC",
  packageName: "@tensorflow/tfjs-backend-cpu",
  versions: ["4.22."],
  implementations: { "tfjs-cpu:nchw": ["forward"] },
  explains: ({ problem }) => problem.groups > 1,
  reproductions: [
    {
      pass: "forward",
      descriptor: "g2mb1_ic2oc2_ih1iw1_oh1ow1_kh1kw1",
      bias: false,
      data: "dense-exact",
      seed: 1,
      got: "y[0, 1, 0, 0] is x[1]·w[0]",
      expected: "x[1]·w[1]",
    },
  ],
  cause:
    "depthwiseConv2d checks its operands by dataFormat and hands it to the kernel; the kernel " +
    "DepthwiseConv2dNative does not read that " +
    "attribute, and computeConv2DInfo takes channels last where it is not told.",
  link: "https://github.com/tensorflow/tfjs/blob/tfjs-v4.22.0/tfjs-backend-cpu/src/kernels/DepthwiseConv2dNative.ts",
  script: tfjsScript(
    "cpu",
    `
const x = tf.tensor4d([1, 1], [1, 2, 1, 1]);
const filter = tf.tensor4d([1, 10], [1, 1, 2, 1]);
const y = tf.depthwiseConv2d(x, filter, 1, "valid", "NCHW").dataSync();
console.log("x 1 1, filters 1 and 10, NCHW: y[1] is", y[1], "and should be 10");
process.exit(y[1] === 10 ? 0 : 1);`,
  ),
};
