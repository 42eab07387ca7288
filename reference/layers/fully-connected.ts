import type { LayerOf, Shape } from "../graph/layer-shapes.ts";
import { elementCount } from "../../core/shape.ts";
import type { LayerDefinition } from "./layer-definition.ts";
import { filled, isZero, type Tensor } from "./tensor.ts";

const rowLength = ([, ...rest]: Shape): number => elementCount(rest);

/** Adds x·Wᵀ to y, N M: y[n,m] += Σ_j W[m,j]·x[n,j]. */
function addProducts(y: Tensor, x: Tensor, weights: Tensor): void {
  const [batch, outputs] = [y.shape[0]!, y.shape[1]!];
  const length = rowLength(x.shape);
  for (let m = 0; m < outputs; m++) {
    for (let n = 0; n < batch; n++) {
      let sum = 0;
      for (let j = 0; j < length; j++) sum += weights.values[m * length + j]! * x.values[n * length + j]!;
      y.values[n * outputs + m]! += sum;
    }
  }
}

/** Every row of y, N M, starts as the bias. */
function addBias(y: Tensor, bias: Tensor): void {
  for (let index = 0; index < y.values.length; index++) y.values[index]! += bias.values[index % y.shape[1]!]!;
}

/**
 * y = W · flatten(x) + b: x N C spatial…, weights M × C·∏spatial, bias M (where `bias`), y N M, M = `outFeatures`.
 * The Jacobian by x is W itself, by W it is x in every row.
 * Source: Goodfellow, Bengio and Courville, Deep Learning, 2016, https://www.deeplearningbook.org; ONNX operator Gemm
 * with transB = 1.
 */
export function fullyConnected({ outFeatures }: LayerOf<"fully-connected">): LayerDefinition {
  return {
    forward: ({ inputs: [x], parameters: [weights, bias] }) => {
      const y = filled([x!.shape[0]!, outFeatures]);
      if (bias !== undefined) addBias(y, bias);
      addProducts(y, x!, weights!);
      return y;
    },
    vjp: ({ inputs: [x], parameters: [weights, bias] }, dy) => {
      const dX = filled(x!.shape);
      const dWeights = filled(weights!.shape);
      const dBias = bias && filled(bias.shape);
      const length = rowLength(x!.shape);
      for (let m = 0; m < outFeatures; m++) {
        for (let n = 0; n < x!.shape[0]!; n++) {
          const slope = dy.values[n * outFeatures + m]!;
          if (dBias !== undefined) dBias.values[m]! += slope;
          for (let j = 0; j < length; j++) {
            dX.values[n * length + j]! += slope * weights!.values[m * length + j]!;
            dWeights.values[m * length + j]! += slope * x!.values[n * length + j]!;
          }
        }
      }
      return { inputs: [dX], parameters: dBias === undefined ? [dWeights] : [dWeights, dBias] };
    },
    jvp: ({ inputs: [x], parameters: [weights] }, tangents) => {
      const [weightsTangent, biasTangent] = tangents.parameters;
      const moved = filled([x!.shape[0]!, outFeatures]);
      if (biasTangent !== undefined) addBias(moved, biasTangent);
      // Most directions move one operand alone.
      const inputTangent = tangents.inputs[0]!;
      if (!isZero(inputTangent)) addProducts(moved, inputTangent, weights!);
      if (!isZero(weightsTangent!)) addProducts(moved, x!, weightsTangent!);
      return moved;
    },
  };
}
