import type { FunctionLayer } from "../../core/plugin.ts";
import { tensor } from "../support/tensor.ts";
import { extents } from "./extents.ts";

/**
 * y_c = e^(x_c − m) / Σ e^(x − m) over the channels at every position, m their largest, so that nothing overflows. Back
 * through it, dx = y ∘ (dy − ⟨y, dy⟩).
 */
export const softmax: FunctionLayer<"softmax"> = {
  forward({ output }, operands, outputs) {
    const [x, y] = [tensor(operands, "x"), tensor(outputs, "y")];
    const { batch, channels, positions } = extents(output);
    for (let n = 0; n < batch; n++) {
      for (let p = 0; p < positions; p++) {
        const first = n * channels * positions + p;
        const end = first + channels * positions;
        let largest = -Infinity;
        for (let i = first; i < end; i += positions) if (x[i]! > largest) largest = x[i]!;
        let total = 0;
        for (let i = first; i < end; i += positions) total += y[i] = Math.exp(x[i]! - largest);
        for (let i = first; i < end; i += positions) y[i]! /= total;
      }
    }
  },
  backwardData({ output }, operands, outputs) {
    const [y, dy, dx] = [tensor(operands, "y"), tensor(operands, "dy"), tensor(outputs, "dx")];
    const { batch, channels, positions } = extents(output);
    for (let n = 0; n < batch; n++) {
      for (let p = 0; p < positions; p++) {
        const first = n * channels * positions + p;
        const end = first + channels * positions;
        let mean = 0;
        for (let i = first; i < end; i += positions) mean += y[i]! * dy[i]!;
        for (let i = first; i < end; i += positions) dx[i] = y[i]! * (dy[i]! - mean);
      }
    }
  },
};
