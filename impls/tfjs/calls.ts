import type { Tensor, Tensor2D, Tensor3D, Tensor4D, Tensor5D } from "@tensorflow/tfjs";
import type { ConvProblem } from "../../core/problem.ts";
import type { Axis } from "../support/axes.ts";
import { convolutionOf, operatorAxes, type Operator } from "./operators.ts";
import type { Tfjs } from "./passes.ts";

export type Padding = "same" | "valid" | "number" | "explicit";
type ExplicitPadding = [[number, number], [number, number], [number, number], [number, number]];

/** tf.conv1d, tf.conv2d, tf.depthwiseConv2d or tf.conv3d, and tf.add for the bias. */
export function convolved(
  tf: Tfjs,
  problem: ConvProblem,
  x: Tensor,
  filter: Tensor,
  bias: Tensor | undefined,
  padding: Padding,
  operator: Operator = convolutionOf(problem),
  rounding?: "floor" | "ceil",
): Tensor {
  const axes = operatorAxes(problem);
  const y = withoutBias(tf, problem, x, filter, padding, operator, axes, rounding);
  return bias === undefined ? y : tf.add(y, bias);
}

function withoutBias(
  tf: Tfjs,
  problem: ConvProblem,
  x: Tensor,
  filter: Tensor,
  padding: Padding,
  operator: Operator,
  axes: readonly Axis[],
  rounding: "floor" | "ceil" | undefined,
): Tensor {
  const { batch, inChannels, outChannels, input, kernel } = problem;
  const last = axes.at(-1)!;
  if (operator === "conv3d") {
    return tf.conv3d(
      rank5(x),
      rank5(filter),
      triple(axes, "stride"),
      padding === "same" ? "same" : "valid",
      "NDHWC",
      triple(axes, "dilation"),
    );
  }
  if (operator === "depthwiseConv2d") {
    // tfjs's [kernel…, C, multiplier]; of one channel the harness's [kernel…, 1, K] is that already.
    return tf.depthwiseConv2d(
      rank4(x),
      rank4(filter),
      pair(axes, "stride"),
      padOf(axes, padding),
      "NHWC",
      pair(axes, "dilation"),
      rounding,
    );
  }
  if (input.length === 1) {
    const line: Tensor3D = tf.reshape(x, [batch, input[0]!, inChannels]);
    const taps: Tensor3D = tf.reshape(filter, [kernel[0]!, inChannels, outChannels]);
    const y = tf.conv1d(line, taps, last.stride, padOf(axes, padding), "NWC", last.dilation);
    return tf.reshape(y, [batch, 1, last.output, outChannels]);
  }
  return tf.conv2d(
    rank4(x),
    rank4(filter),
    pair(axes, "stride"),
    padOf(axes, padding),
    "NHWC",
    pair(axes, "dilation"),
    rounding,
  );
}

/** dx by tf.conv2dTranspose or tf.conv3dTranspose. */
export function transposed(tf: Tfjs, problem: ConvProblem, dy: Tensor, filter: Tensor, padding: Padding): Tensor {
  const axes = operatorAxes(problem);
  const { batch, inChannels } = problem;
  const [first, second, third] = axes.map((axis) => axis.input);
  if (third !== undefined) {
    const shape: [number, number, number, number, number] = [batch, first!, second!, third, inChannels];
    return tf.conv3dTranspose(
      rank5(dy),
      rank5(filter),
      shape,
      triple(axes, "stride"),
      padding === "same" ? "same" : "valid",
    );
  }
  return tf.conv2dTranspose(
    rank4(dy),
    rank4(filter),
    [batch, first!, second!, inChannels],
    pair(axes, "stride"),
    padOf(axes, padding),
  );
}

/** tf.separableConv2d with ones for whichever of its two layers the problem has not. */
export function separable(
  tf: Tfjs,
  problem: ConvProblem,
  x: Tensor,
  filter: Tensor,
  bias: Tensor | undefined,
  padding: Padding,
): Tensor {
  const axes = operatorAxes(problem);
  const isPointwise = problem.kernel.every((extent) => extent === 1);
  const depthwise: Tensor4D = isPointwise ? tf.ones([1, 1, problem.inChannels, 1]) : rank4(filter);
  const pointwise: Tensor4D = isPointwise ? rank4(filter) : tf.ones([1, 1, 1, 1]);
  const pad = padding === "same" ? "same" : "valid";
  const y = tf.separableConv2d(rank4(x), depthwise, pointwise, pair(axes, "stride"), pad, pair(axes, "dilation"));
  return bias === undefined ? y : tf.add(y, bias);
}

