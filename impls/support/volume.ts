import type { ConvProblem } from "../../core/problem.ts";
import { elementCount, outputShape } from "../../core/shape.ts";

/** A number for each of three axes. */
export type Extents = readonly [depth: number, height: number, width: number];
export type AxisIndex = 0 | 1 | 2;
const AXES: readonly AxisIndex[] = [0, 1, 2];

/**
 * A convolution of rank 1, 2 or 3 as one of rank 3: with leading axes of extent 1, which changes neither the elements
 * nor their order.
 */
export interface Volume {
  readonly batch: number;
  readonly groups: number;
  /** C */
  readonly inChannels: number;
  /** K */
  readonly outChannels: number;
  /** C/G */
  readonly groupInChannels: number;
  /** K/G */
  readonly groupOutChannels: number;
  readonly input: Extents;
  readonly kernel: Extents;
  readonly output: Extents;
  readonly stride: Extents;
  readonly dilation: Extents;
  readonly padBegin: Extents;
  /** Elements of one plane: D·H·W, of one filter of one channel, and of one output plane. */
  readonly inputSize: number;
  readonly kernelSize: number;
  readonly outputSize: number;
}

/** A problem as a volume. */
export function asVolume(problem: ConvProblem): Volume {
  const extents = {
    input: threeAxes(problem.input, 1),
    kernel: threeAxes(problem.kernel, 1),
    output: threeAxes(outputShape(problem), 1),
  };
  return {
    batch: problem.batch,
    groups: problem.groups,
    inChannels: problem.inChannels,
    outChannels: problem.outChannels,
    groupInChannels: problem.inChannels / problem.groups,
    groupOutChannels: problem.outChannels / problem.groups,
    ...extents,
    stride: threeAxes(problem.stride, 1),
    dilation: threeAxes(problem.dilation, 1),
    padBegin: threeAxes(problem.padBegin, 0),
    inputSize: elementCount(extents.input),
    kernelSize: elementCount(extents.kernel),
    outputSize: elementCount(extents.output),
  };
}

function threeAxes(values: readonly number[], missing: number): Extents {
  const at = (fromEnd: number): number => values[values.length - fromEnd] ?? missing;
  return [at(3), at(2), at(1)];
}

export function eachAxis<T>(value: (axis: AxisIndex) => T): readonly [T, T, T] {
  return [value(0), value(1), value(2)];
}

/** Elements between neighbours along each axis of a dense plane. */
export function planeStrides([, height, width]: Extents): Extents {
  return [height * width, width, 1];
}

/** All positions in a box, the last axis fastest. */
export function positionsIn([depth, height, width]: Extents): readonly Extents[] {
  return Array.from({ length: depth * height * width }, (_, index): Extents => {
    const line = Math.floor(index / width);
    return [Math.floor(line / height), line % height, index % width];
  });
}

/**
 * Whether each output position reads the input at the same position and nowhere else. The extents must agree on every
 * axis, not only in number.
 */
export function isPointwise({ kernel, stride, padBegin, input, output }: Volume): boolean {
  return AXES.every((i) => kernel[i] === 1 && stride[i] === 1 && padBegin[i] === 0 && output[i] === input[i]);
}

/** Whether there is one output position, and its taps are the whole input in order: a fully connected layer. */
export function isFullyConnected({ kernel, dilation, padBegin, input, output }: Volume): boolean {
  return AXES.every(
    (i) => kernel[i] === input[i] && output[i] === 1 && padBegin[i] === 0 && (dilation[i] === 1 || kernel[i] === 1),
  );
}
