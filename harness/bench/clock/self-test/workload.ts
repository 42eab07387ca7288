import { defineImpl, type FunctionImpl } from "../../../../core/plugin.ts";
import type { ConvProblem } from "../../../../core/problem.ts";

/**
 * Output channels `from` to `to` of a rank-2 convolution without padding, stride or groups:
 * y[k, i, j] = b[k] + Σ x[c, i + r, j + s]·w[k, c, r, s].
 * Its work is proportional to the number of channels.
 */
function channels(
  { inChannels, input: [height = 0, width = 0], kernel: [rows = 0, columns = 0] }: ConvProblem,
  x: Float32Array,
  weights: Float32Array,
  bias: Float32Array | undefined,
  y: Float32Array,
  from: number,
  to: number,
): void {
  const outHeight = height - rows + 1;
  const outWidth = width - columns + 1;
  for (let k = from; k < to; k++) {
    for (let i = 0; i < outHeight; i++) {
      for (let j = 0; j < outWidth; j++) {
        let sum = bias === undefined ? 0 : bias[k]!;
        for (let c = 0; c < inChannels; c++) {
          for (let r = 0; r < rows; r++) {
            const row = (c * height + i + r) * width + j;
            const weightRow = ((k * inChannels + c) * rows + r) * columns;
            for (let s = 0; s < columns; s++) sum += x[row + s]! * weights[weightRow + s]!;
          }
        }
        y[(k * outHeight + i) * outWidth + j] = sum;
      }
    }
  }
}

/** The kernel, followed by `percent` of its work once more, into an array of its own. */
function workload(name: string, percent: number): FunctionImpl {
  let scratch = new Float32Array();
  return {
    name,
    unsupported: ({ input, padBegin, padEnd, stride, dilation, groups, batch }) => {
      const isPlain =
        [...padBegin, ...padEnd].every((pad) => pad === 0) && [...stride, ...dilation].every((s) => s === 1);
      return isPlain && input.length === 2 && groups === 1 && batch === 1
        ? undefined
        : "made for the clock's self-test only";
    },
    forward(problem, x, weights, bias, y) {
      if (scratch.length !== y.length) scratch = new Float32Array(y.length);
      channels(problem, x, weights, bias, y, 0, problem.outChannels);
      channels(problem, x, weights, bias, scratch, 0, (problem.outChannels * percent) / 100);
    },
  };
}

/** One kernel under two names, and with 5 and 10 % more work. */
export default [
  defineImpl(workload("steady", 0)),
  defineImpl(workload("steady-again", 0)),
  defineImpl(workload("slower-5", 5)),
  defineImpl(workload("slower-10", 10)),
];
