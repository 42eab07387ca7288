import { elementCount } from "../../core/shape.ts";
import type { NamedAttrMap, NamedTensorMap, Tensor } from "@tensorflow/tfjs";
import type { TensorName } from "../../core/plugin.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { isCropped, type Axis } from "../support/axes.ts";
import { required } from "../support/tensor.ts";
import { kernelOf, operatorAxes, operatorOf, type Capabilities, type Operator } from "./operators.ts";

export type Tfjs = typeof import("@tensorflow/tfjs");

/** Tensors by their names in a plan: operands or outputs. */
export type NamedTensors = Readonly<Partial<Record<TensorName, Tensor>>>;

/** A pass in tfjs terms: which kernel, in which shapes (channels last), and who does the padding. */
export interface Lowered {
  readonly pass: Pass;
  readonly operator: Operator;
  readonly kernel: string;
  readonly axes: readonly Axis[];
  readonly bias: boolean;
  readonly shapes: Readonly<Record<TensorName, readonly number[]>>;
  /** strides, dilations, padding and the data format, as the kernels take them. */
  readonly attributes: NamedAttrMap;
  /** Whether tf.pad (of x) or tf.slice (of dx) does the padding, because the kernel cannot. */
  readonly padsOutside: boolean;
}

/** Lowers a pass that `unsupportedBy` accepts. */
export function lower(problem: ConvProblem, pass: Pass, capabilities: Capabilities): Lowered {
  const { outChannels } = problem;
  const operator = operatorOf(problem);
  const axes = operatorAxes(problem);
  const { x, y, weights } = shapesOf(problem, operator, axes);
  const padded = axes.some((axis) => axis.padBegin > 0 || axis.padEnd > 0);
  const explicit = padded && operator !== "conv3d" && capabilities.explicitPadding.includes(pass);
  return {
    pass,
    operator,
    kernel: kernelOf(operator, pass),
    axes,
    bias: problem.bias,
    shapes: { x, y, weights, bias: [outChannels], dx: x, dy: y, residual: y, dWeights: weights, dBias: [outChannels] },
    attributes: {
      strides: axes.map((axis) => axis.stride),
      dilations: axes.map((axis) => axis.dilation),
      pad: explicit ? [[0, 0], ...axes.map((axis) => [axis.padBegin, axis.padEnd]), [0, 0]] : "valid",
      dataFormat: operator === "conv3d" ? "NDHWC" : "NHWC",
    },
    padsOutside: padded && !explicit,
  };
}

/** The shapes of x, the weights and y as the operator takes them. */
export function shapesOf(
  { batch, inChannels, outChannels, groups, input }: ConvProblem,
  operator: Operator,
  axes: readonly Axis[],
): Readonly<Record<"x" | "weights" | "y", readonly number[]>> {
  if (operator === "matMul") {
    const features = inChannels * elementCount(input);
    return { x: [1, batch, features], weights: [1, features, outChannels], y: [1, batch, outChannels] };
  }
  // Output channel k reads input channel floor(k / multiplier): the harness's [kernel…, 1, K] is tfjs's [kernel…, C,
  // multiplier].
  const channels = operator === "depthwiseConv2d" ? [groups, outChannels / groups] : [inChannels, outChannels];
  return {
    x: [batch, ...axes.map((axis) => axis.input), inChannels],
    weights: [...axes.map((axis) => axis.kernel), ...channels],
    y: [batch, ...axes.map((axis) => axis.output), outChannels],
  };
}

/**
 * Computes a pass; the caller owns the results and tidies the rest. Kernels are run as tfjs's own operations and
 * gradient functions run them: tf.grad would compute the forward pass as well.
 */
export function compute(tf: Tfjs, lowered: Lowered, operands: NamedTensors): NamedTensors {
  switch (lowered.pass) {
    case "forward":
      return {
        y: forward(tf, lowered, required(operands.x, "x"), required(operands.weights, "weights"), operands.bias),
      };
    case "backwardData":
      return { dx: backwardData(tf, lowered, required(operands.dy, "dy"), required(operands.weights, "weights")) };
    case "backwardWeights": {
      const dy = required(operands.dy, "dy");
      const dWeights = backwardWeights(tf, lowered, required(operands.x, "x"), dy);
      const allButChannels = Array.from({ length: dy.rank - 1 }, (_, axis) => axis);
      return lowered.bias ? { dWeights, dBias: tf.sum(dy, allButChannels) } : { dWeights };
    }
  }
}

