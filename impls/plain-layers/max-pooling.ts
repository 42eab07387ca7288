import type { FunctionLayer } from "../../core/plugin.ts";
import { tensor } from "../support/tensor.ts";
import { forEachBox, type Box } from "./pooling.ts";
import { windowsOf, type Windows } from "./windows.ts";

/** Where the largest element of a box lies, the first of equals. */
function winner(x: Float32Array, plane: number, box: Box, { input: [, height, width] }: Windows): number {
  let best = plane + (box.d0 * height + box.h0) * width + box.w0;
  for (let d = box.d0; d < box.d1; d++) {
    for (let h = box.h0; h < box.h1; h++) {
      const row = plane + (d * height + h) * width;
      // A NaN counts as the largest.
      for (let at = row + box.w0; at < row + box.w1; at++) if (x[at]! > x[best]! || Number.isNaN(x[at])) best = at;
    }
  }
  return best;
}

/** y = the largest element of each window, padding aside; the gradient goes to where it was. */
export const maxPooling: FunctionLayer<"max-pooling"> = {
  forward(problem, operands, outputs) {
    const [x, y] = [tensor(operands, "x"), tensor(outputs, "y")];
    const windows = windowsOf(problem);
    forEachBox(problem, (output, plane, box) => {
      y[output] = x[winner(x, plane, box, windows)]!;
    });
  },
  backwardData(problem, operands, outputs) {
    const [x, dy, dx] = [tensor(operands, "x"), tensor(operands, "dy"), tensor(outputs, "dx")];
    const windows = windowsOf(problem);
    dx.fill(0);
    forEachBox(problem, (output, plane, box) => {
      dx[winner(x, plane, box, windows)]! += dy[output]!;
    });
  },
};
