import { isSame, paddingAxes } from "./geometry.ts";
import type { ExpectedFailure } from "./expected-failure.ts";
import { tfjsScript } from "./tfjs-script.ts";

const LINK = "https://github.com/tensorflow/tfjs/blob/tfjs-v4.22.0/tfjs-backend-wasm/src/cc/conv2d_impl.cc";
const PACKAGE = { packageName: "@tensorflow/tfjs-backend-wasm", versions: ["4.22."], link: LINK };

export const samePaddingGivesZeros: ExpectedFailure = {
  ...PACKAGE,
  id: "tfjs-wasm-same-gives-zeros",
  title:
    "the wasm backend's tf.conv2d and depthwiseConv2d with padding same give zeros where the last " +
    "elements of an axis are in no window",
  implementations: {
    "tfjs-wasm:same": ["forward"],
    "tfjs-wasm:fused-bias": ["forward"],
    "tfjs-wasm:fused-elu": ["forward"],
    "tfjs-wasm:fused-relu6": ["forward"],
    "tfjs-wasm:unbatched": ["forward"],
    "tfjs-wasm:fused-relu": ["forward"],
    "tfjs-wasm:fused-prelu": ["forward"],
    "tfjs-wasm:fused-leakyrelu": ["forward"],
    "tfjs-wasm:depthwise": ["forward"],
    "tfjs-wasm:separable": ["forward"],
    "tfjs-wasm:layers": ["forward"],
  },
  explains: ({ problem }) => {
    const axes = paddingAxes(problem);
    const is1x1 = axes.every(({ kernel }) => kernel === 1);
    return axes.length < 3 && !is1x1 && isSame(axes) && axes.some(({ needed }) => needed < 0);
  },
  reproductions: [
    {
      pass: "forward",
      descriptor: "mb1_ic1oc1_iw3ow1_kw2_sw3_pw0",
      bias: false,
      data: "dense-exact",
      seed: 1,
      got: "y[0] is 0",
      expected: "x[0]·w[0] + x[1]·w[1]",
    },
  ],
  cause:
    "XNN_FLAG_TENSORFLOW_SAME_PADDING makes XNNPACK compute the padding as the unsigned (output − " +
    "1)·stride + kernel − input. Where no padding is needed it is negative, " +
    "becomes about 2^32, and every tap falls into the padding, so that the result is the bias alone. tfjs " +
    "has the right padding at hand and sets it to 0.",
  issue: "https://github.com/tensorflow/tfjs/issues/8405",
  script: tfjsScript(
    "wasm",
    `
const y = tf.conv2d(tf.tensor4d([1, 2, 3], [1, 1, 3, 1]), tf.ones([1, 2, 1, 1]), [1, 3], "same").dataSync();
console.log("x 1 2 3, filter 1 1, stride 3, same: y is", y[0], "and should be 1 + 2 = 3");
process.exit(y[0] === 3 ? 0 : 1);`,
  ),
};

export const oneChannel1x1SwallowsNan: ExpectedFailure = {
  ...PACKAGE,
  id: "tfjs-wasm-1x1-one-channel-swallows-nan",
  title:
    "the wasm backend's unpadded 1×1 convolution of one input and one output channel a group gives " +
    "−Infinity for NaN (0 under a fused relu)",
  implementations: {
    "tfjs-wasm": ["forward"],
    "tfjs-wasm:same": ["forward"],
    "tfjs-wasm:valid": ["forward"],
    "tfjs-wasm:number": ["forward"],
    "tfjs-wasm:explicit": ["forward"],
    "tfjs-wasm:fused-bias": ["forward"],
    "tfjs-wasm:unbatched": ["forward"],
    "tfjs-wasm:fused-relu": ["forward"],
    "tfjs-wasm:fused-prelu": ["forward"],
    "tfjs-wasm:fused-leakyrelu": ["forward"],
    "tfjs-wasm:depthwise": ["forward"],
    "tfjs-wasm:separable": ["forward"],
    "tfjs-wasm:layers": ["forward"],
    "tfjs-wasm:floor": ["forward"],
    "tfjs-wasm:ceil": ["forward"],
  },
  explains: ({ implementation, problem, data }) => {
    if (data !== "special" || problem.input.length === 3) return false;
    const isUnpadded1x1 = paddingAxes(problem).every(
      ({ kernel, stride, padBegin, padEnd }) => kernel === 1 && stride === 1 && padBegin === 0 && padEnd === 0,
    );
    const isOneChannel = problem.inChannels === problem.groups && problem.outChannels === problem.groups;
    // A separable layer has such a layer for one of its two halves.
    return implementation === "tfjs-wasm:separable" ? isUnpadded1x1 || isOneChannel : isUnpadded1x1 && isOneChannel;
  },
  reproductions: [
    {
      pass: "forward",
      descriptor: "mb1_ic1oc1_ih2iw2_kh1kw1",
      bias: false,
      data: "special",
      seed: 1,
      got: "y is -Infinity where x is NaN",
      expected: "NaN",
    },
  ],
  cause:
    "XNNPACK takes the per-channel multiply-add (vmulcaddc) for such layers and clamps its result to " +
    "[−Infinity, Infinity] with a maximum that drops NaN.",
  script: tfjsScript(
    "wasm",
    `
const y = tf.conv2d(tf.tensor4d([NaN, 1], [1, 1, 2, 1]), tf.ones([1, 1, 1, 1]), 1, "valid").dataSync();
console.log("x NaN 1, filter 1: y is", y.join(" "), "and should be NaN 1");
process.exit(Number.isNaN(y[0]) ? 0 : 1);`,
  ),
};

