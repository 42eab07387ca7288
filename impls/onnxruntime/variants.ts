import type { InferenceSession } from "onnxruntime-node";
import type { Tensors } from "../../core/plugin.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { axesOf, isCropped } from "../support/axes.ts";
import { required } from "../support/tensor.ts";
import { paddingUnfit } from "../support/paddings.ts";
import { backwardDataGraph, backwardWeightsGraph, forwardGraph } from "./convolution.ts";
import {
  followedBy,
  withAttributes,
  withBatchNormalization,
  withFedWeights,
  withPadNode,
  channelsLast,
  splitActivation,
} from "./graph-variants.ts";
import { sameTensorTwice, splitChannels, splitFilters } from "./graph-halves.ts";
import type { Graph } from "./model.ts";

/** A variant: another API path to the same convolution, with its own graph or its own session settings. */
export interface Variant {
  readonly name: string;
  readonly description: string;
  /** Why this variant cannot do a problem that the library can. */
  unfit(problem: ConvProblem, pass: Pass): string | undefined;
  graph(problem: ConvProblem, pass: Pass, operands: Tensors): Graph;
  readonly settings?: InferenceSession.SessionOptions;
  readonly layout?: "nhwc";
}

/** The layer as Conv, ConvTranspose, or Conv with the roles exchanged, whatever its shape. */
function convolutionGraph(problem: ConvProblem, pass: Pass, operands: Tensors): Graph {
  switch (pass) {
    case "forward":
      return forwardGraph(problem, required(operands.weights, "weights"), operands.bias);
    case "backwardData":
      return backwardDataGraph(problem);
    case "backwardWeights":
      return backwardWeightsGraph(problem);
  }
}

const anything = (): undefined => undefined;

function forwardOnly(unfit: (problem: ConvProblem) => string | undefined = anything): Variant["unfit"] {
  return (problem, pass) => (pass === "forward" ? unfit(problem) : "this variant has a forward pass only");
}

/** A forward graph derived from the default one. */
function changed(
  name: string,
  description: string,
  change: (graph: Graph, problem: ConvProblem, operands: Tensors) => Graph,
  unfit?: (problem: ConvProblem) => string | undefined,
): Variant {
  return {
    name,
    description,
    unfit: forwardOnly(unfit),
    graph: (problem, pass, operands) => change(convolutionGraph(problem, pass, operands), problem, operands),
  };
}

function autoPad(name: string, word: string, padding: "same-upper" | "same-lower" | "valid"): Variant {
  return changed(
    name,
    `auto_pad = ${word}`,
    (graph) => withAttributes(graph, "Conv", ({ pads: _pads, ...rest }) => ({ ...rest, auto_pad: word })),
    (problem) => {
      const axes = axesOf(problem);
      if (padding !== "valid" && axes.some(({ dilation }) => dilation > 1)) {
        return "ONNX Runtime says: dilation not supported for AutoPadType::SAME_UPPER or AutoPadType::SAME_LOWER";
      }
      return paddingUnfit(axes, padding);
    },
  );
}

/** ConvTranspose given its output's extents; it derives the padding and splits it in two. */
function outputShape(name: string, word: "SAME_UPPER" | "SAME_LOWER"): Variant {
  const halves = (total: number): number => (word === "SAME_UPPER" ? Math.floor(total / 2) : Math.ceil(total / 2));
  return {
    name,
    description: `ConvTranspose with output_shape and auto_pad = ${word}`,
    unfit: (problem, pass) => {
      if (pass !== "backwardData") return "this variant has an input gradient only";
      const fits = axesOf(problem).every(({ crop, input, output, stride, kernel, dilation, padBegin }) => {
        const total = stride * (output - 1) + dilation * (kernel - 1) + 1 - input;
        return crop === 0 && total >= 0 && padBegin === halves(total);
      });
      return fits ? undefined : "the padding is not half of what output_shape leaves over";
    },
    graph: (problem, pass, operands) =>
      withAttributes(
        convolutionGraph(problem, pass, operands),
        "ConvTranspose",
        ({ pads: _pads, output_padding: _outputPadding, ...rest }) => ({
          ...rest,
          auto_pad: word,
          output_shape: problem.input,
        }),
      ),
  };
}

function settings(name: string, description: string, options: InferenceSession.SessionOptions): Variant {
  return { name, description, unfit: anything, graph: convolutionGraph, settings: options };
}

/** A leading axis of extent 1, which changes no element and no order. */
function lifted(problem: ConvProblem): ConvProblem {
  return {
    ...problem,
    input: [1, ...problem.input],
    kernel: [1, ...problem.kernel],
    stride: [1, ...problem.stride],
    dilation: [1, ...problem.dilation],
    padBegin: [0, ...problem.padBegin],
    padEnd: [0, ...problem.padEnd],
  };
}

const groupless = ({ groups }: ConvProblem): string | undefined =>
  groups === 1 ? undefined : `this variant takes one group, not ${groups}`;

const relu = { op: "Relu" };
/** Clip to the range of float32, which changes nothing. */
const clip = { op: "Clip", constants: [-Infinity, Infinity] };
const clipAtZero = { op: "Clip", constants: [0, Infinity] };

