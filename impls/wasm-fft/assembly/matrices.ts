import { multiplyPanel, panelRows } from "../../support/assembly/micro-kernel";
import { LANES } from "../../support/assembly/lanes";
import { Grid, putFrequency, spectrumOf } from "./spectrum";

/**
 * A complex product A·B̄ as a real one of twice the rows and twice the depth: with a = p + iq and b = s + it its rows
 * are
 *
 *   real       p q      times   s      A's pair of rows, of which each column is two numbers side by side,
 *   imaginary  q −p             t      and B's pair of steps of the depth.
 */

/** Bytes of a panel's step: eight columns. */
const STEP: usize = 32;

/**
 * Stores four spectra as pairs of steps `step` of B's panels of eight columns, of which they are the first or the
 * second half; `conjugate` is −1 to store their conjugates, else 1.
 */
export function storeColumns(grid: Grid, tile: usize, conjugate: f32, to: usize, frequencyBytes: usize): void {
  const spectrum = spectrumOf(grid, tile);
  for (let f = 0; f < grid.frequencies; f++, to += frequencyBytes) {
    const from = spectrum + load<i32>(grid.table + ((<usize>f) << 3));
    if (ASC_FEATURE_SIMD) {
      v128.store(to, v128.load(from));
      v128.store(to, f32x4.mul(v128.load(from, LANES), f32x4.splat(conjugate)), STEP);
    } else {
      for (let lane: usize = 0; lane < 16; lane += 4) {
        store<f32>(to + lane, load<f32>(from + lane));
        store<f32>(to + lane, load<f32>(from + lane, LANES) * conjugate, STEP);
      }
    }
  }
}

/**
 * Where the pair of rows `row` and `row` + 1 begins in panels of `rows` × `depth`. Rows come in pairs, so that panels
 * have six, four or two.
 */
export function placeOfRow(row: i32, rows: i32, depth: i32): usize {
  let first = 0;
  let height = panelRows(rows);
  while (row >= first + height) {
    first += height;
    height = panelRows(rows - first);
  }
  return (<usize>(first * depth + (row - first))) << 2;
}

/** Bytes from a column to the next in the panel of a row. */
export function columnBytesOf(row: i32, rows: i32): usize {
  let first = 0;
  let height = panelRows(rows);
  while (row >= first + height) {
    first += height;
    height = panelRows(rows - first);
  }
  return (<usize>height) << 2;
}

/**
 * Stores four spectra as pairs of columns of A in one pair of rows, the channels of a tile: `to` is the place of the
 * first, `columnBytes` from column to column.
 */
export function storeRow(
  grid: Grid,
  tile: usize,
  lanes: i32,
  to: usize,
  columnBytes: usize,
  frequencyBytes: usize,
): void {
  const spectrum = spectrumOf(grid, tile);
  for (let f = 0; f < grid.frequencies; f++, to += frequencyBytes) {
    const from = spectrum + load<i32>(grid.table + ((<usize>f) << 3));
    if (ASC_FEATURE_SIMD && lanes == 4) {
      const re = v128.load(from);
      const im = v128.load(from, LANES);
      const minus = f32x4.neg(re);
      const first = v128.shuffle<f32>(re, im, 0, 4, 1, 5);
      const second = v128.shuffle<f32>(im, minus, 0, 4, 1, 5);
      const third = v128.shuffle<f32>(re, im, 2, 6, 3, 7);
      const fourth = v128.shuffle<f32>(im, minus, 2, 6, 3, 7);
      v128.store64_lane(to, first, 0);
      v128.store64_lane(to + columnBytes, second, 0);
      v128.store64_lane(to + 2 * columnBytes, first, 1);
      v128.store64_lane(to + 3 * columnBytes, second, 1);
      const further = to + 4 * columnBytes;
      v128.store64_lane(further, third, 0);
      v128.store64_lane(further + columnBytes, fourth, 0);
      v128.store64_lane(further + 2 * columnBytes, third, 1);
      v128.store64_lane(further + 3 * columnBytes, fourth, 1);
    } else {
      for (let lane = 0; lane < lanes; lane++)
        storeOne(from + ((<usize>lane) << 2), 1, to + <usize>(2 * lane) * columnBytes, columnBytes);
    }
  }
}

/**
 * Stores the conjugates of four spectra as one pair of columns of A in four pairs of rows, the channels of an image.
 */
export function storeColumn(
  grid: Grid,
  tile: usize,
  lanes: i32,
  to: usize,
  firstRow: i32,
  rows: i32,
  depth: i32,
  column: i32,
  frequencyBytes: usize,
): void {
  const spectrum = spectrumOf(grid, tile);
  for (let lane = 0; lane < lanes; lane++) {
    const row = firstRow + 2 * lane;
    const columnBytes = columnBytesOf(row, rows);
    let at = to + placeOfRow(row, rows, depth) + <usize>column * columnBytes;
    for (let f = 0; f < grid.frequencies; f++, at += frequencyBytes)
      storeOne(spectrum + load<i32>(grid.table + ((<usize>f) << 3)) + ((<usize>lane) << 2), -1, at, columnBytes);
  }
}

function storeOne(from: usize, conjugate: f32, to: usize, columnBytes: usize): void {
  const re = load<f32>(from);
  const im = load<f32>(from, LANES) * conjugate;
  store<f32>(to, re);
  store<f32>(to, im, 4);
  store<f32>(to + columnBytes, im);
  store<f32>(to + columnBytes, -re, 4);
}

/**
 * Panels `first` to `end` − 1 of the products of all frequencies, rows × 8 each: A's `rows` × `depth` times B's panels.
 * `zeros` has `rows` of them.
 */
export function multiplyFrequencies(
  frequencies: i32,
  rows: i32,
  depth: i32,
  a: usize,
  aBytes: usize,
  b: usize,
  bBytes: usize,
  c: usize,
  cBytes: usize,
  zeros: usize,
  first: i32,
  end: i32,
): void {
  for (let f = 0; f < frequencies; f++, a += aBytes, b += bBytes, c += cBytes) {
    for (let panel = first; panel < end; panel++) {
      multiplyPanel(
        rows,
        depth,
        a,
        b + <usize>(panel * depth) * STEP,
        8,
        c + <usize>(panel * rows) * STEP,
        STEP,
        zeros,
      );
    }
  }
}

/** Reads four products, half a panel's row pair at `from`, into the half spectrum. */
export function readProducts(grid: Grid, tile: usize, from: usize, frequencyBytes: usize): void {
  for (let f = 0; f < grid.frequencies; f++, from += frequencyBytes) putFrequency(grid, tile, f, from, from + STEP);
}
