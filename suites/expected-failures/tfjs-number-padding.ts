import { PASSES, type ConvProblem } from "../../core/problem.ts";
import { paddingAxes, type PaddingAxis } from "./geometry.ts";
import type { ExpectedFailure, Reproduction } from "./expected-failure.ts";
import { tfjsScript } from "./tfjs-script.ts";

const SMALLEST = { descriptor: "mb1_ic1oc1_ih2iw2_oh1ow2_kh2kw1", bias: false, data: "dense-exact", seed: 1 } as const;
const SHAPE = { got: "y of 1×1", expected: "y of 1×2" };
const REPRODUCTIONS: readonly Reproduction[] = [
  { ...SMALLEST, pass: "forward", ...SHAPE },
  { ...SMALLEST, pass: "backwardData", ...SHAPE },
  { ...SMALLEST, pass: "backwardWeights", ...SHAPE },
];

const LINE: PaddingAxis = {
  input: 1,
  kernel: 1,
  effectiveKernel: 1,
  stride: 1,
  padBegin: 0,
  padEnd: 0,
  output: 1,
  needed: 0,
};

function roundingOf(implementation: string): (value: number) => number {
  if (implementation.endsWith(":ceil")) return Math.ceil;
  return implementation.endsWith(":floor") ? Math.floor : Math.trunc;
}

/** The output's extents by the height's kernel and stride, which tfjs takes for both axes; none for 3-D. */
function extentsByHeight(
  problem: ConvProblem,
  round: (value: number) => number,
): readonly { readonly axis: PaddingAxis; readonly extent: number }[] {
  const own = paddingAxes(problem);
  const axes = own.length === 1 ? [LINE, ...own] : own;
  const [height] = axes;
  if (axes.length !== 2 || height === undefined) return [];
  const padding = own[0]!.padBegin;
  return axes.map((axis) => ({
    axis,
    extent: round((axis.input - height.effectiveKernel + 2 * padding) / height.stride + 1),
  }));
}

function hasOtherExtents(problem: ConvProblem, round: (value: number) => number): boolean {
  return extentsByHeight(problem, round).some(({ axis, extent }) => extent !== axis.output);
}

/**
 * Whether an output position that the wrong extents leave out, or add, has a window over the input: only then gradients
 * differ.
 */
function gradientsDiffer(problem: ConvProblem): boolean {
  return extentsByHeight(problem, Math.trunc).some(({ axis: { input, kernel, stride, padBegin, output }, extent }) => {
    const [from, to] = [Math.max(0, Math.min(extent, output)), Math.max(extent, output)];
    for (let y = from; y < to; y++) {
      const begin = y * stride - padBegin;
      if (begin < input && begin + kernel > 0) return true;
    }
    return false;
  });
}

export const numberPaddingTakesHeightForWidth: ExpectedFailure = {
  id: "tfjs-number-padding-height-for-width",
  title:
    "tf.conv2d, depthwiseConv2d, conv2dTranspose and conv1d with padding given as a number take the " +
    "filter's height and the vertical stride for the width too",
  packageName: "@tensorflow/tfjs-core",
  versions: ["4.22."],
  implementations: {
    "tfjs-cpu:number": PASSES,
    "tfjs-cpu:floor": PASSES,
    "tfjs-cpu:ceil": PASSES,
    "tfjs-cpu:transpose-number": ["backwardData"],
    "tfjs-wasm:number": ["forward", "backwardData"],
    "tfjs-wasm:floor": ["forward", "backwardData"],
    "tfjs-wasm:ceil": ["forward", "backwardData"],
    "tfjs-wasm:transpose-number": ["backwardData"],
  },
  explains: ({ implementation, problem }) =>
    implementation.endsWith(":transpose-number")
      ? gradientsDiffer(problem)
      : hasOtherExtents(problem, roundingOf(implementation)),
  reproductions: REPRODUCTIONS,
  cause:
    "getPadAndOutInfo calls computeOutputShape2D(inShape, filterHeight, strideHeight, pad), which " +
    "computes both extents from that one kernel extent and stride. " +
    "tf.conv1d, a conv2d of height 1, always gives filter height 1 and stride 1, so that its result has " +
    "the wrong length for any longer kernel or stride, " +
    "and the number pads the added height as well. On the wasm backend the kernel writes what XNNPACK's " +
    "own extents say into a buffer of the wrong size.",
  link: "https://github.com/tensorflow/tfjs/blob/tfjs-v4.22.0/tfjs-core/src/ops/conv_util.ts",
  script: tfjsScript(
    "cpu",
    `
const y = tf.conv2d(tf.ones([1, 2, 2, 1]), tf.ones([2, 1, 1, 1]), 1, 0);
console.log("input 2×2, filter 2×1, stride 1, padding 0: y has shape", y.shape.join("×"), "and should have 1×1×2×1");
process.exit(y.shape.join() === "1,1,2,1" ? 0 : 1);`,
  ),
};

const ROUNDED = {
  descriptor: "mb1_ic1oc1_ih3iw3_oh2ow2_kh2kw2_sh2sw2",
  bias: false,
  data: "dense-exact",
  seed: 1,
} as const;

export const gradientIgnoresRounding: ExpectedFailure = {
  id: "tfjs-conv2d-gradient-ignores-rounding",
  title: "the gradients of tf.conv2d with dimRoundingMode ceil leave out the last, partial window",
  packageName: "@tensorflow/tfjs-core",
  versions: ["4.22."],
  implementations: { "tfjs-cpu:ceil": ["backwardData", "backwardWeights"], "tfjs-wasm:ceil": ["backwardData"] },
  // The depthwise gradients are given the mode.
  explains: ({ problem }) => problem.groups === 1 && gradientsDiffer(problem),
  reproductions: [
    { ...ROUNDED, pass: "backwardData", got: "dx[0, 2] is 0", expected: "dy[0, 1]·w[0, 0]" },
    { ...ROUNDED, pass: "backwardWeights", got: "x[0, 0]·dy[0, 0]", expected: "Σ of four products" },
  ],
  cause:
    "Conv2D_grad.ts calls conv2DBackpropInput and conv2DBackpropFilter without the dimRoundingMode of the " +
    "forward pass, so that they compute other output extents than dy has.",
  link: "https://github.com/tensorflow/tfjs/blob/tfjs-v4.22.0/tfjs-core/src/gradients/Conv2D_grad.ts",
  script: tfjsScript(
    "cpu",
    `
const [x, filter, dy] = [tf.ones([1, 3, 3, 1]), tf.ones([2, 2, 1, 1]), tf.ones([1, 2, 2, 1])];
const dx = tf.grad((x) => tf.conv2d(x, filter, 2, 0, "NHWC", 1, "ceil"))(x, dy).dataSync();
console.log("gradient of a 3×3 input, filter 2×2 of ones, stride 2, ceil:", dx.join(" "), "and every element should be 1");
process.exit(dx.every((value) => value === 1) ? 0 : 1);`,
  ),
};
