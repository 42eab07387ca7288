import { layerShapes, type LayerOf, type Shape } from "../graph/layer-shapes.ts";
import type { LayerDefinition } from "./layer-definition.ts";
import { poolingWindows } from "./pooling-windows.ts";
import { channelExtents, filled, type Tensor } from "./tensor.ts";

/**
 * Average pooling: y = the sum of each window over its divisor, and the gradient is spread evenly. The divisor is the
 * number of the window's elements in the input, or, with `countsPadding`, in the padded input (the whole window, except
 * where `ceil` lets it extend beyond the padding too).
 * Source: ONNX operator AveragePool; PyTorch, https://docs.pytorch.org/docs/stable/generated/torch.nn.AvgPool2d.html
 */
export function averagePooling(layer: LayerOf<"average-pooling">): LayerDefinition {
  /**
   * Calls `visit(first, inside, output, share)`: the output is `share` times the sum of the elements at first + inside.
   */
  const forEachWindow = (
    shape: Shape,
    visit: (first: number, inside: Int32Array, output: number, share: number) => void,
  ): void => {
    const { batch, channels, positions } = channelExtents(shape);
    const windows = poolingWindows(layer, shape);
    let output = 0;
    for (let plane = 0; plane < batch * channels; plane++) {
      for (const { inside, padded } of windows) {
        visit(plane * positions, inside, output++, 1 / (layer.countsPadding ? padded : inside.length));
      }
    }
  };
  const average = (x: Tensor): Tensor => {
    const y = filled(layerShapes(layer, [x.shape]).output);
    forEachWindow(x.shape, (first, inside, output, share) => {
      for (const offset of inside) y.values[output]! += x.values[first + offset]! * share;
    });
    return y;
  };
  return {
    forward: ({ inputs: [x] }) => average(x!),
    vjp: ({ inputs: [x] }, dy) => {
      const dX = filled(x!.shape);
      forEachWindow(x!.shape, (first, inside, output, share) => {
        for (const offset of inside) dX.values[first + offset]! += dy.values[output]! * share;
      });
      return { inputs: [dX], parameters: [] };
    },
    jvp: (_, { inputs: [tangent] }) => average(tangent!),
  };
}
