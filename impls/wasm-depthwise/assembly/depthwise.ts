// Builds: relaxed-simd, simd, scalar
// Memory: shared
//
// The steps of a depthwise convolution: ../index.ts has the algorithm.

import { scatter, split } from "./copy";
import { correlate } from "./correlate";
import { addSum, correlateGradient } from "./gradient";
import { square } from "./square";

/** Where a frame's geometry has the cells of two of its axes: see `split`. */
const CELLS_HEIGHT: usize = 36;
const CELLS_WIDTH: usize = 64;

/**
 * How a grid is computed: in one run over the frame's cells (0), row by row (1), or, for three by three neighbours, by
 * `square` with a step of 1 (3) or 2 (4).
 */
const BY_ROWS: i32 = 1;
const SQUARE: i32 = 2;

/** Bytes of an entry of the list of correlations. */
const CORRELATION_BYTES: usize = 48;

/**
 * Computes `units` channels of all images, each from `sources` planes (which are split into frames `frameBytes` apart)
 * to `results` planes, by the correlations of a list. An entry: the number of taps, the addresses of their byte offsets
 * and of their weights (those of a result one after the other, then the next result's, then the next channel's), the
 * extents of the grid of outputs, where its first lies in a plane, the bytes between outputs along each axis, and how
 * it is computed. What is computed in one run over the frame's cells, including those between rows, is copied from
 * `buffer`.
 */
export function correlatePlanes(
  geometry: usize,
  frame: usize,
  frameBytes: usize,
  buffer: usize,
  units: i32,
  channels: i32,
  source: usize,
  sources: i32,
  sourceBytes: usize,
  result: usize,
  results: i32,
  resultBytes: usize,
  bias: usize,
  list: usize,
  correlations: i32,
): void {
  const rowBytes = load<usize>(geometry, CELLS_WIDTH) * 4;
  const sliceBytes = load<usize>(geometry, CELLS_HEIGHT) * rowBytes;
  for (let unit = 0; unit < units; unit++) {
    for (let i = 0; i < sources; i++) {
      split(source, geometry, frame + <usize>i * frameBytes);
      source += sourceBytes;
    }
    const channel = unit % channels;
    for (let i = 0; i < results; i++) {
      const addend: f32 = bias == 0 ? 0 : load<f32>(bias + <usize>(channel * results + i) * 4);
      for (let q = 0; q < correlations; q++) {
        const entry = list + <usize>q * CORRELATION_BYTES;
        const taps = load<i32>(entry);
        const offsets = load<usize>(entry, 4);
        const weights = load<usize>(entry, 8) + <usize>((channel * results + i) * taps) * 4;
        const depth = load<i32>(entry, 12);
        const height = load<i32>(entry, 16);
        const width = load<i32>(entry, 20);
        const to = result + load<usize>(entry, 24);
        const planeStep = load<usize>(entry, 28);
        const rowStep = load<usize>(entry, 32);
        const way = load<i32>(entry, 40);
        if (way >= SQUARE) {
          if (ASC_FEATURE_SIMD) {
            for (let d = 0; d < depth; d++) {
              const from = frame + <usize>d * sliceBytes;
              square(way - SQUARE, from, rowBytes, height, width, weights, addend, to + <usize>d * planeStep, rowStep);
            }
          }
        } else if (way == BY_ROWS) {
          for (let d = 0; d < depth; d++) {
            const from = frame + <usize>d * sliceBytes;
            correlate(
              from,
              rowBytes,
              height,
              width,
              offsets,
              weights,
              taps,
              addend,
              to + <usize>d * planeStep,
              rowStep,
            );
          }
        } else {
          const count = <i32>((<usize>(depth - 1) * sliceBytes + <usize>(height - 1) * rowBytes) >> 2) + width;
          correlate(frame, 0, 1, count, offsets, weights, taps, addend, buffer, 0);
          for (let d = 0; d < depth; d++) {
            const from = buffer + <usize>d * sliceBytes;
            scatter(from, rowBytes, height, width, to + <usize>d * planeStep, rowStep, load<usize>(entry, 36));
          }
        }
      }
      result += resultBytes;
    }
  }
}

/**
 * Adds the gradients of the weights of `units` channels of all images: each has one plane of x and `results` of dy, of
 * depth × height × width. `dBias` is 0 where it is not wanted.
 */
export function correlateGradients(
  geometry: usize,
  frame: usize,
  units: i32,
  channels: i32,
  x: usize,
  xBytes: usize,
  dy: usize,
  results: i32,
  depth: i32,
  height: i32,
  width: i32,
  offsets: usize,
  taps: i32,
  dWeights: usize,
  dBias: usize,
): void {
  const rowBytes = load<usize>(geometry, CELLS_WIDTH) * 4;
  const sliceBytes = load<usize>(geometry, CELLS_HEIGHT) * rowBytes;
  const dyRowBytes = <usize>width * 4;
  for (let unit = 0; unit < units; unit++) {
    split(x, geometry, frame);
    x += xBytes;
    for (let i = 0; i < results; i++) {
      const k = <usize>((unit % channels) * results + i);
      if (dBias != 0) addSum(dy, depth * height * width, dBias + k * 4);
      for (let d = 0; d < depth; d++) {
        const from = frame + <usize>d * sliceBytes;
        correlateGradient(from, rowBytes, height, width, offsets, taps, dy, dyRowBytes, dWeights + k * <usize>taps * 4);
        dy += <usize>height * dyRowBytes;
      }
    }
  }
}
