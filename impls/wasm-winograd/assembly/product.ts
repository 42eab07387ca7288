import { multiplyAdd } from "../../support/assembly/lanes";

/**
 * Rows `first` (a multiple of six) to `end` − 1 of `count` matrix products C = A·B (or C += A·B), one a frequency, in
 * panels that are read from front to back.
 *
 * - A, rows × depth: six rows at a time. In panels of six (`panelRows` = 6), or of twelve, of which the kernel reads
 *   one half and then the other.
 * - B, depth × columns: panels of eight columns.
 * - C, rows × columns: panels of eight columns, in each row by row, with an even number of rows.
 *
 * A sum along depth begins at zero and is added to C at its end, so that a sum over many blocks has as many roundings
 * as a block has steps plus one for each block. The micro-kernel keeps 6 × 8 sums in twelve registers; a step of depth
 * takes two vectors of B and six splats of A for twelve multiply-adds. A's panel (24·depth bytes) stays in the
 * first-level cache while B's panels go by, which together should fit the second-level cache.
 */
export function multiplyPanels(
  count: i32,
  rows: i32,
  columns: i32,
  depth: i32,
  panelRows: i32,
  a: usize,
  aBytes: usize,
  b: usize,
  bBytes: usize,
  c: usize,
  cBytes: usize,
  accumulate: bool,
  columnsFirst: bool,
  first: i32,
  end: i32,
): void {
  const evenRows = (rows + 1) & ~1;
  const endRow = min(end, evenRows);
  for (let f = 0; f < count; f++) {
    if (columnsFirst) {
      for (let column = 0; column < columns; column += 8) {
        for (let row = first; row < endRow; row += 6) {
          tile(a, panelRows, row, evenRows, b, column, depth, c, accumulate);
        }
      }
    } else {
      for (let row = first; row < endRow; row += 6) {
        for (let column = 0; column < columns; column += 8) {
          tile(a, panelRows, row, evenRows, b, column, depth, c, accumulate);
        }
      }
    }
    a += aBytes;
    b += bBytes;
    c += cBytes;
  }
}

/** The tile of C at `row` and `column`. */
function tile(
  a: usize,
  panelRows: i32,
  row: i32,
  rows: i32,
  b: usize,
  column: i32,
  depth: i32,
  c: usize,
  accumulate: bool,
): void {
  const inPanel = row % panelRows;
  const aPanel = a + <usize>((row - inPanel) * depth + inPanel) * 4;
  const step = <usize>panelRows * 4;
  const bPanel = b + <usize>(column * depth) * 4;
  const to = c + <usize>(column * rows + row * 8) * 4;
  const height = min(6, rows - row);
  if (ASC_FEATURE_SIMD) {
    if (height == 6) tile6(aPanel, step, bPanel, depth, to, accumulate);
    else if (height == 4) tile4(aPanel, step, bPanel, depth, to, accumulate);
    else tile2(aPanel, step, bPanel, depth, to, accumulate);
  } else {
    for (let at = 0; at < height; at += 2) {
      tile2x4(aPanel + at * 4, step, bPanel, depth, to + at * 32, accumulate);
      tile2x4(aPanel + at * 4, step, bPanel + 16, depth, to + at * 32 + 16, accumulate);
    }
  }
}

function tile6(a: usize, step: usize, b: usize, depth: i32, c: usize, accumulate: bool): void {
  Tile.of(6, a, step, b, depth, c, accumulate);
}

function tile4(a: usize, step: usize, b: usize, depth: i32, c: usize, accumulate: bool): void {
  Tile.of(4, a, step, b, depth, c, accumulate);
}

function tile2(a: usize, step: usize, b: usize, depth: i32, c: usize, accumulate: bool): void {
  Tile.of(2, a, step, b, depth, c, accumulate);
}

