import type { ConvProblem } from "../../../core/problem.ts";
import { elementCount, outputShape } from "../../../core/shape.ts";

/**
 * The matrix of a convolution: a column for each output position, in it the C·R·S inputs that the kernel lies on there
 * (no padding, stride 1).
 */
export function columnsOf({ inChannels, input, kernel, ...rest }: ConvProblem, x: readonly number[]): number[][] {
  const [height = 1, width = 1] = input;
  const [rows = 1, columns = 1] = kernel;
  const [, outWidth = 1] = outputShape({ inChannels, input, kernel, ...rest });
  const positions = elementCount(outputShape({ inChannels, input, kernel, ...rest }));
  return Array.from({ length: inChannels * rows * columns }, (_, tap) => {
    const [channel, r, c] = [Math.floor(tap / (rows * columns)), Math.floor(tap / columns) % rows, tap % columns];
    return Array.from({ length: positions }, (_value, position) => {
      const [y, left] = [Math.floor(position / outWidth) + r, (position % outWidth) + c];
      return x[(channel * height + y) * width + left] ?? 0;
    });
  });
}

/** a · b. */
export function product(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number[][] {
  return a.map((row) =>
    Array.from({ length: b[0]?.length ?? 0 }, (_, column) =>
      row.reduce((sum, value, at) => sum + value * (b[at]?.[column] ?? 0), 0),
    ),
  );
}
