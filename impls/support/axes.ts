import type { ConvProblem } from "../../core/problem.ts";
import { effectiveKernelSize } from "../../core/shape.ts";

/**
 * One spatial axis, with a negative padEnd as a crop: the layer reads the first `kept` elements between `padBegin` and
 * `padEnd` zeros.
 */
export interface Axis {
  readonly input: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  /** How many elements a negative padEnd cuts off. */
  readonly crop: number;
  /** input − crop; zero or negative where the crop removes the whole input. */
  readonly kept: number;
  readonly padBegin: number;
  readonly padEnd: number;
  readonly output: number;
  /** How many of the last padded elements no window reads; less than `stride`. */
  readonly unread: number;
}

/** The spatial axes of a problem. A dilation along a kernel of extent 1 has no effect and comes out as 1. */
export function axesOf(problem: ConvProblem): readonly Axis[] {
  return problem.input.map((input, axis) => {
    const kernel = problem.kernel[axis]!;
    const stride = problem.stride[axis]!;
    const dilation = kernel === 1 ? 1 : problem.dilation[axis]!;
    const padBegin = problem.padBegin[axis]!;
    const padEnd = problem.padEnd[axis]!;
    const slack = input + padBegin + padEnd - effectiveKernelSize(kernel, dilation);
    const output = Math.floor(slack / stride) + 1;
    const crop = Math.max(0, -padEnd);
    return {
      input,
      kernel,
      stride,
      dilation,
      crop,
      kept: input - crop,
      padBegin,
      padEnd: Math.max(0, padEnd),
      output,
      unread: slack - stride * (output - 1),
    };
  });
}

/** Whether the layer is fully connected: one group, and a kernel that is the whole unpadded input. */
export function isDense(problem: ConvProblem): boolean {
  return (
    problem.groups === 1 &&
    problem.input.every(
      (input, axis) => input === problem.kernel[axis] && problem.padBegin[axis] === 0 && problem.padEnd[axis] === 0,
    )
  );
}

/** Whether some axis is cropped (has a negative padEnd). */
export function isCropped(axes: readonly Axis[]): boolean {
  return axes.some((axis) => axis.crop > 0);
}

/** Why no library can crop like the problem: the crop removes the whole input. Undefined when some input is left. */
export function cropsEverything(problem: ConvProblem): string | undefined {
  const axis = axesOf(problem).findIndex(({ kept }) => kept <= 0);
  return axis < 0
    ? undefined
    : `the padding ${problem.padBegin[axis]}, ${problem.padEnd[axis]} ` +
        `crops away the whole input of extent ${problem.input[axis]}`;
}
