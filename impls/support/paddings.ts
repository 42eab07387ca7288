import { effectiveKernelSize } from "../../core/shape.ts";
import type { Axis } from "./axes.ts";

/**
 * How libraries let their users state a padding. With an odd total `same-upper` puts the larger half at the end
 * (TensorFlow's `same`), `same-lower` at the beginning.
 */
export type Padding = "same-upper" | "same-lower" | "valid" | "number";

/**
 * Why a problem's padding cannot be stated that way, or undefined when it can: when the library's rule gives the same
 * output extents and the same first window. `same` means ceil(in / stride) outputs, with the zeros that this takes
 * split in two (TensorFlow, tf.nn "Notes on padding"; ONNX, Conv, auto_pad). `number` means the same number of zeros on
 * every side.
 */
export function paddingUnfit(axes: readonly Axis[], padding: Padding): string | undefined {
  return axes.every((axis) => axis.crop === 0 && fits(axis, padding, axes[0]!.padBegin))
    ? undefined
    : `this variant pads as \`${padding}\`, which is not this problem's padding`;
}

function fits(
  { input, kernel, stride, dilation, padBegin, padEnd, output, unread }: Axis,
  padding: Padding,
  first: number,
): boolean {
  const size = effectiveKernelSize(kernel, dilation);
  switch (padding) {
    case "valid":
      return padBegin === 0 && padEnd === 0;
    case "number":
      // The padding at the end may differ by less than a stride, which no window reads.
      return padBegin === first && Math.floor((input + 2 * padBegin - size) / stride) + 1 === output;
    case "same-upper":
    case "same-lower": {
      const total = Math.max(0, (output - 1) * stride + size - input);
      const begin = padding === "same-upper" ? Math.floor(total / 2) : Math.ceil(total / 2);
      return output === Math.ceil(input / stride) && padBegin === begin && unread >= 0;
    }
  }
}
