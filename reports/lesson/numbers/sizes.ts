import { outputShape } from "../../../core/shape.ts";
import { problemOf } from "./layers.ts";

interface Axis {
  readonly input: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  readonly dilation: number;
}

/** The output along an axis, and the rows at its end (padding included) that no window reads. */
export function unreadRows({ input, kernel, ...geometry }: Axis): { readonly output: number; readonly unread: number } {
  const square = (size: number): number[][] =>
    Array.from({ length: size }, () => Array.from({ length: size }, () => 0));
  const [output = 0] = outputShape(problemOf(square(input), square(kernel), geometry));
  const reach = geometry.dilation * (kernel - 1) + 1;
  const read = (output - 1) * geometry.stride + reach;
  return { output: Math.max(0, output), unread: output < 1 ? 0 : input + 2 * geometry.padding - read };
}

/** The outputs of layer after layer without padding, as long as the kernel fits. */
export function layersThatFit(input: number, kernel: number): readonly number[] {
  const sizes: number[] = [];
  let size = input;
  while (size >= kernel) {
    size = unreadRows({ input: size, kernel, stride: 1, padding: 0, dilation: 1 }).output;
    sizes.push(size);
  }
  return sizes;
}
