import type { FunctionLayer } from "../../core/plugin.ts";
import { tensor } from "../support/tensor.ts";

/** y = x0 + x1 + …; each input's gradient is dy. */
export const addition: FunctionLayer<"addition"> = {
  forward({ inputs }, operands, outputs) {
    const [first, y] = [tensor(operands, "x0"), tensor(outputs, "y")];
    const second = inputs.length > 1 ? tensor(operands, "x1") : undefined;
    if (second === undefined) return y.set(first);
    for (let i = 0; i < y.length; i++) y[i] = first[i]! + second[i]!;
    for (let index = 2; index < inputs.length; index++) {
      const next = tensor(operands, `x${index}`);
      for (let i = 0; i < y.length; i++) y[i]! += next[i]!;
    }
  },
};
