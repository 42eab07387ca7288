import type { FunctionLayer } from "../../core/plugin.ts";
import { tensor } from "../support/tensor.ts";

/** y = min(max(x, min), max); the gradient passes where x lies between. */
export const clip: FunctionLayer<"clip"> = {
  forward({ min, max }, operands, outputs) {
    const [x, y] = [tensor(operands, "x"), tensor(outputs, "y")];
    for (let i = 0; i < y.length; i++) y[i] = x[i]! <= min ? min : x[i]! >= max ? max : x[i]!;
  },
  backwardData({ min, max }, operands, outputs) {
    const [x, dy, dx] = [tensor(operands, "x"), tensor(operands, "dy"), tensor(outputs, "dx")];
    for (let i = 0; i < dx.length; i++) dx[i] = x[i]! > min && x[i]! < max ? dy[i]! : 0;
  },
};
