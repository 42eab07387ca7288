import type { FunctionLayer, LayerProblem } from "../../core/plugin.ts";
import { tensor } from "../support/tensor.ts";
import { forEachBox, type Box } from "./pooling.ts";
import { windowsOf } from "./windows.ts";

/**
 * What each output's sum is divided by: the elements of its window inside the input, or inside the padded input with
 * `countsPadding`. What a last window covers beyond the padding is not counted.
 */
function divisors(problem: LayerProblem<"average-pooling">): (output: number, box: Box) => number {
  if (!problem.countsPadding) return (_, box) => (box.d1 - box.d0) * (box.h1 - box.h0) * (box.w1 - box.w0);
  const { input, output, kernel, stride, padBegin } = windowsOf(problem);
  const rank = problem.padEnd.length;
  const along = (axis: number): number[] => {
    const end = input[axis]! + (problem.padEnd[axis - 3 + rank] ?? 0);
    return Array.from({ length: output[axis]! }, (_, at) => {
      const start = at * stride[axis]! - padBegin[axis]!;
      return Math.min(end, start + kernel[axis]!) - start;
    });
  };
  const [depths, heights, widths] = [along(0), along(1), along(2)];
  const sizes = depths.flatMap((depth) => heights.flatMap((height) => widths.map((width) => depth * height * width)));
  return (at) => sizes[at % sizes.length] ?? 1;
}

/** y = the mean of each window; the gradient is spread evenly over it. */
export const averagePooling: FunctionLayer<"average-pooling"> = {
  forward(problem, operands, outputs) {
    const [x, y] = [tensor(operands, "x"), tensor(outputs, "y")];
    const [, height, width] = windowsOf(problem).input;
    const divisor = divisors(problem);
    forEachBox(problem, (output, plane, box) => {
      let sum = 0;
      for (let d = box.d0; d < box.d1; d++) {
        for (let h = box.h0; h < box.h1; h++) {
          const row = plane + (d * height + h) * width;
          for (let at = row + box.w0; at < row + box.w1; at++) sum += x[at]!;
        }
      }
      y[output] = sum / divisor(output, box);
    });
  },
  backwardData(problem, operands, outputs) {
    const [dy, dx] = [tensor(operands, "dy"), tensor(outputs, "dx")];
    const [, height, width] = windowsOf(problem).input;
    const divisor = divisors(problem);
    dx.fill(0);
    forEachBox(problem, (output, plane, box) => {
      const share = dy[output]! / divisor(output, box);
      for (let d = box.d0; d < box.d1; d++) {
        for (let h = box.h0; h < box.h1; h++) {
          const row = plane + (d * height + h) * width;
          for (let at = row + box.w0; at < row + box.w1; at++) dx[at]! += share;
        }
      }
    });
  },
};
