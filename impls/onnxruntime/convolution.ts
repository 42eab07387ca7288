import type { ConvProblem } from "../../core/problem.ts";
import { axesOf, isCropped, type Axis } from "../support/axes.ts";
import { biasGradient } from "./bias-gradient.ts";
import { integers, type Constant, type Graph, type Node } from "./model.ts";

/**
 * y = Conv(x, weights, bias), with the weights and the bias as constants of the graph, as a trained model has them:
 * ONNX Runtime packs them once, when the session is made. A crop is a Slice before it.
 */
export function forwardGraph(problem: ConvProblem, weights: Float32Array, bias: Float32Array | undefined): Graph {
  const { batch, inChannels, outChannels, groups, input, kernel } = problem;
  const axes = axesOf(problem);
  const operands: Constant[] = [
    { name: "weights", dims: [outChannels, inChannels / groups, ...kernel], data: weights },
  ];
  if (bias !== undefined) operands.push({ name: "bias", dims: [outChannels], data: bias });
  const crop = head(
    "x",
    "kept",
    input,
    axes.map((axis) => axis.kept),
  );
  const inputs = [crop.result, ...operands.map(({ name }) => name)];
  return {
    inputs: [{ name: "x", dims: [batch, inChannels, ...input] }],
    outputs: [{ name: "y", dims: [batch, outChannels, ...axes.map((axis) => axis.output)] }],
    constants: [...operands, ...crop.constants],
    nodes: [...crop.nodes, { op: "Conv", inputs, outputs: ["y"], attributes: windowAttributes(problem, axes) }],
  };
}

/**
 * dx = ConvTranspose(dy, weights), with the elements that no window read as its output_padding. A crop is a Pad after
 * it.
 */
export function backwardDataGraph(problem: ConvProblem): Graph {
  const { batch, inChannels, outChannels, groups } = problem;
  const axes = axesOf(problem);
  const cropped = isCropped(axes);
  const transpose: Node = {
    op: "ConvTranspose",
    inputs: ["dy", "weights"],
    outputs: [cropped ? "kept" : "dx"],
    attributes: { ...windowAttributes(problem, axes), output_padding: axes.map((axis) => axis.unread) },
  };
  const pads = [...Array<number>(4 + axes.length).fill(0), ...axes.map((axis) => axis.crop)];
  return {
    inputs: [
      { name: "dy", dims: [batch, outChannels, ...axes.map((axis) => axis.output)] },
      { name: "weights", dims: [outChannels, inChannels / groups, ...problem.kernel] },
    ],
    outputs: [{ name: "dx", dims: [batch, inChannels, ...problem.input] }],
    constants: cropped ? [integers("crop", pads)] : [],
    nodes: cropped ? [transpose, { op: "Pad", inputs: ["kept", "crop"], outputs: ["dx"] }] : [transpose],
  };
}

/**
 * dWeights as a Conv with the roles exchanged, and dBias as a ReduceSum:
 *
 *   dW[k, c, r] = Σ_{n, o} dy[n, k, o] · x[n, c, o·stride + r·dilation]
 *
 * is a convolution of x with dy as the kernel, the batch as its input channels, and stride and dilation exchanged. With
 * G groups the image is [C/G, G·N, in…], the kernel [K, N, out…], and the result [C/G, K, kernel…]. The Transposes
 * before and after are part of the work. What no window reads is cut off first, or the result would be longer than the
 * kernel.
 */