/** tf.conv2d or tf.depthwiseConv2d of x [N, C, H, W] with weights [K, C/G, R, S]. */
export function channelsFirst(
  tf: Tfjs,
  problem: ConvProblem,
  x: Tensor,
  filter: Tensor,
  bias: Tensor | undefined,
  padding: Padding,
): Tensor {
  const axes = operatorAxes(problem);
  const pad = padOf(axes, padding);
  const explicit: ExplicitPadding | "same" | "valid" | number =
    typeof pad === "object" ? [pad[0], pad[3], pad[1], pad[2]] : pad;
  const [strides, dilations] = [pair(axes, "stride"), pair(axes, "dilation")];
  const call = (): Tensor => {
    if (convolutionOf(problem) === "conv2d") {
      const weights = tf.transpose(rank4(filter), [2, 3, 1, 0]);
      return tf.conv2d(rank4(x), weights, strides, explicit, "NCHW", dilations);
    }
    const { groups, outChannels, kernel } = problem;
    const perChannel: Tensor4D = tf.reshape(filter, [groups, outChannels / groups, kernel[0]!, kernel[1]!]);
    const weights = tf.transpose(perChannel, [2, 3, 0, 1]);
    return tf.depthwiseConv2d(rank4(x), weights, strides, explicit, "NCHW", dilations);
  };
  const y = call();
  return bias === undefined ? y : tf.add(y, tf.reshape(bias, [problem.outChannels, 1, 1]));
}

/** Each image of the batch alone, as a tensor without a batch axis. */
export function unbatched(
  tf: Tfjs,
  problem: ConvProblem,
  x: Tensor,
  filter: Tensor,
  bias: Tensor | undefined,
  padding: Padding,
): Tensor {
  const [batch = 1, ...extents] = x.shape;
  const images = Array.from({ length: batch }, (_, n) => tf.reshape(tf.slice(x, [n], [1]), extents));
  const y = tf.stack(images.map((image) => ofOneImage(tf, problem, image, filter, padding)));
  return bias === undefined ? y : tf.add(y, bias);
}

function ofOneImage(tf: Tfjs, problem: ConvProblem, image: Tensor, filter: Tensor, padding: Padding): Tensor {
  const axes = operatorAxes(problem);
  const { inChannels, outChannels, input, kernel } = problem;
  const operator = convolutionOf(problem);
  if (operator === "conv3d") {
    const pad = padding === "same" ? "same" : "valid";
    return tf.conv3d(rank4(image), rank5(filter), triple(axes, "stride"), pad, "NDHWC", triple(axes, "dilation"));
  }
  const [strides, dilations, pad] = [pair(axes, "stride"), pair(axes, "dilation"), padOf(axes, padding)];
  if (operator === "depthwiseConv2d")
    return tf.depthwiseConv2d(rank3(image), rank4(filter), strides, pad, "NHWC", dilations);
  if (input.length === 2) return tf.conv2d(rank3(image), rank4(filter), strides, pad, "NHWC", dilations);
  const line: Tensor2D = tf.reshape(image, [input[0]!, inChannels]);
  const taps: Tensor3D = tf.reshape(filter, [kernel[0]!, inChannels, outChannels]);
  return tf.expandDims(tf.conv1d(line, taps, strides[1], pad, "NWC", dilations[1]), 0);
}

