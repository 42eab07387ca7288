/** What a pass that computes planes from planes reads: the outputs from the data, or the data's gradient from theirs. */
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { outputShape } from "../../core/shape.ts";
import { inputAt, outputAt } from "./sum-place.ts";

export type SpatialPass = Exclude<Pass, "backwardWeights">;

/** What a pass reads and writes: data and outputs, or the gradients of both. */
export interface Reading {
  readonly operand: "x" | "dy";
  readonly from: readonly number[];
  readonly to: readonly number[];
  readonly fromChannels: number;
  readonly toChannels: number;
  /** Which position along an axis is read for one of the result, through a tap. */
  readAt(axis: number, at: number, tap: number): number | undefined;
  /** The plane of the weights, by the channels inside a group. */
  weightsPlane(group: number, from: number, to: number): number;
}

export function readingOf(problem: ConvProblem, pass: SpatialPass): Reading {
  const { inChannels, outChannels, groups, input } = problem;
  const [perIn, perOut] = [inChannels / groups, outChannels / groups];
  if (pass === "forward")
    return {
      operand: "x",
      from: input,
      to: outputShape(problem),
      fromChannels: inChannels,
      toChannels: outChannels,
      readAt: (axis, at, tap) => inputAt(problem, axis, at, tap),
      weightsPlane: (group, from, to) => (group * perOut + to) * perIn + from,
    };
  return {
    operand: "dy",
    from: outputShape(problem),
    to: input,
    fromChannels: outChannels,
    toChannels: inChannels,
    readAt: (axis, at, tap) => outputAt(problem, axis, at, tap),
    weightsPlane: (group, from, to) => (group * perOut + from) * perIn + to,
  };
}
