import type { LayerPlan, LayerProblem, Layers, LayerTensors, PlanLayer, PlanOptions } from "../../core/plugin.ts";
import type { Pass } from "../../core/problem.ts";
import { required } from "../support/tensor.ts";
import type { Constant, Graph, Node } from "./model.ts";

/** Makes a plan of a graph, which depends on the operands where constants are among them. */
export type GraphPlanner = (
  graphOf: (operands: LayerTensors) => Graph,
  options: PlanOptions,
) => LayerPlan | Promise<LayerPlan>;

/**
 * The layers that are one operator of ONNX, forward: a model of one node, its parameters constants as in a trained
 * network. ONNX Runtime has no gradients of them outside its training build.
 * @param unfit why this provider cannot do a layer that others can
 */
export function onnxLayers(
  planGraph: GraphPlanner,
  unfit: (problem: LayerProblem) => string | undefined = () => undefined,
): Layers {
  const layer: PlanLayer = {
    unsupported: (problem, pass) =>
      pass === "forward" ? (unsupportedForward(problem) ?? unfit(problem)) : NO_GRADIENT,
    plan: (problem: LayerProblem, pass: Pass, options: PlanOptions) => {
      if (pass !== "forward") throw new Error(NO_GRADIENT);
      const node = nodeOf(problem);
      if (node === undefined) throw new Error(noOperator(problem));
      return planGraph((operands) => layerGraph(problem, node, operands), options);
    },
  };
  return {
    relu: layer,
    "absolute-value": layer,
    clip: layer,
    sigmoid: layer,
    tanh: layer,
    softmax: layer,
    "max-pooling": layer,
    "average-pooling": layer,
    "global-average-pooling": layer,
    "local-response-normalisation": layer,
    "batch-normalisation": layer,
    "transposed-convolution": layer,
    concatenation: layer,
    addition: layer,
  };
}

const NO_GRADIENT = "ONNX Runtime has no gradient of this layer";
const PARAMETERS = ["weights", "bias", "scale", "shift", "mean", "variance"] as const;

function noOperator({ kind }: LayerProblem): string {
  return `ONNX has no operator for ${kind}`;
}

/** An operator with its attributes, and the inputs that replace attributes in newer operator sets. */
interface Operator extends Pick<Node, "op" | "attributes"> {
  readonly settings?: readonly Constant[];
}

function layerGraph(problem: LayerProblem, operator: Operator, operands: LayerTensors): Graph {
  const { settings = [], ...node } = operator;
  const inputs = problem.inputs.map((dims, index) => ({
    name: problem.inputs.length === 1 && !isJoin(problem) ? "x" : `x${index}`,
    dims,
  }));
  const parameters = PARAMETERS.flatMap((name): Constant[] => {
    const dims = problem.parameters[name];
    return dims === undefined ? [] : [{ name, dims, data: required(operands[name], name) }];
  });
  const constants = [...parameters, ...settings];
  return {
    inputs,
    outputs: [{ name: "y", dims: problem.output }],
    constants,
    nodes: [{ ...node, inputs: [...inputs, ...constants].map(({ name }) => name), outputs: ["y"] }],
  };
}

/** Operators whose inputs are numbered. */
function isJoin({ kind }: LayerProblem): boolean {
  return kind === "concatenation" || kind === "addition";
}

/** The operator and its attributes. Source: https://onnx.ai/onnx/operators/ */
function nodeOf(problem: LayerProblem): Operator | undefined {
  switch (problem.kind) {
    case "relu":
      return { op: "Relu" };
    case "absolute-value":
      return { op: "Abs" };
    case "clip": {
      const bounds = { min: problem.min, max: problem.max };
      const settings = Object.entries(bounds).map(([name, bound]) => ({
        name,
        dims: [],
        data: Float32Array.of(bound),
      }));
      return { op: "Clip", settings };
    }
    case "sigmoid":
      return { op: "Sigmoid" };
    case "tanh":
      return { op: "Tanh" };
    case "softmax":
      return { op: "Softmax", attributes: { axis: 1 } };
    case "max-pooling":
      return { op: "MaxPool", attributes: { ...windowOf(problem), ceil_mode: Number(problem.ceil) } };
    case "average-pooling": {
      const modes = { ceil_mode: Number(problem.ceil), count_include_pad: Number(problem.countsPadding) };
      return { op: "AveragePool", attributes: { ...windowOf(problem), ...modes } };
    }
    case "global-average-pooling":
      return { op: "GlobalAveragePool" };
    case "local-response-normalisation": {
      const { size, alpha, beta, k } = problem;
      const attributes = { size, alpha: { float: alpha }, beta: { float: beta }, bias: { float: k } };
      return { op: "LRN", attributes };
    }
    case "batch-normalisation":
      return { op: "BatchNormalization", attributes: { epsilon: { float: problem.epsilon } } };
    case "transposed-convolution": {
      const { groups, dilation, outputPadding } = problem;
      const attributes = { ...windowOf(problem), group: groups, dilations: dilation, output_padding: outputPadding };
      return { op: "ConvTranspose", attributes };
    }
    case "concatenation":
      return { op: "Concat", attributes: { axis: 1 } };
    case "addition":
      return { op: problem.inputs.length === 2 ? "Add" : "Sum" };
    case "locally-connected":
    case "local-contrast-normalisation":
      return undefined;
  }
}

function windowOf({
  kernel,
  stride,
  padBegin,
  padEnd,
}: Readonly<Record<"kernel" | "stride" | "padBegin" | "padEnd", readonly number[]>>): NonNullable<Node["attributes"]> {
  return { kernel_shape: kernel, strides: stride, pads: [...padBegin, ...padEnd] };
}

/** What ONNX has and ONNX Runtime's CPU kernels refuse; seen with 1.30. */
function unsupportedForward(problem: LayerProblem): string | undefined {
  if (nodeOf(problem) === undefined) return noOperator(problem);
  if (problem.kind !== "local-response-normalisation") return undefined;
  if (problem.output.length !== 4) return "ONNX Runtime's LRN takes images of two axes only";
  return problem.size % 2 === 1 ? undefined : `ONNX Runtime's LRN takes odd sizes only (size ${problem.size})`;
}
