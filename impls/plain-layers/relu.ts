import type { FunctionLayer } from "../../core/plugin.ts";
import { tensor } from "../support/tensor.ts";

/** y = max(0, x); the gradient passes where x > 0. */
export const relu: FunctionLayer<"relu"> = {
  forward(_, operands, outputs) {
    const [x, y] = [tensor(operands, "x"), tensor(outputs, "y")];
    for (let i = 0; i < y.length; i++) y[i] = x[i]! <= 0 ? 0 : x[i]!;
  },
  backwardData(_, operands, outputs) {
    const [x, dy, dx] = [tensor(operands, "x"), tensor(operands, "dy"), tensor(outputs, "dx")];
    for (let i = 0; i < dx.length; i++) dx[i] = x[i]! > 0 ? dy[i]! : 0;
  },
};