export const fusedReluSwallowsNan: ExpectedFailure = {
  ...PACKAGE,
  id: "tfjs-wasm-fused-relu-swallows-nan",
  title:
    "the wasm backend's fused relu gives 0 for NaN: in one-channel layers of 3, 4 or 9 taps for any, " +
    "elsewhere for one with its sign bit set",
  implementations: { "tfjs-wasm:fused-relu": ["forward"] },
  // The sign of a NaN that Inf − Inf or Inf·0 makes depends on the machine.
  explains: ({ problem, data }) => data === "special" && problem.input.length < 3,
  reproductions: [
    {
      pass: "forward",
      descriptor: "mb1_ic1oc1_iw5ow3_kw3_pw0",
      bias: false,
      data: "special",
      seed: 1,
      got: "y is 0 where x is NaN",
      expected: "NaN, as tf.relu of tf.conv2d gives on the same backend",
    },
  ],
  cause:
    "XNNPACK's depthwise kernels for 3, 4 and 9 taps, which one-channel layers take too, clamp with a " +
    "maximum that drops NaN. " +
    "Its other relu kernels seem to take the maximum of the bits as integers, which is 0 where the sign bit is set: " +
    "x86 sets it in the NaN of Inf − Inf. tf.relu of the same backend has the second fault too, not the first.",
  script: tfjsScript(
    "wasm",
    `
const [x, filter] = [tf.fill([1, 2, 2, 1], NaN), tf.ones([2, 2, 1, 1])];
const fused = tf.fused.conv2d({ x, filter, strides: 1, pad: "valid", activation: "relu" }).dataSync();
const apart = tf.relu(tf.conv2d(x, filter, 1, "valid")).dataSync();
console.log("x of NaN, filter 2×2: fused relu gives", fused[0], "and should give what tf.relu of tf.conv2d does,", apart[0]);
process.exit(Number.isNaN(fused[0]) ? 0 : 1);`,
  ),
};

export const ceilLeavesUnwritten: ExpectedFailure = {
  ...PACKAGE,
  id: "tfjs-wasm-ceil-leaves-unwritten",
  title:
    "the wasm backend's tf.conv2d and depthwiseConv2d with dimRoundingMode ceil do not compute the last, " +
    "partial window",
  implementations: { "tfjs-wasm:ceil": ["forward"] },
  explains: ({ problem }) =>
    paddingAxes(problem).some(
      ({ input, padBegin, effectiveKernel, stride, output }) =>
        Math.floor((input + 2 * padBegin - effectiveKernel) / stride) + 1 !== output,
    ),
  reproductions: [
    {
      pass: "forward",
      descriptor: "mb1_ic1oc1_ih3iw3_oh2ow2_kh2kw2_sh2sw2",
      bias: false,
      data: "dense-exact",
      seed: 1,
      got: "y[0, 1] is what the memory held before",
      expected: "x[0, 2]·w[0, 0] + x[1, 2]·w[1, 0]",
    },
  ],
  cause:
    "The output is allocated with the extents of the rounding mode, and XNNPACK, which is given the " +
    "padding alone, computes the floor's: it writes fewer elements, one after the other.",
  script: tfjsScript(
    "wasm",
    `
tf.dispose(tf.fill([1, 2, 2, 1], 7));
const y = tf.conv2d(tf.ones([1, 3, 3, 1]), tf.ones([2, 2, 1, 1]), 2, 0, "NHWC", 1, "ceil").dataSync();
console.log("input 3×3 and filter 2×2 of ones, stride 2, ceil: y is", y.join(" "), "and should be 4 2 2 1");
process.exit(y.join() === "4,2,2,1" ? 0 : 1);`,
  ),
};
