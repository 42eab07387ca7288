import type { ModelConstant, ModelGraph, ModelNode } from "../../../core/model.ts";
import { required } from "../tensor.ts";

/**
 * The graph in which what scales and shifts the channels of a convolution's result (batch normalisation, a product or a
 * sum with one constant a channel) is part of its weights and bias: what converters and runtimes do when a model is
 * loaded. Only where nothing else reads the values between.
 */
export function foldScales(graph: ModelGraph): ModelGraph {
  const constants = new Map<string, ModelConstant>(graph.constants.map((constant) => [constant.name, constant]));
  const reads = new Map<string, number>(graph.outputs.map(({ name }) => [name, 1]));
  for (const { inputs } of graph.nodes) for (const name of inputs) reads.set(name, (reads.get(name) ?? 0) + 1);
  const places = new Map<string, number>();
  const nodes: ModelNode[] = [];
  for (const node of graph.nodes) {
    const source = node.inputs.find((name) => !constants.has(name)) ?? "";
    const place = places.get(source);
    const before = place === undefined || reads.get(source) !== 1 ? undefined : nodes[place];
    const scale = before === undefined ? undefined : scaleOf(node, constants);
    const weights = before === undefined ? undefined : constants.get(before.inputs[1] ?? "");
    if (place !== undefined && before !== undefined && scale !== undefined && weights !== undefined) {
      const folded = withScale(before, node, scale, weights, constants.get(before.inputs[2] ?? ""));
      for (const constant of folded.constants) constants.set(constant.name, constant);
      nodes[place] = folded.node;
      places.set(node.name, place);
      continue;
    }
    if (node.operation.kind === "convolution" && node.inputs.slice(1).every((name) => constants.has(name)))
      places.set(node.name, nodes.length);
    nodes.push(node);
  }
  const isRead = new Set(nodes.flatMap(({ inputs }) => inputs));
  return { ...graph, nodes, constants: [...constants.values()].filter(({ name }) => isRead.has(name)) };
}

/** What a channel is multiplied by, then what is added to it. */
interface Scale {
  readonly factors: Float64Array;
  readonly shifts: Float64Array;
}

function scaleOf(
  { operation, inputs, dims }: ModelNode,
  constants: ReadonlyMap<string, ModelConstant>,
): Scale | undefined {
  const channels = dims[1] ?? 1;
  if (operation.kind === "batch-normalisation") {
    const [scale, shift, mean, variance] = inputs.slice(1).map((name) => constants.get(name)?.data);
    if (scale === undefined || shift === undefined || mean === undefined || variance === undefined) return undefined;
    const factors = Float64Array.from(scale, (value, at) => value / Math.sqrt(variance[at]! + operation.epsilon));
    return { factors, shifts: factors.map((factor, at) => shift[at]! - mean[at]! * factor) };
  }
  if (operation.kind !== "pair") return undefined;
  const index = inputs.findIndex((name) => constants.has(name));
  const constant = constants.get(inputs[index] ?? "");
  if (constant === undefined) return undefined;
  const values = perChannel(constant, dims);
  const [ones, zeros] = [new Float64Array(channels).fill(1), new Float64Array(channels)];
  if (values === undefined) return undefined;
  switch (operation.function) {
    case "add":
      return { factors: ones, shifts: values };
    case "subtract":
      return index === 1 ? { factors: ones, shifts: values.map((value) => -value) } : undefined;
    case "multiply":
      return { factors: values, shifts: zeros };
    case "divide":
      return index === 1 ? { factors: values.map((value) => 1 / value), shifts: zeros } : undefined;
    default:
      return undefined;
  }
}

/** A constant that has one value, or one for each channel of N C spatial…. */
function perChannel({ dims, data }: ModelConstant, to: readonly number[]): Float64Array | undefined {
  const channels = to[1] ?? 1;
  if (dims.length > to.length) return undefined;
  if (data.length === 1) return new Float64Array(channels).fill(data[0]!);
  const axis = dims.length - to.length + 1;
  const isOfChannels = dims.every((extent, at) => (at === axis ? extent === channels : extent === 1));
  return isOfChannels && data.length === channels ? Float64Array.from(data) : undefined;
}

function withScale(
  before: ModelNode,
  { name, dims }: ModelNode,
  { factors, shifts }: Scale,
  weights: ModelConstant,
  bias: ModelConstant | undefined,
): { readonly node: ModelNode; readonly constants: readonly ModelConstant[] } {
  const each = weights.data.length / factors.length;
  const scaled = weights.data.map((weight, at) => weight * required(factors[Math.floor(at / each)], "factor"));
  const shifted = Float32Array.from(shifts, (shift, at) => (bias?.data[at] ?? 0) * factors[at]! + shift);
  const own = [`${name}:weights`, `${name}:bias`] as const;
  return {
    node: { ...before, name, dims, inputs: [before.inputs[0] ?? "", ...own] },
    constants: [
      { name: own[0], dims: weights.dims, data: scaled },
      { name: own[1], dims: [factors.length], data: shifted },
    ],
  };
}
