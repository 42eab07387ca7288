import { ELEMENTS, PROBLEM_TYPES } from "./element-types.ts";
import type { ConvProblem, Pass } from "./problem.ts";

/** The extent of a dilated kernel along one axis: dilation·(kernel − 1) + 1. */
export function effectiveKernelSize(kernel: number, dilation: number): number {
  return dilation * (kernel - 1) + 1;
}

/**
 * The spatial output extents [OH, OW] of a problem, one per axis:
 * floor((in + padBegin + padEnd − dilation·(kernel − 1) − 1) / stride) + 1.
 * Source: ONNX operator Conv, `auto_pad = NOTSET`; Dumoulin and Visin, arXiv:1603.07285, relationship 6 with dilation
 * (§5.1).
 */
export function outputShape(problem: ConvProblem): number[] {
  return problem.input.map((extent, axis) => {
    const padded = extent + problem.padBegin[axis]! + problem.padEnd[axis]!;
    return (
      Math.floor(
        (padded - effectiveKernelSize(problem.kernel[axis]!, problem.dilation[axis]!)) / problem.stride[axis]!,
      ) + 1
    );
  });
}

/** The number of elements of a shape. */
export function elementCount(shape: readonly number[]): number {
  let product = 1;
  for (let axis = 0; axis < shape.length; axis++) product *= shape[axis]!;
  return product;
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

/** The elements of data, weights and outputs together: what a problem costs to make, to move and to check. */
export function totalElements(problem: ConvProblem): number {
  const { x, weights, y } = tensorShapes(problem);
  return elementCount(x) + elementCount(weights) + elementCount(y);
}

/**
 * The `padEnd` nearest to zero, per axis, that gives the same output as the problem's own: a problem's canonical form,
 * as a descriptor carries the output's extents and not `padEnd`. A `padEnd` of (out − 1)·stride + effectiveKernelSize −
 * in − padBegin is read to the last row; up to stride − 1 more are unread rows and change nothing. It is negative (the
 * input is cropped) only where no other gives that output.
 */
export function leastPadEnd(problem: ConvProblem): number[] {
  return outputShape(problem).map((output, axis) => {
    const stride = problem.stride[axis]!;
    const read = (output - 1) * stride + effectiveKernelSize(problem.kernel[axis]!, problem.dilation[axis]!);
    const exact = read - problem.input[axis]! - problem.padBegin[axis]!;
    return Math.min(Math.max(0, exact), exact + stride - 1);
  });
}

/**
 * The nominal multiply-adds of any one pass: N · K · C/G · ∏ out · ∏ kernel. GFLOP/s are twice this over the time.
 * Products with padding are counted, as in a network's published figures, though an implementation may skip them;
 * benchdnn's own count leaves them out (oneDNN, tests/benchdnn/conv/conv_aux.cpp, `count_ops`).
 */
export function multiplyAdds(problem: ConvProblem): number {
  const perOutput = (problem.inChannels / problem.groups) * elementCount(problem.kernel);
  return problem.batch * problem.outChannels * elementCount(outputShape(problem)) * perOutput;
}

/**
 * The bytes of a pass's operands and outputs, each tensor once: forward reads x, weights and bias and writes y;
 * backwardData reads dy and weights and writes dX; backwardWeights reads x and dy and writes dW and dB.
 */
export function byteCounts(problem: ConvProblem, pass: Pass): { readonly operands: number; readonly outputs: number } {
  const shapes = tensorShapes(problem);
  const formats = PROBLEM_TYPES[problem.type ?? "f32"];
  const bytesOf = (name: keyof typeof shapes): number => elementCount(shapes[name]) * ELEMENTS[formats[name]].bytes;
  const [x, weights, y] = [bytesOf("x"), bytesOf("weights"), bytesOf("y")];
  const bias = problem.bias ? bytesOf("bias") : 0;
  switch (pass) {
    case "forward":
      return { operands: x + weights + bias, outputs: y };
    case "backwardData":
      return { operands: y + weights, outputs: x };
    case "backwardWeights":
      return { operands: x + y, outputs: weights + bias };
  }
}