/** A layer of tf.layers, applied. */
export function layered(
  tf: Tfjs,
  problem: ConvProblem,
  x: Tensor,
  filter: Tensor,
  bias: Tensor | undefined,
  padding: Padding,
): Tensor {
  const axes = operatorAxes(problem).slice(-problem.input.length);
  const { batch, inChannels, outChannels, groups, kernel, input } = problem;
  const settings = {
    padding: padding === "same" ? "same" : "valid",
    useBias: bias !== undefined,
    dilationRate: axes.map(({ dilation }) => dilation),
    strides: axes.map(({ stride }) => stride),
    kernelSize: [...kernel],
    dataFormat: "channelsLast",
  } as const;
  const image = tf.reshape(x, [batch, ...input, inChannels]);
  const layer = layerOf(tf, problem, settings);
  layer.build(image.shape);
  const shape = layer.getWeights()[0]!.shape;
  layer.setWeights([tf.reshape(filter, shape), ...(bias === undefined ? [] : [bias])]);
  const y = layer.apply(image);
  const result = Array.isArray(y) ? y[0] : y;
  if (!(result instanceof tf.Tensor))
    throw new Error(`tf.layers gave no tensor (groups ${groups}, filters ${outChannels})`);
  // A 1-D problem goes by as a 2-D one of height 1.
  const kept = input.length === 1 ? tf.expandDims(result, 1) : tf.clone(result);
  // The weights are variables, which tf.tidy leaves alone.
  for (const weight of layer.weights) weight.dispose();
  return kept;
}

interface LayerSettings {
  readonly padding: "same" | "valid";
  readonly useBias: boolean;
  readonly dilationRate: readonly number[];
  readonly strides: readonly number[];
  readonly kernelSize: readonly number[];
  readonly dataFormat: "channelsLast";
}

type LayersLayer = ReturnType<Tfjs["layers"]["conv2d"] | Tfjs["layers"]["depthwiseConv2d"]>;

function layerOf(tf: Tfjs, { outChannels, groups, input }: ConvProblem, settings: LayerSettings): LayersLayer {
  const [d1, d2, d3] = settings.dilationRate;
  const [s1, s2, s3] = settings.strides;
  const [k1, k2, k3] = settings.kernelSize;
  const { padding, useBias, dataFormat } = settings;
  const common = { padding, useBias, dataFormat, filters: outChannels };
  switch (input.length) {
    case 1:
      return tf.layers.conv1d({ ...common, kernelSize: k1!, strides: s1!, dilationRate: [d1!] });
    case 3:
      return tf.layers.conv3d({
        ...common,
        kernelSize: [k1!, k2!, k3!],
        strides: [s1!, s2!, s3!],
        dilationRate: [d1!, d2!, d3!],
      });
    default: {
      const flat = { ...common, kernelSize: [k1!, k2!] as [number, number], strides: [s1!, s2!] as [number, number] };
      const dilationRate: [number, number] = [d1!, d2!];
      if (groups === 1) return tf.layers.conv2d({ ...flat, dilationRate });
      return tf.layers.depthwiseConv2d({ ...flat, dilationRate, depthMultiplier: outChannels / groups });
    }
  }
}

export function padOf(axes: readonly Axis[], padding: Padding): "same" | "valid" | number | ExplicitPadding {
  switch (padding) {
    case "same":
    case "valid":
      return padding;
    case "number":
      return axes.at(-1)!.padBegin;
    case "explicit": {
      const [first, second] = axes.map(({ padBegin, padEnd }): [number, number] => [padBegin, padEnd]);
      return [[0, 0], first!, second!, [0, 0]];
    }
  }
}

export function pair(axes: readonly Axis[], field: "stride" | "dilation"): [number, number] {
  return [axes[0]![field], axes[1]![field]];
}

function triple(axes: readonly Axis[], field: "stride" | "dilation"): [number, number, number] {
  return [axes[0]![field], axes[1]![field], axes[2]![field]];
}

export function rank4(tensor: Tensor): Tensor4D {
  if (!isRank4(tensor)) throw new Error(`a tensor of rank 4 was expected, got shape ${tensor.shape.join(",")}`);
  return tensor;
}

function rank3(tensor: Tensor): Tensor3D {
  if (!isRank3(tensor)) throw new Error(`a tensor of rank 3 was expected, got shape ${tensor.shape.join(",")}`);
  return tensor;
}

function rank5(tensor: Tensor): Tensor5D {
  if (!isRank5(tensor)) throw new Error(`a tensor of rank 5 was expected, got shape ${tensor.shape.join(",")}`);
  return tensor;
}

function isRank3(tensor: Tensor): tensor is Tensor3D {
  return tensor.rank === 3;
}

function isRank4(tensor: Tensor): tensor is Tensor4D {
  return tensor.rank === 4;
}

function isRank5(tensor: Tensor): tensor is Tensor5D {
  return tensor.rank === 5;
}
