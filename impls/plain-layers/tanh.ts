import type { FunctionLayer } from "../../core/plugin.ts";
import { tensor } from "../support/tensor.ts";

/** y = tanh x, whose slope is 1 − y². */
export const tanh: FunctionLayer<"tanh"> = {
  forward(_, operands, outputs) {
    const [x, y] = [tensor(operands, "x"), tensor(outputs, "y")];
    for (let i = 0; i < y.length; i++) y[i] = Math.tanh(x[i]!);
  },
  backwardData(_, operands, outputs) {
    const [y, dy, dx] = [tensor(operands, "y"), tensor(operands, "dy"), tensor(outputs, "dx")];
    for (let i = 0; i < dx.length; i++) dx[i] = dy[i]! * (1 - y[i]! * y[i]!);
  },
};
