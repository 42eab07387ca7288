// Builds: relaxed-simd, simd, scalar
// Memory: shared
//
// The steps of the convolution in the frequency domain: ../index.ts has the algorithm.

import {
  columnBytesOf,
  multiplyFrequencies,
  placeOfRow,
  readProducts,
  storeColumn,
  storeColumns,
  storeRow,
} from "./matrices";
import { columnOf, imageOf, Planes, readTaps, readTile, rowOf, Taps, writeTaps, writeTile } from "./planes";
import { Grid, spectrumFromTile, tileFromSpectrum } from "./spectrum";

/** A step: its number in the list of ../kernels.ts, and up to fifteen arguments. */
const STEP_BYTES: usize = 64;

/** Does `count` steps one after the other: what one thread does between two barriers. */
export function runSteps(at: usize, count: i32): void {
  for (; count > 0; count--, at += STEP_BYTES) {
    const grid = changetype<Grid>(load<usize>(at, 4));
    const tile = load<usize>(at, 8);
    // prettier-ignore
    switch (load<i32>(at)) {
      case 0: tilesAsRows(grid, tile, changetype<Planes>(<usize>arg(at, 3)), arg(at, 4), arg(at, 5), arg(at, 6),
        arg(at, 7), arg(at, 8), arg(at, 9), arg(at, 10), arg(at, 11)); break;
      case 1: imagesAsColumns(grid, tile, changetype<Planes>(<usize>arg(at, 3)), arg(at, 4), arg(at, 5), arg(at, 6),
        arg(at, 7), arg(at, 8), arg(at, 9), arg(at, 10)); break;
      case 2: imagesAsRows(grid, tile, changetype<Planes>(<usize>arg(at, 3)), arg(at, 4), arg(at, 5), arg(at, 6),
        arg(at, 7), arg(at, 8)); break;
      case 3: multiplyFrequencies(grid.frequencies, arg(at, 4), arg(at, 5), arg(at, 6), arg(at, 7), arg(at, 8),
        arg(at, 9), arg(at, 10), arg(at, 11), arg(at, 12), arg(at, 13), arg(at, 14)); break;
      case 4: outputs(grid, tile, changetype<Planes>(<usize>arg(at, 3)), arg(at, 4), arg(at, 5), arg(at, 6),
        arg(at, 7), arg(at, 8), arg(at, 9), arg(at, 10), arg(at, 11), arg(at, 12), arg(at, 13)); break;
      case 5: kernelGradients(grid, tile, changetype<Taps>(<usize>arg(at, 3)), arg(at, 4), arg(at, 5), arg(at, 6),
        arg(at, 7), arg(at, 8)); break;
    }
  }
}

function arg(step: usize, index: i32): i32 {
  return load<i32>(step + <usize>(index << 2));
}

/**
 * Spectra of tiles `firstTile` … + `count` in channels `first` (a multiple of four) to `end` − 1 of `channels`: a pair
 * of rows a tile, of columns a channel.
 */
function tilesAsRows(
  grid: Grid,
  tile: usize,
  planes: Planes,
  plane: usize,
  channels: i32,
  firstTile: i32,
  count: i32,
  to: usize,
  frequencyBytes: usize,
  first: i32,
  end: i32,
): void {
  const planeBytes = (<usize>(planes.height * planes.width)) << 2;
  for (let index = 0; index < count; index++) {
    const one = firstTile + index;
    const image = plane + <usize>(imageOf(planes, one) * planes.imageBytes);
    const place = to + placeOfRow(2 * index, 2 * count, 2 * channels);
    const columnBytes = columnBytesOf(2 * index, 2 * count);
    for (let channel = first; channel < end; channel += 4) {
      const lanes = min(4, channels - channel);
      const from = image + <usize>channel * planeBytes;
      readTile(planes, from, lanes, rowOf(planes, one), columnOf(planes, one), grid.height, grid.width, tile);
      spectrumFromTile(grid, tile);
      storeRow(grid, tile, lanes, place + <usize>(2 * channel) * columnBytes, columnBytes, frequencyBytes);
    }
  }
}

/**
 * Conjugates of the spectra of whole planes, in channels `first` to `end` − 1 of `channels`: a pair of steps an image,
 * a column a channel.
 */
function imagesAsColumns(
  grid: Grid,
  tile: usize,
  planes: Planes,
  plane: usize,
  channels: i32,
  images: i32,
  to: usize,
  frequencyBytes: usize,
  first: i32,
  end: i32,
): void {
  const planeBytes = (<usize>(planes.height * planes.width)) << 2;
  const roundedEnd = end == channels ? (channels + 7) & ~7 : end;
  for (let channel = first; channel < roundedEnd; channel += 4) {
    for (let image = 0; image < images; image++) {
      const from = plane + <usize>(image * planes.imageBytes) + <usize>channel * planeBytes;
      const lanes = max(0, min(4, channels - channel));
      readTile(planes, from, lanes, -planes.top, -planes.left, grid.height, grid.width, tile);
      spectrumFromTile(grid, tile);
      const place = to + ((<usize>(((channel >> 3) * images + image) * 2)) << 5) + ((<usize>(channel & 4)) << 2);
      storeColumns(grid, tile, -1, place, frequencyBytes);
    }
  }
}

