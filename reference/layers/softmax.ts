import type { Shape } from "../graph/layer-shapes.ts";
import type { LayerDefinition } from "./layer-definition.ts";
import { channelExtents, filled, type Tensor } from "./tensor.ts";

/**
 * Calls `visit(first, step, count)` for every row of channels: `count` values from flat index `first`, `step` apart.
 */
export function forEachChannelRow(shape: Shape, visit: (first: number, step: number, count: number) => void): void {
  const { batch, channels, positions } = channelExtents(shape);
  for (let n = 0; n < batch; n++) {
    for (let p = 0; p < positions; p++) visit(n * channels * positions + p, positions, channels);
  }
}

function softmaxOf(x: Tensor): Tensor {
  const y = filled(x.shape);
  forEachChannelRow(x.shape, (first, step, count) => {
    const end = first + count * step;
    let largest = -Infinity;
    for (let at = first; at < end; at += step) largest = Math.max(largest, x.values[at]!);
    let total = 0;
    for (let at = first; at < end; at += step) total += y.values[at] = Math.exp(x.values[at]! - largest);
    for (let at = first; at < end; at += step) y.values[at]! /= total;
  });
  return y;
}

/** J v with J = diag(y) − y·yᵀ in every row of channels: y ∘ (v − ⟨y, v⟩). J is symmetric, so this is both products. */
function jacobianProduct(x: Tensor, v: Tensor): Tensor {
  const y = softmaxOf(x);
  const product = filled(x.shape);
  forEachChannelRow(x.shape, (first, step, count) => {
    const end = first + count * step;
    let mean = 0;
    for (let at = first; at < end; at += step) mean += y.values[at]! * v.values[at]!;
    for (let at = first; at < end; at += step) product.values[at] = y.values[at]! * (v.values[at]! - mean);
  });
  return product;
}

/**
 * Softmax over the channels, y_c = e^x_c / Σ e^x; the largest x is subtracted first, which changes nothing but
 * overflow.
 * Source: Goodfellow, Bengio and Courville, Deep Learning, 2016, https://www.deeplearningbook.org; ONNX operator
 * Softmax, axis 1.
 */
export const softmax: LayerDefinition = {
  forward: ({ inputs: [x] }) => softmaxOf(x!),
  vjp: ({ inputs: [x] }, dy) => ({ inputs: [jacobianProduct(x!, dy)], parameters: [] }),
  jvp: ({ inputs: [x] }, { inputs: [tangent] }) => jacobianProduct(x!, tangent!),
};
