import { meetingsOfInput, meetingsOfOutput, meetingsOfTap, spatialAxes, type Axis } from "../../../reference/axis.ts";
import type { Algorithm } from "../../../core/plugin.ts";
import type { ConvProblem } from "../../../core/problem.ts";

/**
 * The fewest operations, two for each multiplication, in which an algorithm can compute any one pass: the rate that is
 * compared with the theoretical peak counts these. (The nominal count, in which GFLOP/s are given, is larger: it
 * includes products with padding, and ignores transforms.) Direct and GEMM multiply whatever lies inside the image.
 * For FFT and Winograd it is what every bilinear algorithm needs for one pair of image plane and filter plane: a
 * multiplication for each output, for each tap and for each pixel that is read, whichever are the most (the rank of a
 * trilinear form is at least each of its dimensions); m + r − 1 along an axis, which Winograd showed to be enough.
 * Savings across channels, as in Strassen's matrix product, are not included.
 * Source: Winograd, Arithmetic Complexity of Computations, SIAM, 1980.
 */
export function fewestOperations(problem: ConvProblem, algorithm: Algorithm): number {
  const pairs = (problem.batch * problem.outChannels * problem.inChannels) / problem.groups;
  const axes = spatialAxes(problem);
  const perPair =
    algorithm === "direct" || algorithm === "gemm"
      ? product(axes, products)
      : Math.max(product(axes, reachedOutputs), product(axes, usedTaps), product(axes, readPixels));
  return 2 * pairs * perPair;
}

function product(axes: readonly Axis[], along: (axis: Axis) => number): number {
  return axes.reduce((result, axis) => result * along(axis), 1);
}

function products(axis: Axis): number {
  return Array.from({ length: axis.kernel }, (_, tap) => meetingsOfTap(axis, tap).length).reduce((a, b) => a + b, 0);
}

function reachedOutputs(axis: Axis): number {
  return countWhere(axis.output, (output) => meetingsOfOutput(axis, output).length > 0);
}

function usedTaps(axis: Axis): number {
  return countWhere(axis.kernel, (tap) => meetingsOfTap(axis, tap).length > 0);
}

function readPixels(axis: Axis): number {
  return countWhere(axis.input, (pixel) => meetingsOfInput(axis, pixel).length > 0);
}

function countWhere(length: number, holds: (position: number) => boolean): number {
  return Array.from({ length }, (_, position) => position).filter(holds).length;
}
