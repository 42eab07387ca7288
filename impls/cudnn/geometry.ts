import type { ConvProblem } from "../../core/problem.ts";
import { effectiveKernelSize } from "../../core/shape.ts";
import { axesOf, type Axis } from "../support/axes.ts";

/** A problem in cuDNN's terms: over two or three axes, a 1-D one as a 2-D one of height 1. */
export interface Geometry {
  readonly x: readonly number[];
  readonly weights: readonly number[];
  readonly y: readonly number[];
  readonly bias: readonly number[];
  readonly padding: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
}

export function geometryOf(problem: ConvProblem): Geometry {
  const { batch, inChannels, outChannels, groups } = problem;
  const axes = axesOf(problem);
  const along = (of: (axis: Axis) => number, unit: number): readonly number[] =>
    axes.length === 1 ? [unit, ...axes.map(of)] : axes.map(of);
  const y = [batch, outChannels, ...along(({ output }) => output, 1)];
  return {
    x: [batch, inChannels, ...along(({ input }) => input, 1)],
    weights: [outChannels, inChannels / groups, ...along(({ kernel }) => kernel, 1)],
    y,
    bias: [1, outChannels, ...y.slice(2).map(() => 1)],
    padding: along(({ padBegin }) => padBegin, 0),
    stride: along(({ stride }) => stride, 1),
    dilation: along(({ dilation }) => dilation, 1),
  };
}

/**
 * Why cuDNN cannot do a problem: it pads both ends of an axis equally. Padding at the end may differ only where no
 * window reads it.
 */
export function unsupportedByCudnn(problem: ConvProblem): string | undefined {
  for (const { input, kernel, stride, dilation, crop, padBegin, padEnd, output } of axesOf(problem)) {
    if (crop > 0) return `cuDNN does not crop (padding ${padBegin}, ${-crop})`;
    const byBothEnds = Math.floor((input + 2 * padBegin - effectiveKernelSize(kernel, dilation)) / stride) + 1;
    if (byBothEnds !== output) return `cuDNN pads both ends alike, not ${padBegin} and ${padEnd}`;
  }
  return undefined;
}
