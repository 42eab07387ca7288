import { printDescriptor } from "../../core/descriptor.ts";
import type { ConvProblem } from "../../core/problem.ts";
import { multiplyAdds, elementCount } from "../../core/shape.ts";
import { problemFault } from "../../core/problem-rules.ts";
import type { Layer, Suite } from "../suite.ts";
import type { Folding } from "./folding.ts";
import type { Inferred, InferredNode } from "./infer-shapes.ts";
import { isFullyConnected } from "./layers.ts";
import { ShapeUnknown, type NodeCall } from "./node-call.ts";
import { shortText } from "./tensor.ts";
import { convolutionOf, transposedConvolutionOf } from "./windows.ts";

/** A node that is not a constant, as a row of a table. */
export interface OnnxLayer {
  /** Unique in the graph. */
  readonly name: string;
  readonly op: string;
  /** Batch included; undefined where it is not known. */
  readonly output: readonly number[] | undefined;
  /** Weights that are learned: shared ones count where they come first, running means and variances do not. */
  readonly parameters: number;
  /** Of the whole batch; 0 for layers without products. */
  readonly multiplyAdds: number;
  /** A convolution, or a fully connected layer as the convolution whose kernel is its input. */
  readonly problem?: ConvProblem;
  /** Why a convolution or fully connected layer has no problem. */
  readonly reason?: string;
}

/** A row for every node that is not a constant. */
export function layerTable({ nodes, values }: Inferred, { addsBias }: Folding): readonly OnnxLayer[] {
  const counted = new Set<string>();
  const giverOf = new Map(nodes.flatMap((node) => node.call.node.outputs.map((output) => [output, node] as const)));
  return nodes
    .filter(({ outputs }) => outputs.some(({ isConstant }) => !isConstant))
    .map((node) => {
      const { call, outputs } = node;
      let parameters = 0;
      for (const name of parameterNames(call)) {
        if (!counted.has(name)) parameters += elementCount(values.get(name)?.dims ?? [0]);
        counted.add(name);
      }
      const row = { name: call.name, op: shortText(call.node.op), output: outputs[0]?.dims, parameters };
      return { ...row, ...productsOf(node, giverOf, addsBias.has(node)) };
    });
}

/** The convolutions and fully connected layers, each distinct problem once, named by the first node that has it. */
export function suiteOf(name: string, layers: readonly OnnxLayer[]): Suite {
  const found = new Map<string, Layer>();
  for (const { name: layer, problem } of layers) {
    if (problem === undefined) continue;
    const key = `${printDescriptor(problem)} ${problem.bias}`;
    const known = found.get(key);
    if (known === undefined)
      found.set(key, {
        kind: "convolution",
        name: layer,
        problem: { ...problem, name: `${name}:${layer}` },
        multiplicity: 1,
      });
    else found.set(key, { ...known, multiplicity: known.multiplicity + 1 });
  }
  const suite = [...found.values()];
  const count = suite.reduce((sum, { multiplicity }) => sum + multiplicity, 0);
  const counted = `${count} convolution and fully connected layers`;
  return {
    name,
    description: `the ${counted} of an ONNX file, ${suite.length} of them different`,
    layers: suite,
  };
}

/** Names of the inputs that are learned parameters. */
function parameterNames({ node, inputs }: NodeCall): readonly string[] {
  const slots = node.op === "BatchNormalization" ? [1, 2] : [...inputs.keys()];
  return slots
    .filter(
      (slot) => inputs[slot]?.isConstant === true && inputs[slot].isInteger !== true && HAS_PARAMETERS.has(node.op),
    )
    .map((slot) => node.inputs[slot] ?? "");
}

const HAS_PARAMETERS: ReadonlySet<string> = new Set(
  (
    "Conv ConvTranspose Gemm MatMul BatchNormalization InstanceNormalization GroupNormalization " +
    "LayerNormalization PRelu Add Mul Sub Div"
  ).split(" "),
);

function productsOf(
  node: InferredNode,
  giverOf: ReadonlyMap<string, InferredNode>,
  hasAddedBias: boolean,
): Pick<OnnxLayer, "multiplyAdds" | "problem" | "reason"> {
  const { call } = node;
  try {
    switch (call.node.op) {
      case "Conv": {
        const problem = { ...convolutionOf(call), bias: call.has(2) || hasAddedBias };
        return { problem, multiplyAdds: multiplyAdds(problem) };
      }
      case "ConvTranspose": {
        const { outChannels, groups, kernel } = transposedConvolutionOf(call);
        return { multiplyAdds: (elementCount(call.dims(0)) * outChannels * elementCount(kernel)) / groups };
      }
      case "Gemm":
      case "MatMul": {
        if (!isFullyConnected(call)) return matrixProduct(node);
        const problem = fullyConnectedProblem(node, giverOf, call.has(2) || hasAddedBias);
        const fault = problemFault(problem);
        if (fault !== undefined) throw call.fault(fault);
        return { problem, multiplyAdds: multiplyAdds(problem) };
      }
      default:
        return { multiplyAdds: 0 };
    }
  } catch (error) {
    if (error instanceof ShapeUnknown) return { multiplyAdds: 0, reason: error.message };
    throw error;
  }
}

function matrixProduct({ call, outputs }: InferredNode): Pick<OnnxLayer, "multiplyAdds" | "reason"> {
  const inner = call.dims(0).at(call.integer("transA", 0) !== 0 ? 0 : -1) ?? 1;
  return {
    multiplyAdds: elementCount(outputs[0]?.dims ?? [0]) * inner,
    reason: "a product of matrices that is not a fully connected layer",
  };
}

/** The convolution whose kernel is its input: the image before the flattening, or features of one position. */
function fullyConnectedProblem(
  { call, outputs }: InferredNode,
  giverOf: ReadonlyMap<string, InferredNode>,
  bias: boolean,
): ConvProblem {
  const [batch = 1, features = 1] = call.dims(0);
  const image = imageBefore(call, giverOf);
  const isImage = image !== undefined && image[0] === batch && elementCount(image.slice(1)) === features;
  const [, inChannels, ...input] = isImage ? image : [batch, features, 1, 1];
  return {
    batch,
    inChannels: inChannels ?? features,
    outChannels: outputs[0]?.dims?.[1] ?? 1,
    groups: 1,
    input,
    kernel: input,
    stride: input.map(() => 1),
    dilation: input.map(() => 1),
    padBegin: input.map(() => 0),
    padEnd: input.map(() => 0),
    bias,
  };
}

const KEEPS_ELEMENTS: ReadonlySet<string> = new Set(["Flatten", "Reshape", "Squeeze", "Dropout", "Identity", "Cast"]);

/** The shape of the image that a fully connected layer's vector was flattened from. */
function imageBefore(call: NodeCall, giverOf: ReadonlyMap<string, InferredNode>): readonly number[] | undefined {
  let giver = giverOf.get(call.node.inputs[0] ?? "");
  while (giver !== undefined && KEEPS_ELEMENTS.has(giver.call.node.op)) {
    const dims = giver.call.inputs[0]?.dims;
    if (dims !== undefined && dims.length >= 3 && dims.length <= 5) return dims;
    giver = giverOf.get(giver.call.node.inputs[0] ?? "");
  }
  return undefined;
}