function forward(tf: Tfjs, lowered: Lowered, x: Tensor, filter: Tensor, bias: Tensor | undefined): Tensor {
  const fusedBias: NamedTensorMap = bias === undefined ? {} : { bias };
  switch (lowered.operator) {
    case "matMul":
      return run(
        tf,
        lowered,
        { a: x, b: filter, ...fusedBias },
        { transposeA: false, transposeB: false, activation: "linear" },
      );
    case "conv2d":
      return run(tf, lowered, { x: prepared(tf, lowered, x), filter, ...fusedBias }, { activation: "linear" });
    case "depthwiseConv2d":
    case "conv3d": {
      const y = run(tf, lowered, { x: prepared(tf, lowered, x), filter }, {});
      return bias === undefined ? y : tf.add(y, bias);
    }
  }
}

function backwardData(tf: Tfjs, lowered: Lowered, dy: Tensor, filter: Tensor): Tensor {
  if (lowered.operator === "matMul") {
    return run(tf, lowered, { a: dy, b: filter }, { transposeA: false, transposeB: true });
  }
  const { axes, padsOutside, shapes } = lowered;
  const keptShape = withSpatial(
    shapes.dx,
    axes.map((axis) => axis.kept),
  );
  if (!padsOutside) {
    return uncropped(tf, axes, run(tf, lowered, { dy, filter }, { inputShape: keptShape }));
  }
  const paddedShape = withSpatial(
    shapes.dx,
    axes.map((axis) => axis.padBegin + axis.kept + axis.padEnd),
  );
  const padded = run(tf, lowered, { dy, filter }, { inputShape: paddedShape });
  const begin = axes.map((axis) => axis.padBegin);
  return uncropped(tf, axes, tf.slice(padded, [0, ...begin, 0], keptShape));
}

/** The gradient of what the crop left, with zeros for what it cut off. */
function uncropped(tf: Tfjs, axes: readonly Axis[], dx: Tensor): Tensor {
  return isCropped(axes) ? tf.pad(dx, spatialPaddings(axes.map((axis) => [0, axis.crop]))) : dx;
}

function backwardWeights(tf: Tfjs, lowered: Lowered, x: Tensor, dy: Tensor): Tensor {
  if (lowered.operator === "matMul") {
    return run(tf, lowered, { a: x, b: dy }, { transposeA: true, transposeB: false });
  }
  return run(tf, lowered, { x: prepared(tf, lowered, x), dy }, { filterShape: [...lowered.shapes.dWeights] });
}

/** x as the kernel takes it: cropped, and padded where the kernel does not pad. */
function prepared(tf: Tfjs, { axes, padsOutside, shapes }: Lowered, x: Tensor): Tensor {
  const begin = Array<number>(x.rank).fill(0);
  const kept = withSpatial(
    shapes.x,
    axes.map((axis) => axis.kept),
  );
  const image = isCropped(axes) ? tf.slice(x, begin, kept) : x;
  return padsOutside ? tf.pad(image, spatialPaddings(axes.map((axis) => [axis.padBegin, axis.padEnd]))) : image;
}

function run(tf: Tfjs, lowered: Lowered, inputs: NamedTensorMap, attributes: NamedAttrMap): Tensor {
  return tf.engine().runKernel(lowered.kernel, inputs, { ...lowered.attributes, ...attributes });
}

/** The shape with its spatial extents (all but the first and the last) replaced. */
function withSpatial(shape: readonly number[], spatial: readonly number[]): number[] {
  return [shape[0]!, ...spatial, shape.at(-1)!];
}

function spatialPaddings(sides: readonly [number, number][]): [number, number][] {
  return [[0, 0], ...sides, [0, 0]];
}
