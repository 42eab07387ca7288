import { channelExtents, type Tensor } from "../../reference/layers/tensor.ts";
import type { LayerProblem } from "../../core/plugin.ts";
import type { Pass } from "../../core/problem.ts";
import { DIVISION, EXP, POWER } from "./elementary-errors.ts";

/**
 * First-order bounds of local response normalisation in units of u, for every element of y or dX.
 *
 * s = k + (α / size) · Σ x² has only positive terms. Relative: n squares and their sum n, α, its division and product 7, k and the last addition
 * 2: n + 9. The power s^−β turns that into β·(n + 9); β itself may be rounded, |β ln s|; computed as e^(−β ln s), the logarithm (3 ulp) and the
 * product move it by 7·|β ln s|, and the power function by its 16 ulp; then a product or a division. So y = x·s^−β is off, relatively, by
 * R_β(s) = β·(n + 9) + 8·|β ln s| + 32 + 5.
 * dX_j = dy_j · s_j^−β − (2αβ / size) · x_j · Σ_c dy_c · x_c · s_c^(−β−1), the sum over the windows that hold j: R_β + 2 on the first term; R_{β+1} + n + 12
 * on the others, for their sum of n and the products around them.
 */
export function responseBounds(
  { size, alpha, beta, k, output }: LayerProblem<"local-response-normalisation">,
  pass: Pass,
  x: Tensor,
  dy: Tensor | undefined,
): Float64Array {
  const { batch, channels, positions } = channelExtents(output);
  const before = Math.floor((size - 1) / 2);
  const bounds = new Float64Array(x.values.length);
  const relative = (power: number, s: number): number =>
    power * (size + 9) + (EXP + 2) * Math.abs(power * Math.log(s)) + POWER + DIVISION;
  const s = new Float64Array(channels);
  for (let row = 0; row < batch * positions; row++) {
    const first = Math.floor(row / positions) * channels * positions + (row % positions);
    const at = (c: number): number => first + c * positions;
    for (let c = 0; c < channels; c++) {
      let sum = 0;
      const last = Math.min(channels - 1, c - before + size - 1);
      for (let other = Math.max(0, c - before); other <= last; other++) sum += x.values[at(other)]! ** 2;
      s[c] = k + (alpha / size) * sum;
    }
    for (let j = 0; j < channels; j++) {
      const own = s[j]! ** -beta * relative(beta, s[j]!);
      if (pass === "forward" || dy === undefined) {
        bounds[at(j)] = Math.abs(x.values[at(j)]!) * own;
        continue;
      }
      let shared = 0;
      const start = j - (size - 1 - before);
      for (let c = Math.max(0, start); c <= Math.min(channels - 1, start + size - 1); c++) {
        const product = Math.abs(dy.values[at(c)]! * x.values[at(c)]!) * s[c]! ** (-beta - 1);
        shared += product * (relative(beta + 1, s[c]!) + size + 12);
      }
      bounds[at(j)] =
        Math.abs(dy.values[at(j)]!) * (own + 2 * s[j]! ** -beta) +
        ((2 * alpha * beta) / size) * Math.abs(x.values[at(j)]!) * shared;
    }
  }
  return bounds;
}
