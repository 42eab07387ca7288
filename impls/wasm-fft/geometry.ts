import { roundUp } from "../support/wasm.ts";
import type { ConvProblem } from "../../core/problem.ts";
import { effectiveKernelSize } from "../../core/shape.ts";
import {
  pairOf,
  planeOf,
  tilesOf,
  unitStrideCorrelation,
  type Pair,
  type UnitStrideCorrelation,
} from "../support/unit-stride.ts";
import { asVolume } from "../support/volume.ts";
import { powerOfTwo } from "./grid.ts";

/** A pass as a correlation, with its kernel. */
export interface Correlation extends UnitStrideCorrelation {
  readonly kernel: Kernel;
}

/** A kernel's taps, their distances, and its effective size (taps − 1)·dilation + 1. */
export interface Kernel {
  readonly taps: Pair;
  readonly dilation: Pair;
  readonly effectiveKernelSize: Pair;
}

export function correlationOf(problem: ConvProblem, pass: "forward" | "backwardData"): Correlation {
  return { ...unitStrideCorrelation(problem, pass), kernel: kernelOf(problem) };
}

export function kernelOf(problem: ConvProblem): Kernel {
  const volume = asVolume(problem);
  const [taps, dilation] = [planeOf(volume.kernel), planeOf(volume.dilation)];
  return { taps, dilation, effectiveKernelSize: pairOf((axis) => effectiveKernelSize(taps[axis], dilation[axis])) };
}

/** The longest transform along an axis. */
export const LONGEST = 64;

/** Outputs of a tile: those that the cyclic correlation does not wrap round. */
export function outputsOfTile(kernel: Kernel, lengths: Pair): Pair {
  return pairOf((axis) => lengths[axis] - kernel.effectiveKernelSize[axis] + 1);
}

/**
 * Costs in units of a multiply-add of the products: of a transform for each point and level, and of the weights'
 * spectra, read once a block, for each number.
 */
const COST = { point: 6, weight: 12 } as const;

/**
 * The lengths of a tile that are expected to be the quickest: longer ones lose less to the overlap of neighbours, and
 * read more spectra of weights. None is longer than a transform of the whole plane, because the error bound is derived
 * for that length.
 */
export function lengthsFor(correlation: Correlation): Pair {
  const { kernel, input } = correlation;
  const choices = ([0, 1] as const).map((axis) => {
    const least = powerOfTwo(kernel.effectiveKernelSize[axis]);
    const most = Math.max(least, Math.min(LONGEST, powerOfTwo(input[axis] + kernel.effectiveKernelSize[axis] - 1)));
    return Array.from({ length: Math.log2(most / least) + 1 }, (_, power) => least * 2 ** power);
  });
  let best: { readonly lengths: Pair; readonly cost: number } | undefined;
  for (const height of choices[0]!) {
    for (const width of choices[1]!) {
      const cost = costOf(correlation, [height, width]);
      if (best === undefined || cost < best.cost) best = { lengths: [height, width], cost };
    }
  }
  return best?.lengths ?? [1, 1];
}

/** What a correlation costs with the lengths that it gets, in multiply-adds. */
export function correlationCost(correlation: Correlation): number {
  return costOf(correlation, lengthsFor(correlation));
}

/** The same for the gradient of the weights with transforms of whole planes. */
export function gradientCost(problem: ConvProblem, [height, width]: Pair): number {
  const { batch, groups, groupInChannels, groupOutChannels } = asVolume(problem);
  const points = height * width;
  const pairs = groupInChannels * groupOutChannels;
  const transformed = batch * (groupInChannels + groupOutChannels) + pairs;
  return groups * (transformed * points * Math.log2(2 * points) * COST.point + pairs * (points / 2) * 4 * batch);
}

function costOf({ batch, groups, depth, rows, output, kernel }: Correlation, lengths: Pair): number {
  const [high, wide] = tilesOf(output, outputsOfTile(kernel, lengths));
  const tiles = batch * high * wide;
  const points = lengths[0] * lengths[1];
  const transforms = tiles * (depth + rows) * points * Math.log2(2 * points) * COST.point;
  // Four real products for each complex one of half the points.
  const products = depth * rows * (points / 2) * Math.max(4 * tiles, 2 * COST.weight);
  return groups * (transforms + products);
}

/**
 * Spectra and products of a block of tiles should stay in the last-level cache; blocks of three tiles fill the
 * micro-kernel's panels of six rows.
 */
const BLOCK_BYTES = 2 ** 22;
export const LEAST_BLOCK = 12;
/**
 * A tile's rows are located by counting panels, so that very many tiles of very few points would take longer to place
 * than to transform.
 */
const MOST_BLOCK = 768;

export function blockOf(tiles: number, tileBytes: number): number {
  const most = Math.min(MOST_BLOCK, Math.max(LEAST_BLOCK, Math.floor(BLOCK_BYTES / tileBytes)));
  return Math.min(tiles, roundUp(Math.ceil(tiles / Math.ceil(tiles / most)), 3));
}
