import type { ConvProblem } from "../../core/problem.ts";
import { outputShape } from "../../core/shape.ts";
import { integers, type Attribute, type Constant, type Graph, type Input, type Node } from "./model.ts";

/*
 * Rewritings of the default forward graph (convolution.ts) with the same result. Each is a shape that exporters write
 * and that the graph optimiser looks for.
 */

/** An operator on the Conv's result with an operand that makes it the identity. */
export interface Follower {
  readonly op: string;
  readonly attributes?: Readonly<Record<string, Attribute>>;
  /** Zeros, fed, of the whole shape; or a constant for each channel. */
  readonly zeros?: "all" | "channels";
  readonly ones?: "channels";
  /** Scalars given as constants. */
  readonly constants?: readonly number[];
}

/** The graph with the attributes of every node of an operator replaced. */
export function withAttributes(
  graph: Graph,
  op: string,
  change: (attributes: Readonly<Record<string, Attribute>>) => Readonly<Record<string, Attribute>>,
): Graph {
  const nodes = graph.nodes.map((node) =>
    node.op === op ? { ...node, attributes: change(node.attributes ?? {}) } : node,
  );
  return { ...graph, nodes };
}

/** The operators, one after the other, between the Conv and y. */
export function followedBy(graph: Graph, problem: ConvProblem, followers: readonly Follower[]): Graph {
  const chain = followersOf(problem, "conv", "y", "", followers);
  return {
    ...graph,
    inputs: [...graph.inputs, ...chain.inputs],
    constants: [...graph.constants, ...chain.constants],
    nodes: [...graph.nodes.map((node) => renamed(node, "y", "conv")), ...chain.nodes],
  };
}

/**
 * f(Conv(x, w, b)) − f(Conv(x, −w, −b)) with an f that is 0 below zero: v = max(v, 0) − max(−v, 0), without rounding.
 */
export function splitActivation(graph: Graph, problem: ConvProblem, followers: readonly Follower[]): Graph {
  const isOperand = ({ name }: Constant): boolean => name === "weights" || name === "bias";
  const negatives = graph.constants.filter(isOperand).map((constant): Constant => {
    const data = constant.data instanceof Float32Array ? constant.data.map((value) => -value) : constant.data;
    return { ...constant, name: `${constant.name}Negative`, data };
  });
  const conv = graph.nodes.filter(({ op }) => op === "Conv");
  const mirrored = conv.map((node) => ({
    ...node,
    inputs: node.inputs.map((name) => (name === "weights" || name === "bias" ? `${name}Negative` : name)),
    outputs: ["below"],
  }));
  const upper = followersOf(problem, "above", "upper", "Upper", followers);
  const lower = followersOf(problem, "below", "lower", "Lower", followers);
  return {
    ...graph,
    inputs: [...graph.inputs, ...upper.inputs, ...lower.inputs],
    constants: [...graph.constants, ...negatives, ...upper.constants, ...lower.constants],
    nodes: [
      ...graph.nodes.map((node) => renamed(node, "y", "above")),
      ...mirrored,
      ...upper.nodes,
      ...lower.nodes,
      { op: "Sub", inputs: ["upper", "lower"], outputs: ["y"] },
    ],
  };
}

interface Chain {
  readonly inputs: readonly Input[];
  readonly constants: readonly Constant[];
  readonly nodes: readonly Node[];
}

/** Operators from `source` to `result`; `suffix` tells the names of two chains apart. */
function followersOf(
  problem: ConvProblem,
  source: string,
  result: string,
  suffix: string,
  followers: readonly Follower[],
): Chain {
  const { batch, outChannels, input } = problem;
  const perChannel = [1, outChannels, ...input.map(() => 1)];
  const whole = [batch, outChannels, ...outputShape(problem)];
  const inputs: Input[] = [];
  const constants: Constant[] = [];
  const nodes = followers.map(({ op, attributes, zeros, ones, constants: scalars }, index): Node => {
    const name = `${op}${index}${suffix}`;
    const from = index === 0 ? source : `${followers[index - 1]!.op}${index - 1}${suffix}Result`;
    const to = index === followers.length - 1 ? result : `${name}Result`;
    const operands = [from];
    if (zeros === "all") inputs.push(filled(`${name}Zeros`, whole, 0));
    if (zeros === "channels") constants.push(filled(`${name}Zeros`, perChannel, 0));
    if (zeros !== undefined) operands.push(`${name}Zeros`);
    // The slope of PRelu has no batch axis.
    if (ones !== undefined) constants.push(filled(`${name}Ones`, op === "PRelu" ? perChannel.slice(1) : perChannel, 1));
    if (ones !== undefined) operands.push(`${name}Ones`);
    for (const [position, value] of (scalars ?? []).entries()) {
      constants.push(filled(`${name}Scalar${position}`, [], value));
      operands.push(`${name}Scalar${position}`);
    }
    return { op, inputs: operands, outputs: [to], ...(attributes === undefined ? {} : { attributes }) };
  });
  return { inputs, constants, nodes };
}