/** Conjugates of the spectra of whole planes of `channels` channels: a pair of rows a channel, of columns an image. */
function imagesAsRows(
  grid: Grid,
  tile: usize,
  planes: Planes,
  plane: usize,
  channels: i32,
  images: i32,
  to: usize,
  frequencyBytes: usize,
): void {
  const planeBytes = (<usize>(planes.height * planes.width)) << 2;
  for (let channel = 0; channel < channels; channel += 4) {
    for (let image = 0; image < images; image++) {
      const from = plane + <usize>(image * planes.imageBytes) + <usize>channel * planeBytes;
      const lanes = min(4, channels - channel);
      readTile(planes, from, lanes, -planes.top, -planes.left, grid.height, grid.width, tile);
      spectrumFromTile(grid, tile);
      storeColumn(grid, tile, lanes, to, 2 * channel, 2 * channels, 2 * images, 2 * image, frequencyBytes);
    }
  }
}

/**
 * Spectra of kernels, times `scale`: a pair of steps for each of `depth` channels, a column for each of `rows` filters,
 * in panels of eight. The kernel of a row and a channel is at `weights` + row·`rowBytes` + channel·`channelBytes`.
 */
export function transformKernels(
  gridAt: usize,
  tile: usize,
  tapsAt: usize,
  weights: usize,
  rows: i32,
  depth: i32,
  rowBytes: i32,
  channelBytes: i32,
  scale: f32,
  to: usize,
  frequencyBytes: usize,
): void {
  const grid = changetype<Grid>(gridAt);
  const size = grid.height * grid.width * 4;
  for (let row = 0; row < ((rows + 7) >> 3) << 3; row += 4) {
    for (let channel = 0; channel < depth; channel++) {
      const kernel = weights + <usize>(row * rowBytes + channel * channelBytes);
      const lanes = max(0, min(4, rows - row));
      readTaps(changetype<Taps>(tapsAt), kernel, rowBytes, lanes, grid.height, grid.width, tile);
      for (let i = 0; i < size; i++) store<f32>(tile + ((<usize>i) << 2), load<f32>(tile + ((<usize>i) << 2)) * scale);
      spectrumFromTile(grid, tile);
      const place = to + ((<usize>(((row >> 3) * depth + channel) * 2)) << 5) + ((<usize>(row & 4)) << 2);
      storeColumns(grid, tile, 1, place, frequencyBytes);
    }
  }
}

/**
 * Outputs of tiles `firstTile` … + `count`, `height` × `width` each, in channels `first` (a multiple of eight) to `end`
 * − 1. `bias` has one a channel.
 */
function outputs(
  grid: Grid,
  tile: usize,
  planes: Planes,
  plane: usize,
  firstTile: i32,
  count: i32,
  from: usize,
  frequencyBytes: usize,
  bias: usize,
  height: i32,
  width: i32,
  first: i32,
  end: i32,
): void {
  const planeBytes = (<usize>(planes.height * planes.width)) << 2;
  for (let channel = first; channel < end; channel += 4) {
    const panel = from + <usize>((channel >> 3) * 2 * count) * 32 + ((<usize>(channel & 4)) << 2);
    for (let index = 0; index < count; index++) {
      const one = firstTile + index;
      const row = rowOf(planes, one);
      readProducts(grid, tile, panel + ((<usize>index) << 6), frequencyBytes);
      tileFromSpectrum(grid, tile, min(height, planes.height - row));
      const to = plane + <usize>(imageOf(planes, one) * planes.imageBytes) + <usize>channel * planeBytes;
      const lanes = min(4, end - channel);
      const biases = bias + ((<usize>channel) << 2);
      writeTile(planes, to, lanes, row, columnOf(planes, one), height, width, tile, grid.width, biases);
    }
  }
}

/**
 * The gradients of `rows` filters, from products of a pair of rows a filter and a column for each of `channels`
 * channels.
 */
function kernelGradients(
  grid: Grid,
  tile: usize,
  taps: Taps,
  rows: i32,
  channels: i32,
  from: usize,
  frequencyBytes: usize,
  to: usize,
): void {
  const kernelBytes = (<usize>(taps.height * taps.width)) << 2;
  const scale: f32 = <f32>1 / <f32>(grid.height * grid.width);
  const height = (taps.height - 1) * taps.dilationHeight + 1;
  for (let channel = 0; channel < channels; channel += 4) {
    for (let row = 0; row < rows; row++) {
      const at = from + <usize>((channel >> 3) * 2 * rows + 2 * row) * 32 + ((<usize>(channel & 4)) << 2);
      readProducts(grid, tile, at, frequencyBytes);
      tileFromSpectrum(grid, tile, height);
      for (let i = 0; i < height * grid.width * 4; i++)
        store<f32>(tile + ((<usize>i) << 2), load<f32>(tile + ((<usize>i) << 2)) * scale);
      const kernel = to + <usize>(row * channels + channel) * kernelBytes;
      writeTaps(taps, tile, grid.width, kernel, kernelBytes, min(4, channels - channel));
    }
  }
}
