import type { FunctionLayer } from "../../core/plugin.ts";
import { tensor } from "../support/tensor.ts";

/** y = 1 / (1 + e^−x), whose slope is y·(1 − y). */
export const sigmoid: FunctionLayer<"sigmoid"> = {
  forward(_, operands, outputs) {
    const [x, y] = [tensor(operands, "x"), tensor(outputs, "y")];
    for (let i = 0; i < y.length; i++) y[i] = 1 / (1 + Math.exp(-x[i]!));
  },
  backwardData(_, operands, outputs) {
    const [y, dy, dx] = [tensor(operands, "y"), tensor(operands, "dy"), tensor(outputs, "dx")];
    for (let i = 0; i < dx.length; i++) dx[i] = dy[i]! * y[i]! * (1 - y[i]!);
  },
};
