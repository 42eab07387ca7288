import type { Tensor } from "@tensorflow/tfjs";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import type { Axis } from "../support/axes.ts";
import { paddingUnfit } from "../support/paddings.ts";
import { channelsFirst, convolved, layered, separable, transposed, unbatched, type Padding } from "./calls.ts";
import { activated, type Activation } from "./fused.ts";
import { operatorAxes } from "./operators.ts";
import type { Tfjs } from "./passes.ts";

/** y of x, the filter and the bias, as a user of the library writes it; tf.grads differentiates it. */
export type Layer = (tf: Tfjs, problem: ConvProblem, x: Tensor, filter: Tensor, bias: Tensor | undefined) => Tensor;

/** A variant: another API path to the same convolution, through the library's public functions and not its kernels. */
export interface TfjsVariant {
  readonly name: string;
  readonly description: string;
  readonly layout?: "nchw";
  /** Which special values it handles, where these are fewer than the library's. */
  readonly arithmetic?: "finite-only";
  /** What the gradients need beyond the kernel of the pass, by the kernels' names in tfjs. */
  readonly gradientKernels?: readonly string[];
  /** Why this variant cannot do a problem that the library can. */
  unfit(problem: ConvProblem, pass: Pass): string | undefined;
  readonly layer: Layer;
  /** dx of dy and the filter, where that is a function of its own. */
  readonly inputGradient?: (tf: Tfjs, problem: ConvProblem, dy: Tensor, filter: Tensor) => Tensor;
}

/** The padding in the library's words; explicit unless there is a crop. */
function unfitPadding(problem: ConvProblem, padding: Padding): string | undefined {
  const axes = operatorAxes(problem);
  const own = axes.slice(axes.length - problem.input.length);
  if (axes.some(({ crop }) => crop > 0)) return "a crop is no padding";
  if (problem.input.length === 3 && (padding === "number" || padding === "explicit"))
    return "tf.conv3d takes same or valid";
  switch (padding) {
    case "same":
      return paddingUnfit(own, "same-upper");
    case "valid":
      return paddingUnfit(own, "valid");
    case "number":
      // A number pads the added axis of a 1-D depthwise layer as well.
      return problem.input.length === 1 && problem.groups > 1
        ? "there is no 1-D depthwise function"
        : paddingUnfit(own, "number");
    case "explicit":
      return undefined;
  }
}

/** The padding argument for a problem: `same` where that fits, then `valid`, then explicit. */
export function fittingPadding(problem: ConvProblem): Padding {
  if (unfitPadding(problem, "same") === undefined) return "same";
  return unfitPadding(problem, "valid") === undefined ? "valid" : "explicit";
}

function padded(padding: Padding): TfjsVariant {
  return {
    name: padding,
    description: `tf.conv1d, conv2d, depthwiseConv2d and conv3d, padding ${padding}; gradients by tf.grads`,
    unfit: (problem) => unfitPadding(problem, padding),
    layer: (tf, problem, x, filter, bias) => convolved(tf, problem, x, filter, bias, padding),
  };
}

const anyPadding = (problem: ConvProblem): string | undefined => unfitPadding(problem, fittingPadding(problem));
const one = "this variant has a forward pass only";

function flat(problem: ConvProblem): string | undefined {
  if (problem.input.length === 3) return "there is no fused 3-D function";
  if (problem.groups > 1 && fittingPadding(problem) === "explicit")
    return "tf.fused.depthwiseConv2d takes same, valid or a number";
  return anyPadding(problem);
}

function fused(name: string, description: string, activation: Activation): TfjsVariant {
  return {
    name,
    description,
    unfit: (problem, pass) => (pass === "forward" ? flat(problem) : one),
    layer: (tf, problem, x, filter, bias) =>
      activated(tf, problem, x, filter, bias, fittingPadding(problem), activation),
  };
}

function transposeOf(padding: Padding): TfjsVariant {
  return {
    name: `transpose-${padding}`,
    description: `tf.conv2dTranspose and conv3dTranspose, padding ${padding}`,
    unfit: (problem, pass) => {
      if (pass !== "backwardData") return "this variant has an input gradient only";
      if (problem.groups > 1) return "there is no grouped transposed function";
      if (problem.input.length === 1 && padding === "number") return "there is no 1-D transposed function";
      return unfitPadding(problem, padding);
    },
    layer: (tf, problem, x, filter, bias) => convolved(tf, problem, x, filter, bias, padding),
    inputGradient: (tf, problem, dy, filter) => transposed(tf, problem, dy, filter, padding),
  };
}

/** In each axis: one more window at the end, which `ceil` lets stand half over the edge. */
function roundsUp({ input, kernel, stride, dilation, padBegin, output, crop }: Axis, first: number): boolean {
  const slack = input + 2 * first - dilation * (kernel - 1) - 1;
  return crop === 0 && padBegin === first && slack >= 0 && output === Math.ceil(slack / stride) + 1;
}