export function backwardWeightsGraph(problem: ConvProblem): Graph {
  const { batch, inChannels, outChannels, groups, input, kernel } = problem;
  const axes = axesOf(problem);
  const output = axes.map((axis) => axis.output);
  const cuts = axes.map(cutUnread);
  const read = head(
    "x",
    "read",
    input,
    cuts.map((cut) => cut.read),
  );
  const image = asImage(
    problem,
    read.result,
    cuts.map((cut) => cut.read),
  );
  const result = head(
    "result",
    "trimmed",
    cuts.map((cut) => cut.result),
    kernel,
  );
  const dBias = biasGradient(problem, 2 + axes.length);
  return {
    inputs: [
      { name: "x", dims: [batch, inChannels, ...input] },
      { name: "dy", dims: [batch, outChannels, ...output] },
    ],
    outputs: [{ name: "dWeights", dims: [outChannels, inChannels / groups, ...kernel] }, ...dBias.outputs],
    constants: [...read.constants, ...image.constants, ...result.constants, ...dBias.constants],
    nodes: [
      ...read.nodes,
      ...image.nodes,
      exchangeFirstTwo("dy", "kernel", axes.length),
      {
        op: "Conv",
        inputs: [image.result, "kernel"],
        outputs: ["result"],
        attributes: {
          group: groups,
          kernel_shape: output,
          strides: axes.map((axis) => axis.dilation),
          dilations: axes.map((axis) => axis.stride),
          pads: [...axes.map((axis) => axis.padBegin), ...cuts.map((cut) => cut.padEnd)],
        },
      },
      ...result.nodes,
      exchangeFirstTwo(result.result, "dWeights", axes.length),
      ...dBias.nodes,
    ],
  };
}

/** What is left of an axis without its unread end, and the extent of the exchanged Conv's result. */
function cutUnread(axis: Axis): { readonly read: number; readonly padEnd: number; readonly result: number } {
  const padEnd = Math.max(0, axis.padEnd - axis.unread);
  // An axis of which no window reads any input keeps one element; only there is the result longer than the kernel.
  const read = axis.kept - Math.min(Math.max(0, axis.unread - axis.padEnd), axis.kept - 1);
  const slack = axis.padBegin + read + padEnd - axis.stride * (axis.output - 1) - 1;
  return { read, padEnd, result: Math.floor(slack / axis.dilation) + 1 };
}

/** Some nodes, their constants, and the name of the value that comes out. */
interface Step {
  readonly result: string;
  readonly nodes: readonly Node[];
  readonly constants: readonly Constant[];
}

/** x, [N, C, in…], as [C/G, G·N, in…]. */
function asImage({ batch, inChannels, groups }: ConvProblem, source: string, input: readonly number[]): Step {
  if (groups === 1) return { result: "image", nodes: [exchangeFirstTwo(source, "image", input.length)], constants: [] };
  const perm = [2, 1, 0, ...input.map((_, axis) => axis + 3)];
  return {
    result: "image",
    nodes: [
      { op: "Reshape", inputs: [source, "byGroup"], outputs: ["grouped"] },
      { op: "Transpose", inputs: ["grouped"], outputs: ["exchanged"], attributes: { perm } },
      { op: "Reshape", inputs: ["exchanged", "imageShape"], outputs: ["image"] },
    ],
    constants: [
      integers("byGroup", [batch, groups, inChannels / groups, ...input]),
      integers("imageShape", [inChannels / groups, groups * batch, ...input]),
    ],
  };
}

/** The first `kept` elements of each spatial axis of `source`, which is `source` itself where these are all. */
function head(source: string, result: string, extents: readonly number[], kept: readonly number[]): Step {
  if (kept.every((end, axis) => end === extents[axis])) return { result: source, nodes: [], constants: [] };
  const constants = [
    integers(`${result}Begin`, Array<number>(kept.length).fill(0)),
    integers(`${result}End`, kept),
    integers(
      `${result}Axes`,
      Array.from(kept, (_, axis) => axis + 2),
    ),
  ];
  const inputs = [source, ...constants.map(({ name }) => name)];
  return { result, nodes: [{ op: "Slice", inputs, outputs: [result] }], constants };
}

function exchangeFirstTwo(source: string, result: string, spatialRank: number): Node {
  const perm = [1, 0, ...Array.from({ length: spatialRank }, (_, axis) => axis + 2)];
  return { op: "Transpose", inputs: [source], outputs: [result], attributes: { perm } };
}

function windowAttributes(problem: ConvProblem, axes: readonly Axis[]): Record<string, number | readonly number[]> {
  return {
    group: problem.groups,
    kernel_shape: problem.kernel,
    strides: axes.map((axis) => axis.stride),
    dilations: axes.map((axis) => axis.dilation),
    pads: [...axes.map((axis) => axis.padBegin), ...axes.map((axis) => axis.padEnd)],
  };
}
