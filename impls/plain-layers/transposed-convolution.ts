import type { LayerProblem } from "../../core/plugin.ts";
import { extents } from "./extents.ts";
import { layerOfProducts } from "./layer-of-products.ts";
import { windowsOf } from "./windows.ts";

/**
 * Calls `visit(x, weight, y)` with the flat indices of every product of the layer: an input element is multiplied with
 * each weight of its channel, and the product is added to the output element stride·position + dilation·tap − padBegin.
 */
function forEachProduct(
  problem: LayerProblem<"transposed-convolution">,
  visit: (x: number, weight: number, y: number) => void,
): void {
  const { input, output, kernel, stride, dilation, padBegin } = windowsOf(problem);
  const from = extents(problem.inputs[0] ?? []);
  const to = extents(problem.output);
  const [channels, filters] = [from.channels / problem.groups, to.channels / problem.groups];
  const taps = kernel[0] * kernel[1] * kernel[2];
  for (let plane = 0; plane < from.batch * from.channels; plane++) {
    const [n, c] = [Math.floor(plane / from.channels), plane % from.channels];
    const group = Math.floor(c / channels);
    for (let k = 0; k < filters; k++) {
      const target = (n * to.channels + group * filters + k) * to.positions;
      const weights = (c * filters + k) * taps;
      for (let tap = 0; tap < taps; tap++) {
        const r = [
          Math.floor(tap / (kernel[1] * kernel[2])),
          Math.floor(tap / kernel[2]) % kernel[1],
          tap % kernel[2],
        ] as const;
        for (let id = 0; id < input[0]; id++) {
          const d = id * stride[0] + r[0] * dilation[0] - padBegin[0];
          if (d < 0 || d >= output[0]) continue;
          for (let ih = 0; ih < input[1]; ih++) {
            const h = ih * stride[1] + r[1] * dilation[1] - padBegin[1];
            if (h < 0 || h >= output[1]) continue;
            const row = plane * from.positions + (id * input[1] + ih) * input[2];
            for (let iw = 0; iw < input[2]; iw++) {
              const w = iw * stride[2] + r[2] * dilation[2] - padBegin[2];
              if (w < 0 || w >= output[2]) continue;
              visit(row + iw, weights + tap, target + (d * output[1] + h) * output[2] + w);
            }
          }
        }
      }
    }
  }
}

/**
 * y = Σ w · x, each input element spread over the window of outputs that begins at stride times its position; with a
 * bias per channel.
 */
export const transposedConvolution = layerOfProducts<"transposed-convolution">({
  forEachProduct,
  biasOf: ({ output }) => {
    const { channels, positions } = extents(output);
    return (y) => Math.floor(y / positions) % channels;
  },
});
