import type { NetworkLayer } from "../../../core/network.ts";
import { layerDefinition } from "../../../reference/layers/index.ts";
import { tensor, type Tensor } from "../../../reference/layers/tensor.ts";
import { INFERENCE } from "./layers.ts";

export const LAYERS = ["relu", "sigmoid", "fully-connected", "convolution", "max-pooling", "softmax"] as const;
export type LayerName = (typeof LAYERS)[number];

/** The input of every example. */
export const INPUT = [1, -2, 3, 0.5, -1, 2] as const;
/** The fully connected layer's weights, and the convolution's kernel. */
export const WEIGHTS = [
  [1, 0, 2, -1, 0, 1],
  [0, 1, 1, 0, -2, 0],
  [2, 0, 0, 1, 1, -1],
] as const;
export const KERNEL = [1, 2, -1] as const;

const along = { stride: [1], padBegin: [0], padEnd: [0] } as const;

function layerOf(name: LayerName): { readonly layer: NetworkLayer; readonly parameters: readonly Tensor[] } {
  switch (name) {
    case "relu":
    case "sigmoid":
    case "softmax":
      return { layer: { kind: name }, parameters: [] };
    case "fully-connected":
      return {
        layer: { kind: name, outFeatures: 3, bias: false },
        parameters: [tensor([3, 6], Float64Array.from(WEIGHTS.flat()))],
      };
    case "convolution":
      return {
        layer: { kind: name, ...along, kernel: [3], outChannels: 1, groups: 1, dilation: [1], bias: false },
        parameters: [tensor([1, 1, 3], Float64Array.from(KERNEL))],
      };
    case "max-pooling":
      return { layer: { kind: name, ...along, kernel: [2], stride: [2], ceil: false }, parameters: [] };
  }
}

/** The Jacobian of a layer at the input: a row for each output, made by reverse mode from a unit slope. */
export function jacobianOf(name: LayerName): { readonly y: readonly number[]; readonly rows: number[][] } {
  const { layer, parameters } = layerOf(name);
  // Softmax is over channels; the others see one channel.
  const shape = name === "softmax" ? [1, 6] : [1, 1, 6];
  const operands = { inputs: [tensor(shape, Float64Array.from(INPUT))], parameters };
  const definition = layerDefinition(layer);
  const y = definition.forward(operands, INFERENCE);
  const rows = [...y.values.keys()].map((output) => {
    const unit = tensor(
      y.shape,
      Float64Array.from({ length: y.values.length }, (_, at) => Number(at === output)),
    );
    return [...(definition.vjp(operands, unit, INFERENCE).inputs[0]?.values ?? [])];
  });
  return { y: [...y.values], rows };
}
