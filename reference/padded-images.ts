import type { ConvProblem } from "../core/problem.ts";
import { spatialAxes, type Axes } from "./axis.ts";
import { effectiveKernelSize } from "../core/shape.ts";

/** A slab of padded images is kept under this many values (32 MiB), unless one image alone is larger. */
const SLAB_VALUES = 2 ** 22;

/**
 * One group's channels of a few images, padded and cropped to exactly what the kernel reads: images, C/G, padded
 * extents. There, output o and tap r meet at the sum of an offset of o and an offset of r, so the patches of the images
 * are a matrix view.
 */
export interface PaddedLayout {
  readonly axes: Axes;
  /** C/G */
  readonly channels: number;
  readonly extents: readonly [number, number, number];
  readonly imageSize: number;
  readonly imagesPerSlab: number;
  /** Offsets of the taps, C/G kernel…. */
  readonly taps: Int32Array;
  /** Offsets of the output positions of a whole slab, images out…. */
  readonly positions: Int32Array;
}

/** One group's channels of neighbouring images. */
export interface Slab {
  readonly firstImage: number;
  readonly images: number;
  readonly group: number;
}

/** The layout of a problem's slabs, the same for all of them (the last images may fill a slab in part). */
export function paddedLayout(problem: ConvProblem): PaddedLayout {
  const axes = spatialAxes(problem);
  const [depth, height, width] = axes;
  const extents = [
    (depth.output - 1) * depth.stride + effectiveKernelSize(depth.kernel, depth.dilation),
    (height.output - 1) * height.stride + effectiveKernelSize(height.kernel, height.dilation),
    (width.output - 1) * width.stride + effectiveKernelSize(width.kernel, width.dilation),
  ] as const;
  const channels = problem.inChannels / problem.groups;
  const plane = extents[1] * extents[2];
  const channelSize = extents[0] * plane;
  const imageSize = channels * channelSize;
  const imagesPerSlab = Math.min(problem.batch, Math.max(1, Math.floor(SLAB_VALUES / imageSize)));
  return {
    axes,
    channels,
    extents,
    imageSize,
    imagesPerSlab,
    taps: gridOffsets(
      [channels, depth.kernel, height.kernel, width.kernel],
      [channelSize, depth.dilation * plane, height.dilation * extents[2], width.dilation],
    ),
    positions: gridOffsets(
      [imagesPerSlab, depth.output, height.output, width.output],
      [imageSize, depth.stride * plane, height.stride * extents[2], width.stride],
    ),
  };
}

/** All slabs of a problem. */
export function slabsOf(problem: ConvProblem, { imagesPerSlab }: PaddedLayout): Slab[] {
  const slabs: Slab[] = [];
  for (let firstImage = 0; firstImage < problem.batch; firstImage += imagesPerSlab) {
    const images = Math.min(imagesPerSlab, problem.batch - firstImage);
    for (let group = 0; group < problem.groups; group++) slabs.push({ firstImage, images, group });
  }
  return slabs;
}

/** The offsets Σ index·step of all points of a grid, in row-major order. */
export function gridOffsets(counts: readonly number[], steps: readonly number[]): Int32Array {
  let offsets = Int32Array.of(0);
  counts.forEach((count, axis) => {
    const outer = offsets;
    offsets = new Int32Array(outer.length * count);
    for (let point = 0; point < outer.length; point++) {
      for (let index = 0; index < count; index++) {
        offsets[point * count + index] = outer[point]! + index * steps[axis]!;
      }
    }
  });
  return offsets;
}

/**
 * Calls `visit(tensorStart, paddedStart, length)` for every run of values that a slab shares with the tensor N C in…:
 * `length` neighbours at the two flat indices. What is padding or cropped away belongs to no run.
 */
export function forEachSharedRow(
  problem: ConvProblem,
  { axes, channels, extents, imageSize }: PaddedLayout,
  slab: Slab,
  visit: (tensorStart: number, paddedStart: number, length: number) => void,
): void {
  const [depth, height, width] = axes;
  // Position i of an axis lies at i + padBegin ≥ 0; what lies beyond the extent is read by no tap.
  const [zs, ys, xs] = axes.map(({ input, padBegin }, axis) => Math.min(input, extents[axis]! - padBegin));
  if (zs === undefined || ys === undefined || xs === undefined || xs <= 0) return;
  for (let image = 0; image < slab.images; image++) {
    for (let c = 0; c < channels; c++) {
      const tensorPlane = (slab.firstImage + image) * problem.inChannels + slab.group * channels + c;
      const paddedPlane = image * imageSize + c * extents[0] * extents[1] * extents[2];
      for (let z = 0; z < zs; z++) {
        for (let y = 0; y < ys; y++) {
          const tensorStart = ((tensorPlane * depth.input + z) * height.input + y) * width.input;
          const paddedRow = (z + depth.padBegin) * extents[1] + y + height.padBegin;
          visit(tensorStart, paddedPlane + paddedRow * extents[2] + width.padBegin, xs);
        }
      }
    }
  }
}
