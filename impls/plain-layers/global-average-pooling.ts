import type { FunctionLayer } from "../../core/plugin.ts";
import { tensor } from "../support/tensor.ts";
import { extents } from "./extents.ts";

/** The mean of every plane; the gradient is spread evenly over it. */
export const globalAveragePooling: FunctionLayer<"global-average-pooling"> = {
  forward({ inputs: [shape = []] }, operands, outputs) {
    const [x, y] = [tensor(operands, "x"), tensor(outputs, "y")];
    const { positions } = extents(shape);
    for (let plane = 0; plane < y.length; plane++) {
      let sum = 0;
      for (let at = plane * positions; at < (plane + 1) * positions; at++) sum += x[at]!;
      y[plane] = sum / positions;
    }
  },
  backwardData({ inputs: [shape = []] }, operands, outputs) {
    const [dy, dx] = [tensor(operands, "dy"), tensor(outputs, "dx")];
    const { positions } = extents(shape);
    for (let plane = 0; plane < dy.length; plane++) {
      dx.fill(dy[plane]! / positions, plane * positions, (plane + 1) * positions);
    }
  },
};
