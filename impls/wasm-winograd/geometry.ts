import { roundUp } from "../support/wasm.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { outputShape } from "../../core/shape.ts";
import {
  planeOf,
  tilesOf,
  unitStrideCorrelation,
  type Pair,
  type UnitStrideCorrelation,
} from "../support/unit-stride.ts";

/** m of F(m×m, 3×3). */
export type TileSize = 2 | 4;

/** A pass as a correlation, with the names of its operand and its result. */
export interface Correlation extends UnitStrideCorrelation {
  readonly data: "x" | "dy";
  readonly result: "y" | "dx";
  readonly hasBias: boolean;
}

export function correlationOf(problem: ConvProblem, pass: "forward" | "backwardData"): Correlation {
  const correlation = unitStrideCorrelation(problem, pass);
  return pass === "forward"
    ? { ...correlation, data: "x", result: "y", hasBias: problem.bias }
    : { ...correlation, data: "dy", result: "dx", hasBias: false };
}

export function planeBytes([height, width]: Pair): number {
  return height * width * 4;
}

/** A 3×3 kernel. */
export const KERNEL_BYTES = 36;
/** An entry of the table of tiles (assembly/tiles.ts). */
export const ENTRY_BYTES = 32;
/** What the transforms need beside their operands (assembly/units.ts), at most. */
export const SCRATCH_BYTES = 2048;

/**
 * The largest error of an output relative to its operands' norms: 2^-6, so that two digits are certain whatever the
 * data. On usual data errors are smaller by orders of magnitude.
 */
const ERROR_BUDGET = 2 ** -6;
/** κ² and the roundings of the transforms of F(4, 3), and of F(3, 4) for the weights' gradient: see docs/bounds.md. */
const F4 = { forward: { kappaSquared: 381, roundings: 37 }, gradient: { kappaSquared: 404, roundings: 39 } } as const;
/** The inverse transform of a pair's product takes as long as this many multiplications a frequency, measured. */
const GRADIENT_BACK = 40;

/**
 * The number of roundings of the gradient's sum over all tiles, which is a sum of the blocks' sums, with tiles of 4 ×
 * 4.
 */
function gradientSummands(problem: ConvProblem): number {
  const [high, wide] = tilesOf(planeOf(outputShape(problem)), [4, 4]);
  const tiles = problem.batch * high * wide;
  const block = blockOf(tiles, gradientTileBytes(problem, 4));
  return block + Math.ceil(tiles / block);
}

/** The larger tile where its error stays within the budget and it is less work, as it is unless the plane is tiny. */
export function tileFor(problem: ConvProblem, pass: Pass): TileSize {
  const { batch, inChannels, outChannels, groups } = problem;
  const isGradient = pass === "backwardWeights";
  const outputs = planeOf(pass === "backwardData" ? problem.input : outputShape(problem));
  const work = (m: TileSize): number => {
    const [high, wide] = tilesOf(outputs, [m, m]);
    return (m + 2) ** 2 * (batch * high * wide + (isGradient ? GRADIENT_BACK : 0));
  };
  const { kappaSquared, roundings } = isGradient ? F4.gradient : F4.forward;
  const summands = {
    forward: inChannels / groups,
    backwardData: outChannels / groups,
    backwardWeights: gradientSummands(problem),
  }[pass];
  // Up to two of the gradient's tiles of data overlap along an axis: reference/bounds/winograd.ts, inPieces.
  const overlap = isGradient ? 2 : 1;
  const error = overlap * kappaSquared * (roundings + summands) * 2 ** -24;
  return error <= ERROR_BUDGET && work(4) < work(2) ? 4 : 2;
}

/** The bytes that two transformed operands of a block may take together: they should stay in the second-level cache. */
const BLOCK_BYTES = 2 ** 20;
/** The fewest tiles of a block, so that reading the kernels is not most of the time where they do not fit a cache. */
export const LEAST_BLOCK = 48;

/**
 * Tiles of a block, a multiple of eight, such that all blocks are alike; `tileBytes` of transformed data belong to a
 * tile.
 */
export function blockOf(tiles: number, tileBytes: number): number {
  const most = Math.max(LEAST_BLOCK, Math.floor(BLOCK_BYTES / tileBytes));
  return roundUp(Math.ceil(tiles / Math.ceil(tiles / most)), 8);
}

/** What a tile's transformed operands take for the gradient of the weights. */
export function gradientTileBytes({ groups, inChannels, outChannels }: ConvProblem, m: TileSize): number {
  return 4 * (m + 2) ** 2 * (roundUp(outChannels / groups, 12) + roundUp(inChannels / groups, 8));
}
