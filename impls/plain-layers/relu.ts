import type { FunctionLayer } from "../../core/plugin.ts";
import { given } from "./extents.ts";

/** y = max(0, x); the gradient passes where x > 0. */
export const relu: FunctionLayer<"relu"> = {
  forward(_, operands, outputs) {
    const [x, y] = [given(operands.x), given(outputs.y)];
    for (let i = 0; i < y.length; i++) y[i] = x[i]! <= 0 ? 0 : x[i]!;
  },
  backwardData(_, operands, outputs) {
    const [x, dy, dx] = [given(operands.x), given(operands.dy), given(outputs.dx)];
    for (let i = 0; i < dx.length; i++) dx[i] = x[i]! > 0 ? dy[i]! : 0;
  },
};
