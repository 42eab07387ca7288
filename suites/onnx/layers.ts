import { FLOAT_FORMATS } from "../../core/element-types.ts";
import type { NetworkLayer } from "../../core/network.ts";
import { elementCount } from "../../core/shape.ts";
import { ShapeUnknown, type NodeCall, type ValueFacts } from "./node-call.ts";
import { convolutionOf, poolingOf, transposedConvolutionOf } from "./windows.ts";

/** What a node of a file is in a network. */
export type LayerMapping =
  /** One layer after another, over these inputs of the node. */
  | { readonly kind: "layers"; readonly layers: readonly NetworkLayer[]; readonly inputs: readonly number[] }
  /** Its first input as it is. */
  | { readonly kind: "identity" }
  /** No layer of ours computes it. */
  | { readonly kind: "none"; readonly reason: string };

/**
 * The layers that a node of known shapes computes. `hasAddedBias`: the Add after it adds a parameter, which is its
 * bias.
 */
export function layersOf(call: NodeCall, outputs: readonly ValueFacts[], hasAddedBias: boolean): LayerMapping {
  try {
    return mapped(call, outputs[0]?.dims, hasAddedBias);
  } catch (error) {
    if (error instanceof ShapeUnknown) return none(error.message);
    throw error;
  }
}

/** Whether a node computes y = W · x + b of a matrix x, row by row, and W is a parameter. */
export function isFullyConnected({ node, inputs }: NodeCall): boolean {
  const [x, weights] = inputs;
  if (x?.isConstant !== false || weights?.isConstant !== true) return false;
  if (x.dims?.length !== 2 || weights.dims?.length !== 2) return false;
  return node.op === "MatMul" || node.op === "Gemm";
}

function mapped(call: NodeCall, output: readonly number[] | undefined, hasAddedBias: boolean): LayerMapping {
  if (output === undefined) return none("its output's shape is not known");
  switch (call.node.op) {
    case "Conv":
      return convolution(call, hasAddedBias);
    case "ConvTranspose":
      return transposedConvolution(call, hasAddedBias);
    case "Gemm":
    case "MatMul":
      return fullyConnected(call, output, hasAddedBias);
    case "Relu":
      return one({ kind: "relu" });
    case "Abs":
      return one({ kind: "absolute-value" });
    case "Clip":
      return clipping(call);
    case "Sigmoid":
      return one({ kind: "sigmoid" });
    case "Tanh":
      return one({ kind: "tanh" });
    case "Softmax":
      return softmax(call);
    case "MaxPool":
    case "AveragePool":
      return pooling(call);
    case "GlobalAveragePool":
      return one({ kind: "global-average-pooling" });
    case "GlobalMaxPool":
      return globalMaxPooling(call);
    case "ReduceMean":
      return meanOverPositions(call, output);
    case "LRN":
      return one({
        kind: "local-response-normalisation",
        size: call.integer("size", 1),
        alpha: call.float("alpha", 1e-4),
        beta: call.float("beta", 0.75),
        k: call.float("bias", 1),
      });
    case "BatchNormalization":
      return one({ kind: "batch-normalisation", epsilon: call.float("epsilon", 1e-5) });
    case "Dropout":
      return one({ kind: "dropout", probability: call.float("ratio", call.inputs[1]?.numbers?.[0] ?? 0.5) });
    case "Concat":
      return concatenation(call);
    case "Add":
    case "Sum":
      return addition(call, output);
    case "Flatten":
    case "Reshape":
    case "Squeeze":
      return flatten(call.dims(0), output);
    case "Identity":
    case "Cast":
      return { kind: "identity" };
    default:
      return none("no layer computes it");
  }
}

function one(layer: NetworkLayer): LayerMapping {
  return { kind: "layers", layers: [layer], inputs: [0] };
}

function none(reason: string): LayerMapping {
  return { kind: "none", reason };
}

function convolution(call: NodeCall, hasAddedBias: boolean): LayerMapping {
  if (call.inputs[1]?.isConstant !== true) return none("its weights are computed");
  const { outChannels, groups, kernel, stride, dilation, padBegin, padEnd } = convolutionOf(call);
  const bias = call.has(2) || hasAddedBias;
  return one({ kind: "convolution", outChannels, groups, kernel, stride, dilation, padBegin, padEnd, bias });
}

function transposedConvolution(call: NodeCall, hasAddedBias: boolean): LayerMapping {
  if (call.inputs[1]?.isConstant !== true) return none("its weights are computed");
  const { output: _, ...geometry } = transposedConvolutionOf(call);
  return one({ kind: "transposed-convolution", ...geometry, bias: call.has(2) || hasAddedBias });
}

