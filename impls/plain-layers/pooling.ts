import type { LayerProblem } from "../../core/plugin.ts";
import { extents } from "./extents.ts";
import { windowsOf } from "./windows.ts";

/**
 * The box that an output position reads of its plane of the input: first and last + 1 along each axis; the rest of the
 * window is padding.
 */
export interface Box {
  d0: number;
  d1: number;
  h0: number;
  h1: number;
  w0: number;
  w1: number;
}

/**
 * Calls `visit` for every output of a pooling layer: its flat index, the index at which its plane of the input begins,
 * and its box there.
 */
export function forEachBox(
  problem: LayerProblem<"max-pooling" | "average-pooling">,
  visit: (output: number, plane: number, box: Box) => void,
): void {
  const { batch, channels, positions } = extents(problem.inputs[0] ?? []);
  const { input, output, kernel, stride, padBegin } = windowsOf(problem);
  const box: Box = { d0: 0, d1: 0, h0: 0, h1: 0, w0: 0, w1: 0 };
  let at = 0;
  for (let plane = 0; plane < batch * channels * positions; plane += positions) {
    for (let d = 0; d < output[0]; d++) {
      const front = d * stride[0] - padBegin[0];
      box.d0 = Math.max(0, front);
      box.d1 = Math.min(input[0], front + kernel[0]);
      for (let h = 0; h < output[1]; h++) {
        const top = h * stride[1] - padBegin[1];
        box.h0 = Math.max(0, top);
        box.h1 = Math.min(input[1], top + kernel[1]);
        for (let w = 0; w < output[2]; w++) {
          const left = w * stride[2] - padBegin[2];
          box.w0 = Math.max(0, left);
          box.w1 = Math.min(input[2], left + kernel[2]);
          visit(at++, plane, box);
        }
      }
    }
  }
}