class Tile {
  /** A tile of six, four or two rows: `rows` is a constant where this is inlined. */
  // prettier-ignore
  @inline static of(rows: i32, a: usize, step: usize, b: usize, depth: i32, c: usize, accumulate: bool): void {
    const zero = f32x4.splat(0);
    let c00 = zero, c01 = zero;
    let c10 = zero, c11 = zero;
    let c20 = zero, c21 = zero;
    let c30 = zero, c31 = zero;
    let c40 = zero, c41 = zero;
    let c50 = zero, c51 = zero;
    let b0: v128, b1: v128, s: v128;
    for (let single = ((depth - 1) & 3) + 1; single > 0; single--) {
      b0 = v128.load(b); b1 = v128.load(b, 16);
      s = v128.load32_splat(a); c00 = multiplyAdd(c00, s, b0); c01 = multiplyAdd(c01, s, b1);
      s = v128.load32_splat(a, 4); c10 = multiplyAdd(c10, s, b0); c11 = multiplyAdd(c11, s, b1);
      if (rows > 2) { s = v128.load32_splat(a, 8); c20 = multiplyAdd(c20, s, b0); c21 = multiplyAdd(c21, s, b1); }
      if (rows > 3) { s = v128.load32_splat(a, 12); c30 = multiplyAdd(c30, s, b0); c31 = multiplyAdd(c31, s, b1); }
      if (rows > 4) { s = v128.load32_splat(a, 16); c40 = multiplyAdd(c40, s, b0); c41 = multiplyAdd(c41, s, b1); }
      if (rows > 5) { s = v128.load32_splat(a, 20); c50 = multiplyAdd(c50, s, b0); c51 = multiplyAdd(c51, s, b1); }
      a += step;
      b += 32;
    }
    for (let group = (depth - 1) / 4; group > 0; group--) {
      b0 = v128.load(b); b1 = v128.load(b, 16);
      s = v128.load32_splat(a); c00 = multiplyAdd(c00, s, b0); c01 = multiplyAdd(c01, s, b1);
      s = v128.load32_splat(a, 4); c10 = multiplyAdd(c10, s, b0); c11 = multiplyAdd(c11, s, b1);
      if (rows > 2) { s = v128.load32_splat(a, 8); c20 = multiplyAdd(c20, s, b0); c21 = multiplyAdd(c21, s, b1); }
      if (rows > 3) { s = v128.load32_splat(a, 12); c30 = multiplyAdd(c30, s, b0); c31 = multiplyAdd(c31, s, b1); }
      if (rows > 4) { s = v128.load32_splat(a, 16); c40 = multiplyAdd(c40, s, b0); c41 = multiplyAdd(c41, s, b1); }
      if (rows > 5) { s = v128.load32_splat(a, 20); c50 = multiplyAdd(c50, s, b0); c51 = multiplyAdd(c51, s, b1); }
      a += step;
      b0 = v128.load(b, 32); b1 = v128.load(b, 48);
      s = v128.load32_splat(a); c00 = multiplyAdd(c00, s, b0); c01 = multiplyAdd(c01, s, b1);
      s = v128.load32_splat(a, 4); c10 = multiplyAdd(c10, s, b0); c11 = multiplyAdd(c11, s, b1);
      if (rows > 2) { s = v128.load32_splat(a, 8); c20 = multiplyAdd(c20, s, b0); c21 = multiplyAdd(c21, s, b1); }
      if (rows > 3) { s = v128.load32_splat(a, 12); c30 = multiplyAdd(c30, s, b0); c31 = multiplyAdd(c31, s, b1); }
      if (rows > 4) { s = v128.load32_splat(a, 16); c40 = multiplyAdd(c40, s, b0); c41 = multiplyAdd(c41, s, b1); }
      if (rows > 5) { s = v128.load32_splat(a, 20); c50 = multiplyAdd(c50, s, b0); c51 = multiplyAdd(c51, s, b1); }
      a += step;
      b0 = v128.load(b, 64); b1 = v128.load(b, 80);
      s = v128.load32_splat(a); c00 = multiplyAdd(c00, s, b0); c01 = multiplyAdd(c01, s, b1);
      s = v128.load32_splat(a, 4); c10 = multiplyAdd(c10, s, b0); c11 = multiplyAdd(c11, s, b1);
      if (rows > 2) { s = v128.load32_splat(a, 8); c20 = multiplyAdd(c20, s, b0); c21 = multiplyAdd(c21, s, b1); }
      if (rows > 3) { s = v128.load32_splat(a, 12); c30 = multiplyAdd(c30, s, b0); c31 = multiplyAdd(c31, s, b1); }
      if (rows > 4) { s = v128.load32_splat(a, 16); c40 = multiplyAdd(c40, s, b0); c41 = multiplyAdd(c41, s, b1); }
      if (rows > 5) { s = v128.load32_splat(a, 20); c50 = multiplyAdd(c50, s, b0); c51 = multiplyAdd(c51, s, b1); }
      a += step;
      b0 = v128.load(b, 96); b1 = v128.load(b, 112);
      s = v128.load32_splat(a); c00 = multiplyAdd(c00, s, b0); c01 = multiplyAdd(c01, s, b1);
      s = v128.load32_splat(a, 4); c10 = multiplyAdd(c10, s, b0); c11 = multiplyAdd(c11, s, b1);
      if (rows > 2) { s = v128.load32_splat(a, 8); c20 = multiplyAdd(c20, s, b0); c21 = multiplyAdd(c21, s, b1); }
      if (rows > 3) { s = v128.load32_splat(a, 12); c30 = multiplyAdd(c30, s, b0); c31 = multiplyAdd(c31, s, b1); }
      if (rows > 4) { s = v128.load32_splat(a, 16); c40 = multiplyAdd(c40, s, b0); c41 = multiplyAdd(c41, s, b1); }
      if (rows > 5) { s = v128.load32_splat(a, 20); c50 = multiplyAdd(c50, s, b0); c51 = multiplyAdd(c51, s, b1); }
      a += step;
      b += 128;
    }
    if (accumulate) {
      c00 = f32x4.add(c00, v128.load(c)); c01 = f32x4.add(c01, v128.load(c, 16));
      c10 = f32x4.add(c10, v128.load(c, 32)); c11 = f32x4.add(c11, v128.load(c, 48));
      if (rows > 2) { c20 = f32x4.add(c20, v128.load(c, 64)); c21 = f32x4.add(c21, v128.load(c, 80)); }
      if (rows > 3) { c30 = f32x4.add(c30, v128.load(c, 96)); c31 = f32x4.add(c31, v128.load(c, 112)); }
      if (rows > 4) { c40 = f32x4.add(c40, v128.load(c, 128)); c41 = f32x4.add(c41, v128.load(c, 144)); }
      if (rows > 5) { c50 = f32x4.add(c50, v128.load(c, 160)); c51 = f32x4.add(c51, v128.load(c, 176)); }
    }
    v128.store(c, c00); v128.store(c, c01, 16);
    v128.store(c, c10, 32); v128.store(c, c11, 48);
    if (rows > 2) { v128.store(c, c20, 64); v128.store(c, c21, 80); }
    if (rows > 3) { v128.store(c, c30, 96); v128.store(c, c31, 112); }
    if (rows > 4) { v128.store(c, c40, 128); v128.store(c, c41, 144); }
    if (rows > 5) { v128.store(c, c50, 160); v128.store(c, c51, 176); }
  }
}