function filled(name: string, dims: readonly number[], value: number): Constant & { readonly data: Float32Array } {
  return { name, dims, data: new Float32Array(dims.reduce((total, dim) => total * dim, 1)).fill(value) };
}

function renamed(node: Node, from: string, to: string): Node {
  return { ...node, outputs: node.outputs.map((name) => (name === from ? to : name)) };
}

/** BatchNormalization with scale 1, mean 0, variance 1 and epsilon 0, as inference folds it into the weights. */
export function withBatchNormalization(graph: Graph, { outChannels }: ConvProblem): Graph {
  const statistics = [
    filled("scale", [outChannels], 1),
    filled("shift", [outChannels], 0),
    filled("mean", [outChannels], 0),
    filled("variance", [outChannels], 1),
  ];
  return {
    ...graph,
    constants: [...graph.constants, ...statistics],
    nodes: [
      ...graph.nodes.map((node) => renamed(node, "y", "conv")),
      {
        op: "BatchNormalization",
        inputs: ["conv", ...statistics.map(({ name }) => name)],
        outputs: ["y"],
        attributes: { epsilon: { float: 0 } },
      },
    ],
  };
}

/** The padding as a Pad of its own before a Conv without any. */
export function withPadNode(graph: Graph, { input, padBegin, padEnd }: ConvProblem): Graph {
  const pads = integers("padding", [0, 0, ...padBegin, 0, 0, ...padEnd]);
  const unpadded = withAttributes(graph, "Conv", (attributes) => ({
    ...attributes,
    pads: [...input, ...input].map(() => 0),
  }));
  return {
    ...unpadded,
    constants: [...graph.constants, pads],
    nodes: [
      { op: "Pad", inputs: ["x", "padding"], outputs: ["padded"] },
      ...unpadded.nodes.map((node) => ({
        ...node,
        inputs: node.inputs.map((name) => (name === "x" ? "padded" : name)),
      })),
    ],
  };
}

/** Weights and bias as inputs of the graph. */
export function withFedWeights(graph: Graph): Graph {
  const isOperand = ({ name }: Constant): boolean => name === "weights" || name === "bias";
  const fed = graph.constants.filter(isOperand).map(({ name, dims }) => ({ name, dims }));
  return {
    ...graph,
    inputs: [...graph.inputs, ...fed],
    constants: graph.constants.filter((constant) => !isOperand(constant)),
  };
}

/** The graph for x, weights and y with their channels last. */
export function channelsLast(graph: Graph, problem: ConvProblem): Graph {
  const rank = problem.input.length;
  const spatial = Array.from({ length: rank }, (_, axis) => axis);
  const last = ([first, second, ...extents]: readonly number[]): number[] => [first!, ...extents, second!];
  const weights = graph.constants.find(({ name }) => name === "weights")!;
  const [filters, channels, ...kernel] = weights.dims;
  return {
    ...graph,
    inputs: graph.inputs.map((input) => ({ ...input, dims: last(input.dims) })),
    outputs: graph.outputs.map((output) => ({ ...output, dims: last(output.dims) })),
    constants: graph.constants.map((constant) =>
      constant === weights ? { ...weights, dims: [...kernel, channels!, filters!] } : constant,
    ),
    nodes: [
      {
        op: "Transpose",
        inputs: ["x"],
        outputs: ["image"],
        attributes: { perm: [0, rank + 1, ...spatial.map((axis) => axis + 1)] },
      },
      {
        op: "Transpose",
        inputs: ["weights"],
        outputs: ["filters"],
        attributes: { perm: [rank + 1, rank, ...spatial] },
      },
      ...graph.nodes.map((node) => ({
        ...renamed(node, "y", "conv"),
        inputs: node.inputs.map((name) => ({ x: "image", weights: "filters" })[name] ?? name),
      })),
      {
        op: "Transpose",
        inputs: ["conv"],
        outputs: ["y"],
        attributes: { perm: [0, ...spatial.map((axis) => axis + 2), 1] },
      },
    ],
  };
}
