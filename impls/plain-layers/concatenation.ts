import type { FunctionLayer } from "../../core/plugin.ts";
import { tensor } from "../support/tensor.ts";
import { extents } from "./extents.ts";

/** For each image its channels of all inputs, one input after the other; the gradient is split likewise. */
export const concatenation: FunctionLayer<"concatenation"> = {
  forward({ batch, inputs }, operands, outputs) {
    const y = tensor(outputs, "y");
    let at = 0;
    for (let n = 0; n < batch; n++) {
      inputs.forEach((shape, index) => {
        const { channels, positions } = extents(shape);
        const length = channels * positions;
        y.set(tensor(operands, `x${index}`).subarray(n * length, (n + 1) * length), at);
        at += length;
      });
    }
  },
  backwardData({ batch, inputs }, operands, outputs) {
    const dy = tensor(operands, "dy");
    let at = 0;
    for (let n = 0; n < batch; n++) {
      inputs.forEach((shape, index) => {
        const { channels, positions } = extents(shape);
        const length = channels * positions;
        tensor(outputs, `dx${index}`).set(dy.subarray(at, at + length), n * length);
        at += length;
      });
    }
  },
};
