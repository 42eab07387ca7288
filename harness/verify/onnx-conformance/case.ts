import { layerFault } from "../../../reference/graph/layer-rules.ts";
import type { NetworkLayer } from "../../../core/network.ts";
import type { Tensor } from "../../../reference/layers/tensor.ts";
import { elementCount } from "../../../core/shape.ts";
import type { Tensors } from "../../../core/plugin.ts";
import type { ConvProblem } from "../../../core/problem.ts";
import { UsageError } from "../../../core/usage-error.ts";
import { layersOf } from "../../../suites/onnx/layers.ts";
import type { OnnxModel } from "../../../suites/onnx/model.ts";
import { MOST_NUMBERS, NodeCall, ShapeUnknown, type ValueFacts } from "../../../suites/onnx/node-call.ts";
import { checkOrder, nodeNames } from "../../../suites/onnx/node-order.ts";
import { ELEMENT_TYPES, FLOAT32, shortText, type OnnxTensor } from "../../../suites/onnx/tensor.ts";
import { tensorNumbers } from "../../../suites/onnx/tensor-values.ts";
import { convolutionOf, type WindowGeometry } from "../../../suites/onnx/windows.ts";

/** A conformance case. */
export type OnnxCase =
  | {
      /** A Conv node: a problem for the reference and for every implementation. */
      readonly kind: "convolution";
      readonly problem: ConvProblem;
      readonly operands: Tensors;
      readonly expected: ExpectedTensor;
    }
  | {
      /** Another layer: for the reference. */
      readonly kind: "layer";
      readonly layer: NetworkLayer;
      readonly inputs: readonly Tensor[];
      /** In the order of `layerShapes`. */
      readonly parameters: readonly Tensor[];
      readonly expected: ExpectedTensor;
    }
  | { readonly kind: "unsupported"; readonly reason: string };

/** An output as the file has it. */
export interface ExpectedTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** The operators whose cases are layers of the reference. */
const LAYER_OPS: ReadonlySet<string> = new Set(
  (
    "Conv ConvTranspose MaxPool AveragePool GlobalAveragePool GlobalMaxPool LRN BatchNormalization Softmax " +
    "Relu Clip Abs Sigmoid Tanh Gemm MatMul Flatten Add Sum Concat"
  ).split(" "),
);

/**
 * The case that a model of one node and its data make.
 * @throws {UsageError} where the node breaks its operator's rules or the data does not fit the model.
 */
export function caseOf(model: OnnxModel, modelPath: string, files: ReadonlyMap<string, () => OnnxTensor>): OnnxCase {
  const [node, ...others] = model.nodes;
  if (node === undefined || others.length > 0) return unsupported(`a graph of ${model.nodes.length} nodes`);
  if (!LAYER_OPS.has(node.op)) return unsupported("no layer computes it");
  if (node.outputs.length !== 1) return unsupported("it has more outputs than one");
  const names = nodeNames(model);
  checkOrder(model, names);

  const operands = node.inputs.map((name): Operand | undefined => {
    if (name === "") return undefined;
    const tensor = model.initializers.get(name) ?? files.get(name)?.();
    if (tensor === undefined) throw new UsageError(`nothing gives its value "${shortText(name)}"`);
    const numbers = tensorNumbers(tensor, modelPath);
    if (numbers === undefined && tensor.data.kind === "absent")
      throw new UsageError(`tensor "${shortText(name)}" has no elements`);
    return { tensor, numbers };
  });
  const output = files.get(node.outputs[0] ?? "")?.();
  if (output === undefined)
    throw new UsageError(`it does not say what "${shortText(node.outputs[0] ?? "")}" should be`);
  const otherType = [...operands, { tensor: output }].find(
    (operand) => operand !== undefined && operand.tensor.elementType !== FLOAT32,
  );
  if (otherType !== undefined)
    return unsupported(`${ELEMENT_TYPES[otherType.tensor.elementType]?.name ?? "other"} data`);
  const values = tensorNumbers(output, modelPath);
  if (values === undefined) throw new UsageError("its expected output has no elements");
  const expected: ExpectedTensor = { shape: output.dims, values: Float32Array.from(values) };

  const areAllData = node.op === "Add" || node.op === "Sum" || node.op === "Concat";
  const facts = operands.map((operand, index): ValueFacts | undefined =>
    operand === undefined
      ? undefined
      : { dims: operand.tensor.dims, numbers: fewNumbers(operand), isConstant: index > 0 && !areAllData },
  );
  const call = new NodeCall(node, names[0] ?? node.op, model.opset, facts, () => undefined);
  const tensors = operands.map((operand) =>
    operand?.numbers === undefined ? undefined : { shape: operand.tensor.dims, values: operand.numbers },
  );
  try {
    return node.op === "Conv" ? convolution(call, tensors, expected) : layer(call, tensors, expected);
  } catch (error) {
    if (error instanceof ShapeUnknown) return unsupported(error.message);
    throw error;
  }
}

interface Operand {
  readonly tensor: OnnxTensor;
  readonly numbers: Float64Array | undefined;
}

function unsupported(reason: string): OnnxCase {
  return { kind: "unsupported", reason };
}

function fewNumbers({ tensor, numbers }: Operand): readonly number[] | undefined {
  return numbers !== undefined && elementCount(tensor.dims) <= MOST_NUMBERS ? Array.from(numbers) : undefined;
}

