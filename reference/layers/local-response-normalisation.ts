import type { LayerOf, Shape } from "../graph/layer-shapes.ts";
import type { LayerDefinition } from "./layer-definition.ts";
import { channelExtents, filled, type Tensor } from "./tensor.ts";

/**
 * Local response normalisation across channels: y_c = x_c · s_c^−β with s_c = k + (α / size) · Σ_{c'} x_c'², over the
 * channels c' of the window c − ⌊(size − 1)/2⌋ … c + ⌈(size − 1)/2⌉ that exist, at one position. With α / size as α it
 * is AlexNet's own form (k = 2, size = 5, α = 5 · 10⁻⁴ here for the paper's 10⁻⁴, β = 0.75). ∂y_c/∂x_j = [c = j] ·
 * s_c^−β − (2αβ / size) · x_c · x_j · s_c^(−β−1), for j in c's window.
 * Source: Krizhevsky, Sutskever and Hinton, "ImageNet classification with deep convolutional neural networks", 2012,
 * §3.3,
 * https://papers.nips.cc/paper/4824-imagenet-classification-with-deep-convolutional-neural-networks; ONNX operator LRN.
 */
export function localResponseNormalisation(layer: LayerOf<"local-response-normalisation">): LayerDefinition {
  const { size, alpha, beta, k } = layer;
  const before = Math.floor((size - 1) / 2);
  const after = size - 1 - before;

  /**
   * Calls `visit(at, first, end, step)` for every element: its flat index, and its window as flat indices first, first
   * + step … < end.
   */
  const forEachWindow = (shape: Shape, visit: (at: number, first: number, end: number, step: number) => void): void => {
    const { batch, channels, positions } = channelExtents(shape);
    for (let n = 0; n < batch; n++) {
      for (let c = 0; c < channels; c++) {
        for (let p = 0; p < positions; p++) {
          const row = n * channels * positions + p;
          const first = row + Math.max(0, c - before) * positions;
          visit(row + c * positions, first, row + Math.min(channels, c + after + 1) * positions, positions);
        }
      }
    }
  };
  const squareSum = (x: Tensor, first: number, end: number, step: number): number => {
    let sum = 0;
    for (let at = first; at < end; at += step) sum += x.values[at]! ** 2;
    return k + (alpha / size) * sum;
  };

  return {
    forward: ({ inputs: [x] }) => {
      const y = filled(x!.shape);
      forEachWindow(x!.shape, (at, first, end, step) => {
        y.values[at] = x!.values[at]! / squareSum(x!, first, end, step) ** beta;
      });
      return y;
    },
    vjp: ({ inputs: [x] }, dy) => {
      const dX = filled(x!.shape);
      forEachWindow(x!.shape, (at, first, end, step) => {
        const sum = squareSum(x!, first, end, step);
        dX.values[at]! += dy.values[at]! * sum ** -beta;
        const shared = ((-2 * alpha * beta) / size) * dy.values[at]! * x!.values[at]! * sum ** (-beta - 1);
        for (let other = first; other < end; other += step) dX.values[other]! += shared * x!.values[other]!;
      });
      return { inputs: [dX], parameters: [] };
    },
    jvp: ({ inputs: [x] }, { inputs: [tangent] }) => {
      const moved = filled(x!.shape);
      forEachWindow(x!.shape, (at, first, end, step) => {
        const sum = squareSum(x!, first, end, step);
        let sumTangent = 0;
        for (let other = first; other < end; other += step) {
          sumTangent += ((2 * alpha) / size) * x!.values[other]! * tangent!.values[other]!;
        }
        moved.values[at] =
          tangent!.values[at]! * sum ** -beta - beta * x!.values[at]! * sum ** (-beta - 1) * sumTangent;
      });
      return moved;
    },
  };
}
