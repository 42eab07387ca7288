import type { LayerProblem } from "../../core/plugin.ts";
import { elementCount } from "../../core/shape.ts";
import { extents } from "./extents.ts";
import { layerOfProducts } from "./layer-of-products.ts";
import { windowsOf } from "./windows.ts";

/**
 * Calls `visit(x, weight, y)` with the flat indices of every product: output position p of filter k has weights of its
 * own, C kernel….
 */
function forEachProduct(
  problem: LayerProblem<"locally-connected">,
  visit: (x: number, weight: number, y: number) => void,
): void {
  const { input, output, kernel, stride, padBegin } = windowsOf(problem);
  const { channels, positions } = extents(problem.inputs[0] ?? []);
  const to = extents(problem.output);
  const taps = kernel[0] * kernel[1] * kernel[2];
  for (let y = 0; y < to.batch * to.channels * to.positions; y++) {
    const n = Math.floor(y / (to.channels * to.positions));
    const p = y % to.positions;
    const front = Math.floor(p / (output[1] * output[2])) * stride[0] - padBegin[0];
    const top = (Math.floor(p / output[2]) % output[1]) * stride[1] - padBegin[1];
    const left = (p % output[2]) * stride[2] - padBegin[2];
    let weight = (y % (to.channels * to.positions)) * channels * taps;
    for (let c = 0; c < channels; c++) {
      const plane = (n * channels + c) * positions;
      for (let d = front; d < front + kernel[0]; d++) {
        for (let h = top; h < top + kernel[1]; h++) {
          for (let w = left; w < left + kernel[2]; w++, weight++) {
            if (d < 0 || d >= input[0] || h < 0 || h >= input[1] || w < 0 || w >= input[2]) continue;
            visit(plane + (d * input[1] + h) * input[2] + w, weight, y);
          }
        }
      }
    }
  }
}

/** A convolution whose weights are not shared: y = Σ w_p · x + b_p. */
export const locallyConnected = layerOfProducts<"locally-connected">({
  forEachProduct,
  biasOf: ({ output }) => {
    const outputs = elementCount(output.slice(1));
    return (y) => y % outputs;
  },
});
