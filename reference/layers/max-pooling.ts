import { layerShapes, type LayerOf } from "../graph/layer-shapes.ts";
import type { LayerDefinition } from "./layer-definition.ts";
import { poolingWindows } from "./pooling-windows.ts";
import { channelExtents, filled, type Tensor } from "./tensor.ts";

/**
 * Max pooling: y = the largest element of each window, and the gradient goes to it alone. Padding never wins (it counts
 * as −∞). Among equal elements the first in row-major order wins: a gradient is then counted once, and a scan that asks
 * for "larger than the best so far", as most kernels do, finds the same winner. A NaN wins over every number.
 * Source: ONNX operator MaxPool, https://onnx.ai/onnx/operators/onnx__MaxPool.html; PyTorch, torch.nn.MaxPool2d.
 */
export function maxPooling(layer: LayerOf<"max-pooling">): LayerDefinition {
  /** Calls `visit(winner, output)` with the flat indices of every output and of the input element that it takes. */
  const forEachWinner = (x: Tensor, visit: (winner: number, output: number) => void): void => {
    const { batch, channels, positions } = channelExtents(x.shape);
    const windows = poolingWindows(layer, x.shape);
    let output = 0;
    for (let plane = 0; plane < batch * channels; plane++) {
      for (const { inside } of windows) {
        let winner = plane * positions + inside[0]!;
        for (const offset of inside) {
          const rival = plane * positions + offset;
          // Not "rival > winner": where either is NaN, that is false.
          if (!(x.values[rival]! <= x.values[winner]!) && !Number.isNaN(x.values[winner]!)) winner = rival;
        }
        visit(winner, output++);
      }
    }
  };
  return {
    forward: ({ inputs: [x] }) => {
      const y = filled(layerShapes(layer, [x!.shape]).output);
      forEachWinner(x!, (winner, output) => {
        y.values[output] = x!.values[winner]!;
      });
      return y;
    },
    vjp: ({ inputs: [x] }, dy) => {
      const dX = filled(x!.shape);
      forEachWinner(x!, (winner, output) => {
        dX.values[winner]! += dy.values[output]!;
      });
      return { inputs: [dX], parameters: [] };
    },
    jvp: ({ inputs: [x] }, { inputs: [tangent] }) => {
      const moved = filled(layerShapes(layer, [x!.shape]).output);
      forEachWinner(x!, (winner, output) => {
        moved.values[output] = tangent!.values[winner]!;
      });
      return moved;
    },
  };
}
