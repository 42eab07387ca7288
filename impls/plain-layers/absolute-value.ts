import type { FunctionLayer } from "../../core/plugin.ts";
import { given } from "./extents.ts";

/** y = |x|; the gradient takes x's sign. */
export const absoluteValue: FunctionLayer<"absolute-value"> = {
  forward(_, operands, outputs) {
    const [x, y] = [given(operands.x), given(outputs.y)];
    for (let i = 0; i < y.length; i++) y[i] = Math.abs(x[i]!);
  },
  backwardData(_, operands, outputs) {
    const [x, dy, dx] = [given(operands.x), given(operands.dy), given(outputs.dx)];
    for (let i = 0; i < dx.length; i++) dx[i] = Math.sign(x[i]!) * dy[i]!;
  },
};
