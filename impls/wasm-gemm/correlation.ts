import type { Pass } from "../../core/problem.ts";
import type { Volume } from "../support/volume.ts";

type Extents = readonly [number, number, number];

/** One tap: how far from a position it reads the image, and where its weight is in a filter, in elements. */
export interface Tap {
  readonly displacement: Extents;
  readonly weight: number;
}

/**
 * A correlation of one group: out[row, position] = initial[row] + Σ over channels and taps of weight · image[channel, position · step + displacement].
 * Forward is one. The gradient of the data is one for each residue of its positions modulo the stride, with the taps that meet it.
 */
export interface Correlation {
  readonly channels: number;
  readonly input: Extents;
  readonly taps: readonly Tap[];
  readonly grid: Extents;
  readonly step: Extents;
  /** The first position's element in an output plane, and how many elements the next one along each axis is away. */
  readonly firstOutput: number;
  readonly outputStrides: Extents;
  /** No tap meets these positions: they get nothing but zeros. */
  readonly isNothing: boolean;
}

/** The correlations that make up a pass. */
export function correlationsOf(volume: Volume, pass: Exclude<Pass, "backwardWeights">): readonly Correlation[] {
  return pass === "forward" ? [forward(volume)] : backwardData(volume);
}

function forward(volume: Volume): Correlation {
  const { kernel, dilation, padBegin, stride, input, output } = volume;
  const isPointwise = volume.kernelSize === 1 && stride.every((s) => s === 1) && padBegin.every((pad) => pad === 0);
  const size: Extents = [1, 1, volume.inputSize];
  // A 1 × 1 kernel knows no rows: the planes are lines.
  const isLine = isPointwise && volume.inputSize === volume.outputSize;
  return {
    channels: volume.groupInChannels,
    input: isLine ? size : input,
    taps: positions(kernel).map((at, weight) => ({
      displacement: threeOf((axis) => at[axis] * dilation[axis] - padBegin[axis]),
      weight,
    })),
    grid: isLine ? size : output,
    step: stride,
    firstOutput: 0,
    outputStrides: isLine ? [0, 0, 1] : [output[1] * output[2], output[2], 1],
    isNothing: false,
  };
}

/**
 * dX[i] = Σ over taps r of W[r]ᵀ · dY[(i + pad − r·dilation) / stride], where that is whole. With i = residue + stride·q it is so for the same taps at all q,
 * which are then at q + (residue + pad − r·dilation) / stride.
 */
function backwardData(volume: Volume): readonly Correlation[] {
  const { kernel, dilation, padBegin, stride, input, output } = volume;
  const strides: Extents = [input[1] * input[2], input[2], 1];
  return positions(threeOf((axis) => Math.min(stride[axis], input[axis]))).map((residue): Correlation => {
    const reach = (at: Extents): Extents =>
      threeOf((axis) => (residue[axis] + padBegin[axis] - at[axis] * dilation[axis]) / stride[axis]);
    const taps = positions(kernel)
      .map((at, weight): Tap => ({ displacement: reach(at), weight }))
      .filter(({ displacement }) => displacement.every(Number.isInteger));
    return {
      channels: volume.groupOutChannels,
      input: output,
      taps,
      grid: threeOf((axis) => Math.ceil((input[axis] - residue[axis]) / stride[axis])),
      step: [1, 1, 1],
      firstOutput: residue[0] * strides[0] + residue[1] * strides[1] + residue[2],
      outputStrides: threeOf((axis) => strides[axis] * stride[axis]),
      isNothing: taps.length === 0,
    };
  });
}

/** All positions in a box, the last axis fastest. */
function positions([depth, height, width]: Extents): readonly Extents[] {
  return Array.from({ length: depth * height * width }, (_, index): Extents => {
    const line = Math.floor(index / width);
    return [Math.floor(line / height), line % height, index % width];
  });
}

function threeOf(value: (axis: 0 | 1 | 2) => number): Extents {
  return [value(0), value(1), value(2)];
}