function convolution(call: NodeCall, tensors: readonly (Tensor | undefined)[], expected: ExpectedTensor): OnnxCase {
  const problem = convolutionOf(call);
  const [x, weights, bias] = tensors.map((tensor) =>
    tensor === undefined ? undefined : Float32Array.from(tensor.values),
  );
  if (x === undefined || weights === undefined) throw call.fault("its input or its weights are missing");
  const biasDims = call.inputs[2]?.dims;
  if (biasDims !== undefined && elementCount(biasDims) !== problem.outChannels)
    throw call.fault(`its bias must have ${problem.outChannels} values`);
  const { batch, inChannels, groups, input } = problem;
  if (isTooLarge(problem, batch * inChannels, input, elementCount(expected.shape), inChannels / groups))
    return unsupported("it is too large to check");
  const operands = bias === undefined ? { x, weights } : { x, weights, bias };
  return { kind: "convolution", problem, operands, expected };
}

function layer(call: NodeCall, tensors: readonly (Tensor | undefined)[], expected: ExpectedTensor): OnnxCase {
  if (call.integer("training_mode", 0) !== 0) return unsupported("its training mode has outputs besides y");
  const seen = call.node.op === "Softmax" ? softmaxOverChannels(call) : call;
  const mapping = layersOf(seen, [{ dims: expected.shape, isConstant: false }], false);
  if (mapping.kind === "none") return unsupported(mapping.reason);
  const [mapped] = mapping.kind === "layers" ? mapping.layers : [];
  if (mapped === undefined || mapping.kind !== "layers") return unsupported("it passes its input on");
  const inputs = mapping.inputs.map((index) => {
    const tensor = tensors[index];
    if (tensor === undefined) throw call.fault(`input ${index + 1} is missing`);
    return { shape: seen.dims(index), values: tensor.values };
  });
  const fault = layerFault(
    mapped,
    inputs.map(({ shape }) => shape),
  );
  if (fault !== undefined) return unsupported(fault);
  if ("kernel" in mapped) {
    const [batch = 1, channels = 1, ...spatial] = inputs[0]?.shape ?? [];
    // A transposed convolution pads its output.
    const image = mapped.kind === "transposed-convolution" ? expected.shape.slice(2) : spatial;
    if (isTooLarge(mapped, batch * channels, image, elementCount(expected.shape), channels))
      return unsupported("it is too large to check");
  }
  const parameters = parametersOf(call, mapped, tensors);
  if (parameters === undefined) return unsupported("its factors are scaled");
  const shape = call.node.op === "Softmax" ? seen.dims(0) : expected.shape;
  return { kind: "layer", layer: mapped, inputs, parameters, expected: { shape, values: expected.values } };
}

/**
 * Products and padded elements that a check may take: a few seconds and half a gigabyte. A short file can ask for any
 * number.
 */
const MOST_PRODUCTS = 2 ** 30;
const MOST_PADDED_ELEMENTS = 2 ** 26;

/**
 * Whether a window covers too much padding, or moves too often, for the reference to compute it. `planes`: images times
 * channels.
 */
function isTooLarge(
  window: Pick<WindowGeometry, "kernel" | "padBegin" | "padEnd">,
  planes: number,
  spatial: readonly number[],
  outputs: number,
  depth: number,
): boolean {
  const padded = spatial.map((extent, axis) => extent + window.padBegin[axis]! + Math.max(0, window.padEnd[axis]!));
  return (
    outputs * depth * elementCount(window.kernel) > MOST_PRODUCTS ||
    planes * elementCount(padded) > MOST_PADDED_ELEMENTS
  );
}

/** Softmax along any axis is softmax over the channels of the same elements seen as N C P; before set 13 as N C. */
function softmaxOverChannels(call: NodeCall): NodeCall {
  const dims = call.dims(0);
  const axis = call.axis(call.integer("axis", call.opset < 13 ? 1 : -1), dims.length);
  const after = call.opset < 13 ? [] : [elementCount(dims.slice(axis + 1))];
  const channels = call.opset < 13 ? elementCount(dims.slice(axis)) : dims[axis]!;
  const seen: ValueFacts = { dims: [elementCount(dims.slice(0, axis)), channels, ...after], isConstant: false };
  const attributes = new Map([["axis", { kind: "integer", value: 1 } as const]]);
  return new NodeCall({ ...call.node, attributes }, call.name, call.opset, [seen], call.numbersOf);
}

/** The parameters in the reference's order and layout; undefined for a product that the reference does not compute. */
function parametersOf(
  call: NodeCall,
  mapped: NetworkLayer,
  tensors: readonly (Tensor | undefined)[],
): readonly Tensor[] | undefined {
  const given = tensors.slice(1).filter((tensor) => tensor !== undefined);
  switch (mapped.kind) {
    case "batch-normalisation":
    case "transposed-convolution":
      return given;
    case "fully-connected": {
      if (call.float("alpha", 1) !== 1 || call.float("beta", 1) !== 1) return undefined;
      const [weights, bias] = given;
      if (weights === undefined) throw call.fault("its weights are missing");
      const isOutIn = call.integer("transB", 0) !== 0;
      const flatBias = bias === undefined ? [] : [{ shape: [mapped.outFeatures], values: bias.values }];
      return [isOutIn ? weights : transposed(weights), ...flatBias];
    }
    default:
      return [];
  }
}

function transposed({ shape: [rows = 0, columns = 0], values }: Tensor): Tensor {
  const turned = new Float64Array(values.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) turned[column * rows + row] = values[row * columns + column]!;
  return { shape: [columns, rows], values: turned };
}
