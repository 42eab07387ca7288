import type { FunctionLayer } from "../../core/plugin.ts";
import { given } from "./extents.ts";

/** y = x0 + x1 + …; each input's gradient is dy. */
export const addition: FunctionLayer<"addition"> = {
  forward({ inputs }, operands, outputs) {
    const [first, y] = [given(operands["x0"]), given(outputs.y)];
    const second = inputs.length > 1 ? given(operands["x1"]) : undefined;
    if (second === undefined) return y.set(first);
    for (let i = 0; i < y.length; i++) y[i] = first[i]! + second[i]!;
    for (let index = 2; index < inputs.length; index++) {
      const next = given(operands[`x${index}`]);
      for (let i = 0; i < y.length; i++) y[i]! += next[i]!;
    }
  },
};
