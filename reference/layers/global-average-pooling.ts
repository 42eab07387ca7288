import { layerShapes } from "../graph/layer-shapes.ts";
import type { LayerDefinition } from "./layer-definition.ts";
import { channelExtents, filled, mapped, type Tensor } from "./tensor.ts";

function planeMeans(x: Tensor): Tensor {
  const { positions } = channelExtents(x.shape);
  const y = filled(layerShapes({ kind: "global-average-pooling" }, [x.shape]).output);
  for (let plane = 0; plane < y.values.length; plane++) {
    let sum = 0;
    for (let p = plane * positions; p < (plane + 1) * positions; p++) sum += x.values[p]!;
    y.values[plane] = sum / positions;
  }
  return y;
}

/**
 * The mean of every plane, N C spatial… to N C 1…; the gradient is spread evenly.
 * Source: Lin, Chen and Yan, "Network in network", https://arxiv.org/abs/1312.4400; ONNX operator GlobalAveragePool.
 */
export const globalAveragePooling: LayerDefinition = {
  forward: ({ inputs: [x] }) => planeMeans(x!),
  vjp: ({ inputs: [x] }, dy) => {
    const { positions } = channelExtents(x!.shape);
    const dX = mapped(x!, (_, index) => dy.values[Math.floor(index / positions)]! / positions);
    return { inputs: [dX], parameters: [] };
  },
  jvp: (_, { inputs: [tangent] }) => planeMeans(tangent!),
};