export const VARIANTS: readonly TfjsVariant[] = [
  padded("same"),
  padded("valid"),
  padded("number"),
  padded("explicit"),
  {
    name: "fused-bias",
    description: "tf.fused.conv2d and fused.depthwiseConv2d with a bias; gradients by tf.grads",
    gradientKernels: ["Conv2DBackpropFilter"],
    unfit: flat,
    layer: (tf, problem, x, filter, bias) => activated(tf, problem, x, filter, bias, fittingPadding(problem), "linear"),
  },
  fused("fused-relu", "tf.fused.conv2d with relu: relu(w) − relu(−w)", "relu"),
  // tf.relu, its companion, has rules of its own for NaN.
  {
    ...fused("fused-elu", "tf.fused.conv2d with elu: relu(elu(w)) − relu(elu(−w))", "elu"),
    arithmetic: "finite-only",
  },
  {
    ...fused("fused-relu6", "tf.fused.conv2d with relu6 of weights scaled down: relu6(w) − relu6(−w)", "relu6"),
    arithmetic: "finite-only",
  },
  fused("fused-prelu", "tf.fused.conv2d with prelu of slope 1", "prelu"),
  fused("fused-leakyrelu", "tf.fused.conv2d with leakyrelu of slope 1", "leakyrelu"),
  {
    name: "unbatched",
    description:
      "tf.conv1d, conv2d, depthwiseConv2d and conv3d of each image without a batch axis; gradients by tf.grads",
    // Each image's gradient is as large as the batch.
    unfit: (problem) =>
      problem.batch <= 8 ? anyPadding(problem) : "this variant takes at most eight images, one by one",
    layer: (tf, problem, x, filter, bias) => unbatched(tf, problem, x, filter, bias, fittingPadding(problem)),
  },
  transposeOf("same"),
  transposeOf("valid"),
  transposeOf("number"),
  transposeOf("explicit"),
  {
    name: "depthwise",
    description: "tf.depthwiseConv2d of one channel with many filters",
    gradientKernels: ["DepthwiseConv2dNativeBackpropInput", "DepthwiseConv2dNativeBackpropFilter"],
    unfit: (problem) =>
      problem.inChannels === 1 && problem.groups === 1 && problem.input.length < 3
        ? anyPadding(problem)
        : "it has more than one channel, or is 3-D",
    layer: (tf, problem, x, filter, bias) =>
      convolved(tf, problem, x, filter, bias, fittingPadding(problem), "depthwiseConv2d"),
  },
  {
    name: "separable",
    description:
      "tf.separableConv2d: a 1×1 layer after a depthwise one of ones, or a depthwise one before a 1×1 of one",
    gradientKernels: ["DepthwiseConv2dNativeBackpropInput", "DepthwiseConv2dNativeBackpropFilter"],
    unfit: (problem) => {
      const { groups, inChannels, outChannels, input, kernel } = problem;
      if (input.length === 3 || groups > 1) return "it is 3-D or grouped";
      const fits = kernel.every((extent) => extent === 1) || (inChannels === 1 && outChannels === 1);
      if (!fits) return "it is neither 1×1 nor of one channel";
      return fittingPadding(problem) === "explicit" ? "tf.separableConv2d takes same or valid" : anyPadding(problem);
    },
    layer: (tf, problem, x, filter, bias) => separable(tf, problem, x, filter, bias, fittingPadding(problem)),
  },
  {
    name: "layers",
    description: "tf.layers.conv1d, conv2d, conv3d and depthwiseConv2d",
    unfit: (problem, pass) => {
      if (pass !== "forward") return one;
      if (problem.input.length === 1 && problem.groups > 1) return "there is no 1-D depthwise layer";
      return fittingPadding(problem) === "explicit" ? "layers take same or valid" : anyPadding(problem);
    },
    layer: (tf, problem, x, filter, bias) => layered(tf, problem, x, filter, bias, fittingPadding(problem)),
  },
  ...(["floor", "ceil"] as const).map((mode): TfjsVariant => ({
    name: mode,
    description: `tf.conv2d and depthwiseConv2d, padding a number, dimRoundingMode ${mode}`,
    unfit: (problem) => {
      if (problem.input.length !== 2) return "it is not 2-D";
      if (mode === "floor") return unfitPadding(problem, "number");
      const axes = operatorAxes(problem);
      return axes.every((axis) => roundsUp(axis, axes[0]!.padBegin)) ? undefined : "ceil gives other extents";
    },
    layer: (tf, problem, x, filter, bias) => convolved(tf, problem, x, filter, bias, "number", undefined, mode),
  })),
];

/** For backends that take channels first. */
export const NCHW_VARIANT: TfjsVariant = {
  name: "nchw",
  description: "tf.conv2d and depthwiseConv2d with dataFormat NCHW; gradients of conv2d by tf.grads",
  layout: "nchw",
  unfit: (problem, pass) => {
    if (problem.input.length !== 2) return "channels first are for 2-D layers";
    return problem.groups > 1 && pass !== "forward" ? one : anyPadding(problem);
  },
  layer: (tf, problem, x, filter, bias) => channelsFirst(tf, problem, x, filter, bias, fittingPadding(problem)),
};
