import type { FunctionLayer } from "../../core/plugin.ts";
import { tensor } from "../support/tensor.ts";

/** y = |x|; the gradient takes x's sign. */
export const absoluteValue: FunctionLayer<"absolute-value"> = {
  forward(_, operands, outputs) {
    const [x, y] = [tensor(operands, "x"), tensor(outputs, "y")];
    for (let i = 0; i < y.length; i++) y[i] = Math.abs(x[i]!);
  },
  backwardData(_, operands, outputs) {
    const [x, dy, dx] = [tensor(operands, "x"), tensor(operands, "dy"), tensor(outputs, "dx")];
    for (let i = 0; i < dx.length; i++) dx[i] = Math.sign(x[i]!) * dy[i]!;
  },
};
