import type { FunctionLayer, LayerProblem } from "../../core/plugin.ts";
import { tensor } from "../support/tensor.ts";
import { extents } from "./extents.ts";

/** s_c = k + (α / size) · Σ x² over the channels around c, at every position. */
function divisors({ size, alpha, k, output }: LayerProblem<"local-response-normalisation">, x: Float32Array) {
  const { batch, channels, positions } = extents(output);
  const before = Math.floor((size - 1) / 2);
  const s = new Float32Array(x.length);
  for (let n = 0; n < batch; n++) {
    for (let c = 0; c < channels; c++) {
      const [first, last] = [Math.max(0, c - before), Math.min(channels - 1, c - before + size - 1)];
      for (let p = 0; p < positions; p++) {
        let sum = 0;
        for (let other = first; other <= last; other++) sum += x[(n * channels + other) * positions + p]! ** 2;
        s[(n * channels + c) * positions + p] = k + (alpha / size) * sum;
      }
    }
  }
  return s;
}

/**
 * y_c = x_c · s_c^−β. Back through it, an input moves its own output and the divisors of the channels whose windows
 * hold it: dx_j = dy_j · s_j^−β − (2αβ / size) · x_j · Σ_c dy_c · y_c / s_c.
 */
export const localResponseNormalisation: FunctionLayer<"local-response-normalisation"> = {
  forward(problem, operands, outputs) {
    const [x, y] = [tensor(operands, "x"), tensor(outputs, "y")];
    const s = divisors(problem, x);
    for (let i = 0; i < y.length; i++) y[i] = x[i]! * s[i]! ** -problem.beta;
  },
  backwardData(problem, operands, outputs) {
    const [x, y, dy, dx] = [
      tensor(operands, "x"),
      tensor(operands, "y"),
      tensor(operands, "dy"),
      tensor(outputs, "dx"),
    ];
    const { size, alpha, beta, output } = problem;
    const { batch, channels, positions } = extents(output);
    const after = size - 1 - Math.floor((size - 1) / 2);
    const s = divisors(problem, x);
    for (let n = 0; n < batch; n++) {
      for (let j = 0; j < channels; j++) {
        const [first, last] = [Math.max(0, j - after), Math.min(channels - 1, j - after + size - 1)];
        for (let p = 0; p < positions; p++) {
          let sum = 0;
          for (let c = first; c <= last; c++) {
            const at = (n * channels + c) * positions + p;
            sum += (dy[at]! * y[at]!) / s[at]!;
          }
          const at = (n * channels + j) * positions + p;
          dx[at] = dy[at]! * s[at]! ** -beta - ((2 * alpha * beta) / size) * x[at]! * sum;
        }
      }
    }
  },
};