export const VARIANTS: readonly Variant[] = [
  autoPad("same-upper", "SAME_UPPER", "same-upper"),
  autoPad("same-lower", "SAME_LOWER", "same-lower"),
  autoPad("valid", "VALID", "valid"),
  outputShape("output-shape", "SAME_UPPER"),
  outputShape("output-shape-lower", "SAME_LOWER"),
  changed("pad-node", "the padding as a Pad before the Conv", withPadNode, (problem) => {
    const axes = axesOf(problem);
    if (isCropped(axes)) return "a crop is a Slice already";
    return axes.some(({ padBegin, padEnd }) => padBegin + padEnd > 0) ? undefined : "there is no padding";
  }),
  changed("fused-add", "Add of zeros after the Conv", (graph, problem) =>
    followedBy(graph, problem, [{ op: "Add", zeros: "all" }]),
  ),
  changed("fused-add-constant", "Add of a zero for each channel, a constant, after the Conv", (graph, problem) =>
    followedBy(graph, problem, [{ op: "Add", zeros: "channels" }]),
  ),
  changed("fused-mul", "Mul by a one for each channel, a constant, after the Conv", (graph, problem) =>
    followedBy(graph, problem, [{ op: "Mul", ones: "channels" }]),
  ),
  changed("fused-clip", "Clip from −Inf to Inf after the Conv", (graph, problem) => followedBy(graph, problem, [clip])),
  changed("fused-leaky-relu", "LeakyRelu of slope 1 after the Conv", (graph, problem) =>
    followedBy(graph, problem, [{ op: "LeakyRelu", attributes: { alpha: { float: 1 } } }]),
  ),
  changed("fused-prelu", "PRelu of slope 1 after the Conv", (graph, problem) =>
    followedBy(graph, problem, [{ op: "PRelu", ones: "channels" }]),
  ),
  changed("fused-add-leaky-relu", "Add of zeros and LeakyRelu of slope 1 after the Conv", (graph, problem) =>
    followedBy(graph, problem, [
      { op: "Add", zeros: "all" },
      { op: "LeakyRelu", attributes: { alpha: { float: 1 } } },
    ]),
  ),
  changed("fused-batch-normalization", "a neutral BatchNormalization after the Conv", withBatchNormalization),
  changed("fused-relu", "Relu(Conv with w) − Relu(Conv with −w)", (graph, problem) =>
    splitActivation(graph, problem, [relu]),
  ),
  changed("fused-clip-at-zero", "Clip at 0 (Conv with w) − Clip at 0 (Conv with −w)", (graph, problem) =>
    splitActivation(graph, problem, [clipAtZero]),
  ),
  changed("fused-add-relu", "Relu(Conv with w + zeros) − Relu(Conv with −w + zeros)", (graph, problem) =>
    splitActivation(graph, problem, [{ op: "Add", zeros: "all" }, relu]),
  ),
  changed(
    "fused-sum",
    "one Conv of each half of the channels, added",
    splitChannels,
    (problem) => groupless(problem) ?? (problem.inChannels < 2 ? "there is one channel only" : undefined),
  ),
  changed(
    "shared-input",
    "one Conv for each half of the filters, both of the same x",
    splitFilters,
    (problem) => groupless(problem) ?? (problem.outChannels < 2 ? "there is one filter only" : undefined),
  ),
  changed(
    "same-tensor",
    "Conv of a tensor with itself, images and filters together, where the kernel is as large as the image",
    sameTensorTwice,
    (problem) => {
      if (isCropped(axesOf(problem))) return "a crop makes the image another tensor";
      const fits = problem.input.every((extent, axis) => extent === problem.kernel[axis]);
      return groupless(problem) ?? (fits ? undefined : "the kernel is not as large as the image");
    },
  ),
  changed("fed-weights", "weights and bias fed, not constants of the model", withFedWeights),
  {
    name: "constant-weights",
    description: "ConvTranspose with constant weights",
    unfit: (_, pass) => (pass === "backwardData" ? undefined : "this variant has an input gradient only"),
    graph: (problem, pass, operands) => {
      const graph = convolutionGraph(problem, pass, operands);
      const weights = graph.inputs.filter(({ name }) => name === "weights");
      return {
        ...graph,
        inputs: graph.inputs.filter(({ name }) => name !== "weights"),
        constants: [
          ...graph.constants,
          ...weights.map((value) => ({ ...value, data: required(operands.weights, "weights") })),
        ],
      };
    },
  },
  {
    name: "transpose-bias",
    description: "ConvTranspose with a bias of zeros",
    unfit: (_, pass) => (pass === "backwardData" ? undefined : "this variant has an input gradient only"),
    graph: (problem, pass, operands) => {
      const graph = convolutionGraph(problem, pass, operands);
      return {
        ...graph,
        constants: [
          ...graph.constants,
          { name: "zeros", dims: [problem.inChannels], data: new Float32Array(problem.inChannels) },
        ],
        nodes: graph.nodes.map((node) =>
          node.op === "ConvTranspose" ? { ...node, inputs: [...node.inputs, "zeros"] } : node,
        ),
      };
    },
  },
  {
    name: "lifted",
    description: "a leading axis of extent 1: 1-D as 2-D, 2-D as 3-D",
    unfit: ({ input }) => (input.length < 3 ? undefined : "it is 3-D already"),
    graph: (problem, pass, operands) => convolutionGraph(lifted(problem), pass, operands),
  },
  {
    name: "nhwc",
    description: "channels last, a Transpose before and after the Conv",
    layout: "nhwc",
    unfit: forwardOnly((problem) =>
      isCropped(axesOf(problem)) ? "a crop is left to the variant that crops" : undefined,
    ),
    graph: (problem, pass, operands) => channelsLast(convolutionGraph(problem, pass, operands), problem),
  },
  settings("unoptimised", "graph optimisation off", { graphOptimizationLevel: "disabled" }),
  settings("basic", "graph optimisation level basic", { graphOptimizationLevel: "basic" }),
  settings("extended", "graph optimisation level extended", { graphOptimizationLevel: "extended" }),
  settings("unpacked", "weights are not packed when the session is made", {
    extra: { session: { disable_prepacking: "1" } },
  }),
];
