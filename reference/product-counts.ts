import type { ConvProblem, Pass } from "../core/problem.ts";
import { meetingsOfInput, meetingsOfOutput, meetingsOfTap, spatialAxes, type Axis, type Meeting } from "./axis.ts";

/**
 * How many products reach each output element of a pass; it depends on the spatial position only. The result is shaped
 * out… for `forward` (y), in… for `backwardData` (dX) and kernel… for `backwardWeights` (dWeights), row-major: as space
 * is innermost, the count of the element at flat index i is `counts[i % counts.length]`. A bias is no product; the
 * terms of dBias are N times the output positions, everywhere.
 */
export function productCounts(problem: ConvProblem, pass: Pass): Float64Array {
  switch (pass) {
    case "forward":
      return separable(problem, problem.inChannels / problem.groups, (axis) =>
        perPosition(axis, axis.output, meetingsOfOutput),
      );
    case "backwardData":
      return separable(problem, problem.outChannels / problem.groups, (axis) =>
        perPosition(axis, axis.input, meetingsOfInput),
      );
    case "backwardWeights":
      return separable(problem, problem.batch, (axis) => perPosition(axis, axis.kernel, meetingsOfTap));
  }
}

function perPosition(axis: Axis, positions: number, meetings: (axis: Axis, position: number) => Meeting[]): number[] {
  return Array.from({ length: positions }, (_, position) => meetings(axis, position).length);
}

/** The outer product of the counts along the axes, times `factor`. */
function separable(problem: ConvProblem, factor: number, countsAlong: (axis: Axis) => readonly number[]): Float64Array {
  const counts = spatialAxes(problem)
    .map(countsAlong)
    .reduce((product, along) => product.flatMap((count) => along.map((other) => count * other)), [factor]);
  return Float64Array.from(counts);
}
