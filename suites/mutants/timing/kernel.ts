import type { ConvProblem } from "../../../core/problem.ts";
import type { Tensors } from "../../../core/tensors.ts";

/** Why a problem is none of the catalogue's. */
export function unsupported({ input, stride, dilation, padBegin, padEnd, groups, batch }: ConvProblem, pass: string) {
  const isPlain =
    [...padBegin, ...padEnd].every((pad) => pad === 0) && [...stride, ...dilation].every((step) => step === 1);
  return isPlain && input.length === 2 && groups === 1 && batch === 1 && pass === "forward"
    ? undefined
    : "made for the clock's self-test only";
}

/** How many elements y has. */
export function outputElements({ outChannels, input, kernel }: ConvProblem): number {
  return input.reduce((count, extent, axis) => count * (extent - (kernel[axis] ?? 1) + 1), outChannels);
}

/** Output channels `from` up to `to`, of input channels up to `channels`, of a rank-2 convolution without padding. */
export function convolve(
  { inChannels, outChannels, input: [height = 0, width = 0], kernel: [rows = 0, columns = 0] }: ConvProblem,
  { x, weights, bias }: Tensors,
  y: Float32Array,
  from = 0,
  to = outChannels,
  channels = inChannels,
): void {
  if (x === undefined || weights === undefined) throw new Error("operands are missing");
  const outHeight = height - rows + 1;
  const outWidth = width - columns + 1;
  for (let k = from; k < to; k++) {
    for (let i = 0; i < outHeight; i++) {
      for (let j = 0; j < outWidth; j++) {
        let sum = bias === undefined ? 0 : bias[k]!;
        for (let c = 0; c < channels; c++) {
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

/** Adds to y what a change of one element of x, at a flat index, changes. */
export function mend(
  { inChannels, outChannels, input: [height = 0, width = 0], kernel: [rows = 0, columns = 0] }: ConvProblem,
  weights: Float32Array,
  y: Float32Array,
  index: number,
  change: number,
): void {
  const [outHeight, outWidth] = [height - rows + 1, width - columns + 1];
  const c = Math.floor(index / (height * width));
  const row = Math.floor(index / width) % height;
  const column = index % width;
  for (let r = Math.max(0, row - outHeight + 1); r < rows && r <= row; r++) {
    for (let s = Math.max(0, column - outWidth + 1); s < columns && s <= column; s++) {
      const at = (row - r) * outWidth + column - s;
      const weight = (c * rows + r) * columns + s;
      for (let k = 0; k < outChannels; k++)
        y[k * outHeight * outWidth + at]! += change * weights[k * inChannels * rows * columns + weight]!;
    }
  }
}

/** Rounded toward zero to the eight significant bits of bfloat16. */
export function bfloat16(values: Float32Array): Float32Array {
  const rounded = values.slice();
  const bits = new Uint32Array(rounded.buffer);
  for (let i = 0; i < bits.length; i++) bits[i]! &= 0xffff0000;
  return rounded;
}
