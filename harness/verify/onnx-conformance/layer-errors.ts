import type { NetworkLayer } from "../../../core/network.ts";
import { directBound } from "../../../reference/bounds.ts";
import { SMALLEST_SUBNORMAL, UNIT_ROUNDOFF } from "../../../reference/bounds/float32.ts";
import { layerDefinition } from "../../../reference/layers/index.ts";
import type { Operands } from "../../../reference/layers/layer-definition.ts";
import { channelExtents, mapped, type Tensor } from "../../../reference/layers/tensor.ts";
import { elementCount } from "../../../core/shape.ts";

/** The largest error of a correct element, and the sum of its terms' absolute values. */
export interface LayerError {
  readonly bound: number;
  readonly magnitude: number;
}

/**
 * Relative error of an exp, a power, a hyperbolic tangent, in units of u: 2 units in the last place, which common
 * libraries keep.
 */
const FUNCTION_ERROR = 4;

/**
 * The largest error of a correct float32 implementation at each element of a layer's output, by flat index.
 *
 * - Layers that pick or pass on elements (max pooling, ReLU, …): 0.
 * - Sums (transposed convolution, fully connected, average pooling, addition): the direct bound n·u·Σ|terms|, with n
 *   the most terms of any
 *   element, one more for a division. Σ|terms| is the layer itself on absolute values.
 * - The others, by counting roundings, each a relative error of u at most (Higham, *Accuracy and Stability*, ch. 3).
 *   The count is doubled,
 *   which covers the second order; functions are taken to be right to 2 units in the last place.
 *   Batch normalisation: γ·(x − μ)/√(σ² + ε) + β has six roundings, ε is one more, and one is to spare: 8u·(|γ|·(|x| +
 *   |μ|)/√(σ² + ε) + |β|).
 *   Local response normalisation: the sum of `size` squares has size + 3, its power β times as many and its own, and
 *   there is a division.
 *   Softmax: the exponent x − max is off by u·|x − max|, which is exp's relative error; the sum of C terms has C more.
 */
export function layerErrors(
  layer: NetworkLayer,
  operands: Operands,
  values: Float64Array,
): (index: number) => LayerError {
  const x = operands.inputs[0]!;
  switch (layer.kind) {
    case "relu":
    case "clip":
    case "absolute-value":
    case "flatten":
    case "dropout":
    case "concatenation":
    case "max-pooling":
      return (index) => ({ bound: 0, magnitude: Math.abs(values[index]!) });
    case "convolution":
      return sums(layer, operands, ((x.shape[1] ?? 1) / layer.groups) * elementCount(layer.kernel), layer.bias);
    case "transposed-convolution":
      return sums(layer, operands, ((x.shape[1] ?? 1) / layer.groups) * elementCount(layer.kernel), layer.bias);
    case "locally-connected":
      return sums(layer, operands, (x.shape[1] ?? 1) * elementCount(layer.kernel), layer.bias);
    case "fully-connected":
      return sums(layer, operands, elementCount(x.shape.slice(1)), layer.bias);
    case "average-pooling":
      return sums(layer, operands, elementCount(layer.kernel) + 1, false);
    case "global-average-pooling":
      return sums(layer, operands, channelExtents(x.shape).positions + 1, false);
    case "addition":
      return sums(layer, operands, operands.inputs.length, false);
    case "batch-normalisation": {
      const magnitude = normalisedMagnitude(layer, operands);
      return (index) => ({ bound: 2 * 8 * UNIT_ROUNDOFF * magnitude[index]!, magnitude: magnitude[index]! });
    }
    case "local-response-normalisation":
      return relative(values, () => layer.beta * (layer.size + 3) + FUNCTION_ERROR + 1);
    case "sigmoid":
      return relative(values, (index) => Math.abs(x.values[index]!) + FUNCTION_ERROR + 2);
    case "tanh":
      return relative(values, () => FUNCTION_ERROR);
    case "softmax": {
      const { channels } = channelExtents(x.shape);
      const range = largestOf(x) - smallestOf(x);
      return relative(values, () => 2 * range + channels + 2 * FUNCTION_ERROR + 1);
    }
    case "local-contrast-normalisation":
      throw new Error("layerErrors: ONNX has no local contrast normalisation");
  }
}

function sums(
  layer: NetworkLayer,
  operands: Operands,
  products: number,
  hasBias: boolean,
): (index: number) => LayerError {
  const magnitudes = layerDefinition(layer).forward(
    { inputs: operands.inputs.map(absolute), parameters: operands.parameters.map(absolute) },
    { name: "inference" },
  ).values;
  return (index) => {
    const magnitude = magnitudes[index]!;
    return { bound: directBound({ products, magnitude, hasBias }), magnitude };
  };
}

/** `roundings` of u, twice, of the value itself. */
function relative(values: Float64Array, roundings: (index: number) => number): (index: number) => LayerError {
  return (index) => {
    const magnitude = Math.abs(values[index]!);
    return { bound: 2 * roundings(index) * UNIT_ROUNDOFF * magnitude + SMALLEST_SUBNORMAL, magnitude };
  };
}

/** |γ|·(|x| + |μ|)/√(σ² + ε) + |β|: the layer with the sign of the mean turned. */
function normalisedMagnitude(layer: NetworkLayer, { inputs, parameters }: Operands): Float64Array {
  const [scale, shift, mean, variance] = parameters;
  const turned = [absolute(scale!), absolute(shift!), mapped(mean!, (value) => -Math.abs(value)), variance!];
  return layerDefinition(layer).forward({ inputs: inputs.map(absolute), parameters: turned }, { name: "inference" })
    .values;
}

function absolute(tensor: Tensor): Tensor {
  return mapped(tensor, Math.abs);
}

function largestOf({ values }: Tensor): number {
  return values.reduce((most, value) => Math.max(most, value), -Infinity);
}

function smallestOf({ values }: Tensor): number {
  return values.reduce((least, value) => Math.min(least, value), Infinity);
}