function fullyConnected(call: NodeCall, output: readonly number[], hasAddedBias: boolean): LayerMapping {
  if (!isFullyConnected(call) || call.integer("transA", 0) !== 0)
    return none("it is not a matrix of parameters times one vector an image");
  const outFeatures = output[1] ?? 0;
  const biasDims = call.inputs[2]?.dims;
  if (
    call.has(2) &&
    (biasDims === undefined || elementCount(biasDims) !== outFeatures || biasDims.at(-1) !== outFeatures)
  )
    return none("its bias is not one value a feature");
  return one({ kind: "fully-connected", outFeatures, bias: call.has(2) || hasAddedBias });
}

/**
 * The bounds are attributes before set 11, and constants from then on; one that is left out is float32's largest
 * number.
 */
function clipping(call: NodeCall): LayerMapping {
  const bound = (name: string, index: number, otherwise: number): number | undefined => {
    if (call.opset < 11) return call.float(name, otherwise);
    return call.has(index) ? call.inputs[index]?.numbers?.[0] : otherwise;
  };
  const [min, max] = [bound("min", 1, -LARGEST), bound("max", 2, LARGEST)];
  if (min === undefined || max === undefined) return none("its bounds are not in the file");
  if (min === 0 && max >= LARGEST) return one({ kind: "relu" });
  return one({ kind: "clip", min: Math.max(min, -LARGEST), max: Math.min(max, LARGEST) });
}

const LARGEST = FLOAT_FORMATS.float32.largest;

/** Over the channels: before set 13 over everything from the axis on. */
function softmax(call: NodeCall): LayerMapping {
  const dims = call.dims(0);
  const axis = call.axis(call.integer("axis", call.opset < 13 ? 1 : -1), dims.length);
  const isOverChannels = axis === 1 && (call.opset >= 13 || elementCount(dims.slice(2)) === 1);
  return isOverChannels ? one({ kind: "softmax" }) : none("it is not over the channels");
}

function pooling(call: NodeCall): LayerMapping {
  const { kernel, stride, dilation, padBegin, padEnd, isCeil } = poolingOf(call);
  if (dilation.some((step) => step !== 1)) return none("its window is dilated");
  const window = { kernel, stride, padBegin, padEnd, ceil: isCeil };
  return call.node.op === "MaxPool"
    ? one({ kind: "max-pooling", ...window })
    : one({ kind: "average-pooling", ...window, countsPadding: call.integer("count_include_pad", 0) !== 0 });
}

/** One window over the whole image. */
function globalMaxPooling(call: NodeCall): LayerMapping {
  const [, , ...kernel] = call.image(0);
  const [ones, zeros] = [kernel.map(() => 1), kernel.map(() => 0)];
  return one({ kind: "max-pooling", kernel, stride: ones, padBegin: zeros, padEnd: zeros, ceil: false });
}

/** A mean over all positions is global average pooling. */
function meanOverPositions(call: NodeCall, output: readonly number[]): LayerMapping {
  const dims = call.dims(0);
  const axes = call.integersOrInput("axes", 1)?.map((axis) => call.axis(axis, dims.length));
  const positions = [...dims.keys()].slice(2);
  if (positions.length === 0 || axes?.length !== positions.length || !positions.every((axis) => axes.includes(axis)))
    return none("it is not a mean over all positions");
  const pool: NetworkLayer = { kind: "global-average-pooling" };
  return { kind: "layers", layers: output.length === 2 ? [pool, { kind: "flatten" }] : [pool], inputs: [0] };
}

function concatenation(call: NodeCall): LayerMapping {
  const rank = call.dims(0).length;
  if (call.inputs.some((facts) => facts?.isConstant !== false)) return none("it appends a constant");
  if (call.axis(call.integer("axis", 1), rank) !== 1) return none("it is not along the channels");
  return { kind: "layers", layers: [{ kind: "concatenation" }], inputs: [...call.inputs.keys()] };
}

function addition(call: NodeCall, output: readonly number[]): LayerMapping {
  if (call.inputs.some((facts) => facts?.isConstant !== false)) return none("it adds a constant");
  const isSame = call.inputs.every(
    (facts) => facts?.dims?.length === output.length && facts.dims.every((extent, axis) => extent === output[axis]),
  );
  if (!isSame) return none("its terms have different shapes");
  return { kind: "layers", layers: [{ kind: "addition" }], inputs: [...call.inputs.keys()] };
}

function flatten(dims: readonly number[], output: readonly number[]): LayerMapping {
  if (dims.length === output.length && dims.every((extent, axis) => extent === output[axis]))
    return { kind: "identity" };
  return output.length === 2 && output[0] === dims[0] ? one({ kind: "flatten" }) : none("it is not a flattening");
}