/** Two rows and four columns without SIMD: half a panel of B. */
function tile2x4(a: usize, step: usize, b: usize, depth: i32, c: usize, accumulate: bool): void {
  let c00: f32 = 0;
  let c01: f32 = 0;
  let c02: f32 = 0;
  let c03: f32 = 0;
  let c10: f32 = 0;
  let c11: f32 = 0;
  let c12: f32 = 0;
  let c13: f32 = 0;
  for (const end = b + <usize>depth * 32; b < end; b += 32) {
    const a0 = load<f32>(a);
    const a1 = load<f32>(a, 4);
    const b0 = load<f32>(b);
    const b1 = load<f32>(b, 4);
    const b2 = load<f32>(b, 8);
    const b3 = load<f32>(b, 12);
    c00 += a0 * b0;
    c01 += a0 * b1;
    c02 += a0 * b2;
    c03 += a0 * b3;
    c10 += a1 * b0;
    c11 += a1 * b1;
    c12 += a1 * b2;
    c13 += a1 * b3;
    a += step;
  }
  if (accumulate) {
    c00 += load<f32>(c);
    c01 += load<f32>(c, 4);
    c02 += load<f32>(c, 8);
    c03 += load<f32>(c, 12);
    c10 += load<f32>(c, 32);
    c11 += load<f32>(c, 36);
    c12 += load<f32>(c, 40);
    c13 += load<f32>(c, 44);
  }
  store<f32>(c, c00);
  store<f32>(c, c01, 4);
  store<f32>(c, c02, 8);
  store<f32>(c, c03, 12);
  store<f32>(c, c10, 32);
  store<f32>(c, c11, 36);
  store<f32>(c, c12, 40);
  store<f32>(c, c13, 44);
}
