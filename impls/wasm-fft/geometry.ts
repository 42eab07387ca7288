import { roundUp } from "../support/wasm.ts";
import type { ConvProblem } from "../../core/problem.ts";
import { asVolume } from "../support/volume.ts";
import { powerOfTwo, type Pair } from "./grid.ts";

/**
 * A correlation with stride 1, y[n, k] = Σ_c x[n, c] ⋆ g[k, c] + bias: the forward pass, or that of the input's
 * gradient.
 */
export interface Correlation {
  readonly batch: number;
  readonly groups: number;
  /** Channels of a group of the input and of the output. */
  readonly depth: number;
  readonly rows: number;
  readonly input: Pair;
  readonly output: Pair;
  /** The zeros before the first row and the first column; negative where they are cut off. */
  readonly padBegin: Pair;
  readonly kernel: Kernel;
}

/** A kernel's taps, their distances, and its effective size (taps − 1)·dilation + 1. */
export interface Kernel {
  readonly taps: Pair;
  readonly dilation: Pair;
  readonly effectiveKernelSize: Pair;
}

export function forwardCorrelation(problem: ConvProblem): Correlation {
  const volume = asVolume(problem);
  return {
    batch: volume.batch,
    groups: volume.groups,
    depth: volume.groupInChannels,
    rows: volume.groupOutChannels,
    input: planeOf(volume.input),
    output: planeOf(volume.output),
    padBegin: planeOf(volume.padBegin),
    kernel: kernelOf(problem),
  };
}

/**
 * dX is the correlation of dY, padded by effectiveKernelSize − 1 − padBegin, with the kernels reversed and the roles of
 * the channels exchanged.
 */
export function backwardDataCorrelation(problem: ConvProblem): Correlation {
  const forward = forwardCorrelation(problem);
  const { effectiveKernelSize } = forward.kernel;
  return {
    ...forward,
    depth: forward.rows,
    rows: forward.depth,
    input: forward.output,
    output: forward.input,
    padBegin: pairOf((axis) => effectiveKernelSize[axis] - 1 - forward.padBegin[axis]),
  };
}

export function kernelOf(problem: ConvProblem): Kernel {
  const volume = asVolume(problem);
  const [taps, dilation] = [planeOf(volume.kernel), planeOf(volume.dilation)];
  return { taps, dilation, effectiveKernelSize: pairOf((axis) => (taps[axis] - 1) * dilation[axis] + 1) };
}

export function planeOf([, height, width]: readonly [number, number, number]): Pair {
  return [height, width];
}

export function pairOf(value: (axis: 0 | 1) => number): Pair {
  return [value(0), value(1)];
}

/** The longest transform along an axis. */
export const LONGEST = 64;

/** Rows and columns of tiles in a plane, for tiles of the given outputs. */
export function tilesOf(output: Pair, outputs: Pair): Pair {
  return pairOf((axis) => Math.ceil(output[axis] / outputs[axis]));
}

/** Outputs of a tile: those that the cyclic correlation does not wrap round. */
export function outputsOfTile({ effectiveKernelSize }: Kernel, lengths: Pair): Pair {
  return pairOf((axis) => lengths[axis] - effectiveKernelSize[axis] + 1);
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
