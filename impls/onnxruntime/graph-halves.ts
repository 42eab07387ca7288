import { elementCount } from "../../core/shape.ts";
import type { ConvProblem } from "../../core/problem.ts";
import { integers, type Constant, type Graph, type Node } from "./model.ts";

/*
 * The layer as two Convs of the same x, whose results are added or stand side by side.
 */

/** Σ over the first half of the channels + Σ over the rest: a Conv with another Conv's result to add. */
export function splitChannels(graph: Graph, { inChannels, kernel }: ConvProblem): Graph {
  const half = Math.floor(inChannels / 2);
  return inHalves(
    graph,
    "weights",
    [half, inChannels - half],
    1,
    kernel,
    (conv, part, weights) => {
      const [image, , bias] = conv.inputs;
      const slice: Node = {
        op: "Slice",
        inputs: [image!, ...["Begin", "End", "Axis"].map((name) => `channels${name}${part}`)],
        outputs: [`channels${part}`],
      };
      const inputs =
        part === 0 && bias !== undefined ? [`channels${part}`, weights, bias] : [`channels${part}`, weights];
      const constants = [
        integers(`channelsBegin${part}`, [part * half]),
        integers(`channelsEnd${part}`, [part === 0 ? half : inChannels]),
        integers(`channelsAxis${part}`, [1]),
      ];
      return { nodes: [slice, { ...conv, inputs, outputs: [`sum${part}`] }], constants };
    },
    { op: "Add", inputs: ["sum0", "sum1"], outputs: ["y"] },
  );
}

/** The first half of the filters and the rest, both of the same x, side by side. */
export function splitFilters(graph: Graph, { outChannels, kernel }: ConvProblem): Graph {
  const half = Math.floor(outChannels / 2);
  const bias = graph.constants.find(({ name }) => name === "bias");
  return inHalves(
    graph,
    "weights",
    [half, outChannels - half],
    0,
    kernel,
    (conv, part, weights) => {
      const inputs = [conv.inputs[0]!, weights];
      if (bias === undefined) return { nodes: [{ ...conv, inputs, outputs: [`filters${part}`] }], constants: [] };
      const range = part === 0 ? [0, half] : [half, outChannels];
      const own: Constant = { name: `bias${part}`, dims: [range[1]! - range[0]!], data: bias.data.slice(...range) };
      return { nodes: [{ ...conv, inputs: [...inputs, own.name], outputs: [`filters${part}`] }], constants: [own] };
    },
    { op: "Concat", inputs: ["filters0", "filters1"], outputs: ["y"], attributes: { axis: 1 } },
  );
}

/**
 * Conv(z, z), one tensor in both places, where the kernel is as large as the image: z holds the images and, behind
 * them, the filters, and y is what images and filters give; the rest is cut off.
 */
export function sameTensorTwice(graph: Graph, { batch, outChannels }: ConvProblem): Graph {
  const axes = [0, 1];
  const bias = graph.constants.find(({ name }) => name === "bias");
  return {
    ...graph,
    constants: [
      ...graph.constants.filter((constant) => constant !== bias),
      integers("begin", [0, batch]),
      integers("end", [batch, batch + outChannels]),
      integers("axes", axes),
      ...(bias === undefined
        ? []
        : [{ ...bias, dims: [1, outChannels, ...graph.inputs[0]!.dims.slice(2).map(() => 1)] }]),
    ],
    nodes: graph.nodes.flatMap((node): Node[] =>
      node.op !== "Conv"
        ? [node]
        : [
            { op: "Concat", inputs: ["x", "weights"], outputs: ["both"], attributes: { axis: 0 } },
            { ...node, inputs: ["both", "both"], outputs: ["products"] },
            {
              op: "Slice",
              inputs: ["products", "begin", "end", "axes"],
              outputs: [bias === undefined ? "y" : "sums"],
            },
            ...(bias === undefined ? [] : [{ op: "Add", inputs: ["sums", "bias"], outputs: ["y"] }]),
          ],
    ),
  };
}

/** Two Convs, each with its part of the weights along an axis, and a node that joins their results. */
function inHalves(
  graph: Graph,
  name: string,
  counts: readonly [number, number],
  axis: 0 | 1,
  kernel: readonly number[],
  half: (
    conv: Node,
    part: 0 | 1,
    weights: string,
  ) => { readonly nodes: readonly Node[]; readonly constants: readonly Constant[] },
  join: Node,
): Graph {
  const weights = graph.constants.find((constant) => constant.name === name)!;
  const conv = graph.nodes.find(({ op }) => op === "Conv")!;
  const [filters, channels] = [weights.dims[0]!, weights.dims[1]!];
  const taps = elementCount(kernel);
  const parts = ([0, 1] as const).map((part) => {
    const [begin, count] = [part === 0 ? 0 : counts[0], counts[part]];
    const dims = axis === 0 ? [count, channels, ...kernel] : [filters, count, ...kernel];
    const rows =
      axis === 0
        ? [[begin * channels, count * channels]]
        : Array.from({ length: filters }, (_, k) => [k * channels + begin, count]);
    const data = new Float32Array(dims.reduce((total, dim) => total * dim, 1));
    let at = 0;
    for (const [first, length] of rows) {
      data.set(subarray(weights.data, first! * taps, length! * taps), at);
      at += length! * taps;
    }
    const own: Constant = { name: `${name}${part}`, dims, data };
    const { nodes, constants } = half(conv, part, own.name);
    return { nodes, constants: [own, ...constants] };
  });
  const kept = graph.constants.filter((constant) => constant.name !== name && (axis === 1 || constant.name !== "bias"));
  return {
    ...graph,
    constants: [...kept, ...parts.flatMap(({ constants }) => constants)],
    nodes: [...graph.nodes.filter((node) => node !== conv), ...parts.flatMap(({ nodes }) => nodes), join],
  };
}

function subarray(data: Float32Array | BigInt64Array, begin: number, length: number): Float32Array {
  if (!(data instanceof Float32Array)) throw new Error("weights are float32");
  return data.subarray(begin, begin + length);
}
