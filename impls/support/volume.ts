import type { ConvProblem } from "../../core/problem.ts";

type Extents = readonly [depth: number, height: number, width: number];

/** A convolution of rank 1, 2 or 3 written as one of rank 3: leading axes of extent 1 are added, which changes no element and no order. */
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

/** Writes a problem as a volume, with its output extents floor((in + padBegin + padEnd − dilation·(kernel − 1) − 1) / stride) + 1. */
export function asVolume(problem: ConvProblem): Volume {
  const output = problem.input.map((extent, axis) => {
    const padded = extent + problem.padBegin[axis]! + problem.padEnd[axis]!;
    const effectiveKernelSize = problem.dilation[axis]! * (problem.kernel[axis]! - 1) + 1;
    return Math.floor((padded - effectiveKernelSize) / problem.stride[axis]!) + 1;
  });
  const extents = {
    input: threeAxes(problem.input, 1),
    kernel: threeAxes(problem.kernel, 1),
    output: threeAxes(output, 1),
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
    inputSize: size(extents.input),
    kernelSize: size(extents.kernel),
    outputSize: size(extents.output),
  };
}

function threeAxes(values: readonly number[], missing: number): Extents {
  const at = (fromEnd: number): number => values[values.length - fromEnd] ?? missing;
  return [at(3), at(2), at(1)];
}

function size([depth, height, width]: Extents): number {
  return depth * height * width;
}
