import type { ModelGraph, ModelNode } from "../../../core/model.ts";
import type { NetworkLayer } from "../../../core/network.ts";
import type { ConvProblem } from "../../../core/problem.ts";
import { problemFault } from "../../../core/problem-rules.ts";
import { layerProblem } from "../../../reference/graph/layer-problem.ts";
import { layerFault } from "../../../reference/graph/layer-rules.ts";
import { layerShapes } from "../../../reference/graph/layer-shapes.ts";
import { MODEL, type Layer, type OtherLayer } from "../../suite.ts";
import { shortText } from "../tensor.ts";

/**
 * The layers of a model that can be timed by themselves, each distinct one once with how often the model has it. What is
 * no layer of ours (a product of activations, a transposition, …) is not among them.
 */
export function layersOfModel(graph: ModelGraph): readonly (Layer | OtherLayer)[] {
  const dims = new Map([...graph.inputs, ...graph.constants, ...graph.nodes].map((value) => [value.name, value.dims]));
  const constants = new Set(graph.constants.map(({ name }) => name));
  const found = new Map<string, Layer | OtherLayer>();
  for (const node of graph.nodes) {
    const layer = layerOf(graph.name, node, (name) => dims.get(name) ?? [], constants);
    if (layer === undefined) continue;
    const key = JSON.stringify(layer.kind === "convolution" ? { ...layer.problem, name: "" } : layer.layer);
    const known = found.get(key);
    found.set(key, known === undefined ? layer : { ...known, multiplicity: known.multiplicity + 1 });
  }
  return [...found.values()];
}

function layerOf(
  suite: string,
  node: ModelNode,
  dimsOf: (name: string) => readonly number[],
  constants: ReadonlySet<string>,
): Layer | OtherLayer | undefined {
  const shown = shortText(node.name) || node.operation.kind;
  const name = shown === MODEL ? `${shown}#2` : shown;
  const problem = convolutionOf(node, dimsOf, constants);
  if (problem !== undefined) {
    if (problem.input.length > 3 || problemFault(problem) !== undefined) return undefined;
    return { kind: "convolution", name, problem: { ...problem, name: `${suite}:${name}` }, multiplicity: 1 };
  }
  const layer = networkLayerOf(node);
  const isComputed = node.inputs.every((input, index) =>
    index > 0 && hasParameters(node) ? constants.has(input) : !constants.has(input),
  );
  if (layer === undefined || !isComputed) return undefined;
  const inputs = (hasParameters(node) ? node.inputs.slice(0, 1) : node.inputs).map(dimsOf);
  const isImage = inputs.every((shape) => shape.length >= 2 && shape.length <= 5);
  if (!isImage || layerFault(layer, inputs) !== undefined) return undefined;
  // A rule of ours and one of the file may differ in where a last window lies.
  if (layerShapes(layer, inputs).output.join() !== node.dims.join()) return undefined;
  const other = layerProblem(layer, inputs);
  return other === undefined ? undefined : { kind: "other", name, layer: other, multiplicity: 1 };
}

function hasParameters({ operation }: ModelNode): boolean {
  return operation.kind === "batch-normalisation" || operation.kind === "transposed-convolution";
}

/** A convolution with constant weights, or a matrix of constants times vectors: one of a pixel. */
function convolutionOf(
  { operation, inputs: [x = "", weights = "", bias] }: ModelNode,
  dimsOf: (name: string) => readonly number[],
  constants: ReadonlySet<string>,
): ConvProblem | undefined {
  if (!constants.has(weights) || constants.has(x)) return undefined;
  const [batch = 1, inChannels = 1, ...input] = dimsOf(x);
  switch (operation.kind) {
    case "convolution": {
      const { groups, kernel, stride, dilation, padBegin, padEnd } = operation;
      const outChannels = dimsOf(weights)[0] ?? 1;
      const geometry = { batch, inChannels, outChannels, groups, input, kernel, stride, dilation, padBegin, padEnd };
      return { ...geometry, bias: bias !== undefined };
    }
    case "matrix-product": {
      if (dimsOf(weights).length !== 2) return undefined;
      const [features = 1, outChannels = 1] = dimsOf(weights);
      const rows = dimsOf(x)
        .slice(0, -1)
        .reduce((product, extent) => product * extent, 1);
      const one = { input: [1, 1], kernel: [1, 1], stride: [1, 1], dilation: [1, 1], padBegin: [0, 0], padEnd: [0, 0] };
      return { batch: rows, inChannels: features, outChannels, groups: 1, ...one, bias: false };
    }
    default:
      return undefined;
  }
}

/** The layer of ours that an operation is. */
function networkLayerOf({ operation, dims }: ModelNode): NetworkLayer | undefined {
  switch (operation.kind) {
    case "max-pooling":
    case "average-pooling": {
      const { kernel, stride, padBegin, padEnd } = operation;
      if (operation.dilation.some((step) => step !== 1)) return undefined;
      const window = { kernel, stride, padBegin, padEnd, ceil: true };
      return operation.kind === "max-pooling"
        ? { kind: "max-pooling", ...window }
        : { kind: "average-pooling", ...window, countsPadding: operation.countsPadding };
    }
    case "element": {
      const { name } = operation.function;
      if (name === "clip") return { kind: "clip", min: operation.function.min, max: operation.function.max };
      return name === "relu" || name === "sigmoid" || name === "tanh" || name === "absolute-value"
        ? { kind: name }
        : undefined;
    }
    case "pair":
      return operation.function === "add" ? { kind: "addition" } : undefined;
    case "softmax":
      return operation.axis === 1 ? { kind: "softmax" } : undefined;
    case "concatenation":
      return operation.axis === 1 ? { kind: "concatenation" } : undefined;
    case "reduction": {
      const isGlobal = operation.axes.length === dims.length - 2 && operation.axes.every((axis) => axis >= 2);
      return operation.function === "mean" && isGlobal && dims.length > 2
        ? { kind: "global-average-pooling" }
        : undefined;
    }
    case "batch-normalisation":
      return { kind: "batch-normalisation", epsilon: operation.epsilon };
    case "local-response-normalisation": {
      const { size, alpha, beta, k } = operation;
      return { kind: "local-response-normalisation", size, alpha, beta, k };
    }
    default:
      return undefined;
  }
}
