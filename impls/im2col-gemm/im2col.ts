import type { Floats } from "../../core/element-types.ts";
import type { Volume } from "../support/volume.ts";

/**
 * im2col and its adjoint. The columns of one image and one group are a matrix of (C/G·R·S…) × (output positions):
 * column p holds the inputs under the kernel at output position p, zero where it lies on padding; then the convolution
 * is weights · columns. The matrix repeats every input up to R·S times, so it is made for a range of output positions
 * at a time.
 */

/**
 * A run of taps that lie on the input: `length` neighbours in one row of columns, and the inputs they stand for,
 * `stride` apart.
 */
type UseRun = (column: number, input: number, length: number, stride: number) => void;

/**
 * Calls `use` with the runs of columns [first, first + count) over the channels of one group; `plane` is where the
 * group's first channel begins in x.
 */
function forEachRun(volume: Volume, plane: number, first: number, count: number, use: UseRun): void {
  const [inDepth, inHeight, inWidth] = volume.input;
  const [kernelDepth, kernelHeight, kernelWidth] = volume.kernel;
  const [, outHeight, outWidth] = volume.output;
  const { stride, dilation, padBegin } = volume;
  let row = 0;
  for (let c = 0; c < volume.groupInChannels; c++)
    for (let kd = 0; kd < kernelDepth; kd++)
      for (let kh = 0; kh < kernelHeight; kh++)
        for (let kw = 0; kw < kernelWidth; kw++, row += count) {
          // ow·stride + shift is the column of the input; it lies on the input from owBegin to owEnd.
          const shift = kw * dilation[2] - padBegin[2];
          const owBegin = Math.max(0, Math.ceil(-shift / stride[2]));
          const owEnd = Math.min(outWidth, Math.floor((inWidth - 1 - shift) / stride[2]) + 1);
          for (let p = first; p < first + count;) {
            const line = Math.floor(p / outWidth);
            const ow = p - line * outWidth;
            const next = Math.min(first + count, p - ow + outWidth);
            const id = Math.floor(line / outHeight) * stride[0] + kd * dilation[0] - padBegin[0];
            const ih = (line % outHeight) * stride[1] + kh * dilation[1] - padBegin[1];
            if (id >= 0 && id < inDepth && ih >= 0 && ih < inHeight) {
              const begin = Math.max(ow, owBegin);
              const end = Math.min(ow + next - p, owEnd);
              const inputRow = plane + ((c * inDepth + id) * inHeight + ih) * inWidth;
              if (begin < end)
                use(row + p - first + begin - ow, inputRow + begin * stride[2] + shift, end - begin, stride[2]);
            }
            p = next;
          }
        }
}

/** Fills `columns`, row-major with `count` columns, with the inputs under output positions [first, first + count). */
export function im2col(volume: Volume, x: Floats, plane: number, first: number, count: number, columns: Floats): void {
  columns.fill(0, 0, volume.groupInChannels * volume.kernelSize * count);
  forEachRun(volume, plane, first, count, (column, input, length, stride) => {
    for (let i = 0; i < length; i++) columns[column + i] = x[input + i * stride]!;
  });
}

/** The adjoint of `im2col`: adds every column back to the inputs that it was taken from. */
export function col2im(volume: Volume, columns: Floats, plane: number, first: number, count: number, dx: Floats): void {
  forEachRun(volume, plane, first, count, (column, input, length, stride) => {
    for (let i = 0; i < length; i++) {
      const at = input + i * stride;
      dx[at] = dx[at]! + columns[column + i]!;
    }
  });
}
