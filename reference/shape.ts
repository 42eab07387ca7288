import type { ConvProblem } from "../harness/problem.ts";

/** The extent of a dilated kernel along one axis: dilation·(kernel − 1) + 1. */
export function reach(kernel: number, dilation: number): number {
  return dilation * (kernel - 1) + 1;
}

/**
 * The spatial output extents [OH, OW] of a problem, one per axis:
 * floor((in + padBegin + padEnd − dilation·(kernel − 1) − 1) / stride) + 1.
 * Source: ONNX operator Conv, `auto_pad = NOTSET`; Dumoulin and Visin, arXiv:1603.07285, relationship 6 with dilation (§5.1).
 */
export function outputShape(problem: ConvProblem): number[] {
  return problem.input.map((extent, axis) => {
    const padded = extent + problem.padBegin[axis]! + problem.padEnd[axis]!;
    return Math.floor((padded - reach(problem.kernel[axis]!, problem.dilation[axis]!)) / problem.stride[axis]!) + 1;
  });
}

/** The number of elements of a shape. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** Tensor shapes of a problem: x N C in…, weights K C/G kernel…, bias K, y N K out…. */
export function tensorShapes(problem: ConvProblem): {
  readonly x: readonly number[];
  readonly weights: readonly number[];
  readonly bias: readonly number[];
  readonly y: readonly number[];
} {
  return {
    x: [problem.batch, problem.inChannels, ...problem.input],
    weights: [problem.outChannels, problem.inChannels / problem.groups, ...problem.kernel],
    bias: [problem.outChannels],
    y: [problem.batch, problem.outChannels, ...outputShape(problem)],
  };
}
