import type { ConvProblem } from "../../core/problem.ts";
import { effectiveKernelSize } from "../../core/shape.ts";
import { asVolume } from "./volume.ts";

/** Height and width. */
export type Pair = readonly [height: number, width: number];

/**
 * A correlation over planes with stride 1, y[n, k] = Σ_c x[n, c] ⋆ g[k, c] + bias: the forward pass, or the gradient of
 * the input.
 */
export interface UnitStrideCorrelation {
  readonly batch: number;
  readonly groups: number;
  /** Channels of a group of the input and of the output. */
  readonly depth: number;
  readonly rows: number;
  readonly input: Pair;
  readonly output: Pair;
  /** The zeros before the first row and the first column; negative where rows or columns are cut off. */
  readonly padBegin: Pair;
}

/**
 * The correlation that a pass of a problem with stride 1 is. dX is that of dY, padded by the effective kernel size − 1
 * − padBegin, with the kernels reversed and the roles of the channels exchanged.
 */
export function unitStrideCorrelation(problem: ConvProblem, pass: "forward" | "backwardData"): UnitStrideCorrelation {
  const { batch, groups, groupInChannels, groupOutChannels, ...volume } = asVolume(problem);
  const [input, output, padBegin] = [planeOf(volume.input), planeOf(volume.output), planeOf(volume.padBegin)];
  if (pass === "forward")
    return { batch, groups, depth: groupInChannels, rows: groupOutChannels, input, output, padBegin };
  const [kernel, dilation] = [planeOf(volume.kernel), planeOf(volume.dilation)];
  return {
    batch,
    groups,
    depth: groupOutChannels,
    rows: groupInChannels,
    input: output,
    output: input,
    padBegin: pairOf((axis) => effectiveKernelSize(kernel[axis], dilation[axis]) - 1 - padBegin[axis]),
  };
}

/** The last two extents. */
export function planeOf(extents: readonly number[]): Pair {
  return [extents.at(-2) ?? 1, extents.at(-1) ?? 1];
}

export function pairOf(value: (axis: 0 | 1) => number): Pair {
  return [value(0), value(1)];
}

/** Rows and columns of tiles in a plane, for tiles of the given extents. */
export function tilesOf(plane: Pair, tile: Pair): Pair {
  return pairOf((axis) => Math.ceil(plane[axis] / tile[axis]));
}
