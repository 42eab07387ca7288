/**
 * The product of a packed matrix A and one packed panel of B, C (rows × 8 or 4) = start + A·B: the inner part of a
 * matrix product.
 *
 * - B's panel is `depth` rows of `width` neighbours (8, or 4 at the edge), one after the other.
 * - A is packed in panels of up to six rows (`panelRows`), each as `depth` columns of as many elements as the panel has
 *   rows, one panel after the other.
 * - C's rows are `stride` bytes apart. It starts from `initial`, one element a row (a bias), or, where that is 0, from
 *   what C holds.
 *
 * A tile of 6 × 8 is twelve vectors of sums. Two arithmetic units with a latency of four cycles need at least eight
 * independent sums. Of x86's sixteen registers V8 keeps one for itself; twelve sums, two vectors of B and one element
 * of A in all lanes fill the rest. A step along the depth is 12 fused multiply-adds and 8 loads. Three properties of
 * V8's code, each of which costs up to a third of the speed if ignored:
 * - A load into all lanes takes no constant offset; V8 computes `memory + offset` for each. It does so once if a step
 *   before the loop, on every path, has computed the same ones: hence the first step outside the loop, and the same
 *   offsets 0 to 20 in every step.
 * - A loop checks the stack limit in every iteration: hence four steps an iteration.
 * - An optimiser that moves sums next to their next use runs out of registers: see OPTIONS in scripts/wasm/modules.ts.
 *
 * Source: Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication", ACM TOMS 34(3), 2008,
 * https://doi.org/10.1145/1356052.1356053.
 */

import { multiplyAdd } from "./lanes";
import { scalarTile } from "./scalar-tile";

/**
 * The rows of the next panel of A when `left` rows remain: six, or fewer to avoid panels of one or two rows at the end.
 */
export function panelRows(left: i32): i32 {
  if (left == 9) return 5;
  if (left == 8 || left == 7) return 4;
  return min(left, 6);
}

/** C (rows × width, width 8 or 4) = start + A·B, as above. `depth` is at least 1. */
export function multiplyPanel(
  rows: i32,
  depth: i32,
  a: usize,
  b: usize,
  width: i32,
  c: usize,
  stride: usize,
  initial: usize,
): void {
  for (let left = rows; left > 0;) {
    const height = panelRows(left);
    if (ASC_FEATURE_SIMD) {
      if (width == 8) {
        if (height == 6) tileOfSix(depth, a, b, c, stride, initial);
        else if (height == 5) Tile.wide(5, depth, a, b, c, stride, initial);
        else if (height == 4) Tile.wide(4, depth, a, b, c, stride, initial);
        else if (height == 3) Tile.wide(3, depth, a, b, c, stride, initial);
        else if (height == 2) Tile.wide(2, depth, a, b, c, stride, initial);
        else Tile.wide(1, depth, a, b, c, stride, initial);
      } else {
        if (height == 6) Tile.narrow(6, depth, a, b, c, stride, initial);
        else if (height == 5) Tile.narrow(5, depth, a, b, c, stride, initial);
        else if (height == 4) Tile.narrow(4, depth, a, b, c, stride, initial);
        else if (height == 3) Tile.narrow(3, depth, a, b, c, stride, initial);
        else if (height == 2) Tile.narrow(2, depth, a, b, c, stride, initial);
        else Tile.narrow(1, depth, a, b, c, stride, initial);
      }
    } else {
      scalarTile(height, depth, a, b, width, c, stride, initial);
    }
    left -= height;
    a += (height * depth) << 2;
    c += <usize>height * stride;
    if (initial) initial += height << 2;
  }
}

// prettier-ignore
function tileOfSix(depth: i32, a: usize, b: usize, c: usize, stride: usize, initial: usize): void {
  const r1 = c + stride;
  const r2 = c + 2 * stride;
  const r3 = c + 3 * stride;
  const r4 = c + 4 * stride;
  const r5 = c + 5 * stride;
  let c00: v128, c01: v128, c10: v128, c11: v128, c20: v128, c21: v128;
  let c30: v128, c31: v128, c40: v128, c41: v128, c50: v128, c51: v128;
  if (initial) {
    c00 = v128.load32_splat(initial); c01 = c00;
    c10 = v128.load32_splat(initial, 4); c11 = c10;
    c20 = v128.load32_splat(initial, 8); c21 = c20;
    c30 = v128.load32_splat(initial, 12); c31 = c30;
    c40 = v128.load32_splat(initial, 16); c41 = c40;
    c50 = v128.load32_splat(initial, 20); c51 = c50;
  } else {
    c00 = v128.load(c); c01 = v128.load(c, 16);
    c10 = v128.load(r1); c11 = v128.load(r1, 16);
    c20 = v128.load(r2); c21 = v128.load(r2, 16);
    c30 = v128.load(r3); c31 = v128.load(r3, 16);
    c40 = v128.load(r4); c41 = v128.load(r4, 16);
    c50 = v128.load(r5); c51 = v128.load(r5, 16);
  }
  let b0: v128, b1: v128, s: v128;
  b0 = v128.load(b); b1 = v128.load(b, 16);
  s = v128.load32_splat(a); c00 = multiplyAdd(c00, s, b0); c01 = multiplyAdd(c01, s, b1);
  s = v128.load32_splat(a, 4); c10 = multiplyAdd(c10, s, b0); c11 = multiplyAdd(c11, s, b1);
  s = v128.load32_splat(a, 8); c20 = multiplyAdd(c20, s, b0); c21 = multiplyAdd(c21, s, b1);
  s = v128.load32_splat(a, 12); c30 = multiplyAdd(c30, s, b0); c31 = multiplyAdd(c31, s, b1);
  s = v128.load32_splat(a, 16); c40 = multiplyAdd(c40, s, b0); c41 = multiplyAdd(c41, s, b1);
  s = v128.load32_splat(a, 20); c50 = multiplyAdd(c50, s, b0); c51 = multiplyAdd(c51, s, b1);
  a += 24;
  b += 32;
  for (let single = (depth - 1) & 3; single > 0; single--) {
    b0 = v128.load(b); b1 = v128.load(b, 16);
    s = v128.load32_splat(a); c00 = multiplyAdd(c00, s, b0); c01 = multiplyAdd(c01, s, b1);
    s = v128.load32_splat(a, 4); c10 = multiplyAdd(c10, s, b0); c11 = multiplyAdd(c11, s, b1);
    s = v128.load32_splat(a, 8); c20 = multiplyAdd(c20, s, b0); c21 = multiplyAdd(c21, s, b1);
    s = v128.load32_splat(a, 12); c30 = multiplyAdd(c30, s, b0); c31 = multiplyAdd(c31, s, b1);
    s = v128.load32_splat(a, 16); c40 = multiplyAdd(c40, s, b0); c41 = multiplyAdd(c41, s, b1);
    s = v128.load32_splat(a, 20); c50 = multiplyAdd(c50, s, b0); c51 = multiplyAdd(c51, s, b1);
    a += 24;
    b += 32;
  }
  for (let four = (depth - 1) >> 2; four > 0; four--) {
    b0 = v128.load(b); b1 = v128.load(b, 16);
    s = v128.load32_splat(a); c00 = multiplyAdd(c00, s, b0); c01 = multiplyAdd(c01, s, b1);
    s = v128.load32_splat(a, 4); c10 = multiplyAdd(c10, s, b0); c11 = multiplyAdd(c11, s, b1);
    s = v128.load32_splat(a, 8); c20 = multiplyAdd(c20, s, b0); c21 = multiplyAdd(c21, s, b1);
    s = v128.load32_splat(a, 12); c30 = multiplyAdd(c30, s, b0); c31 = multiplyAdd(c31, s, b1);
    s = v128.load32_splat(a, 16); c40 = multiplyAdd(c40, s, b0); c41 = multiplyAdd(c41, s, b1);
    s = v128.load32_splat(a, 20); c50 = multiplyAdd(c50, s, b0); c51 = multiplyAdd(c51, s, b1);
    a += 24;
    b0 = v128.load(b, 32); b1 = v128.load(b, 48);
    s = v128.load32_splat(a); c00 = multiplyAdd(c00, s, b0); c01 = multiplyAdd(c01, s, b1);
    s = v128.load32_splat(a, 4); c10 = multiplyAdd(c10, s, b0); c11 = multiplyAdd(c11, s, b1);
    s = v128.load32_splat(a, 8); c20 = multiplyAdd(c20, s, b0); c21 = multiplyAdd(c21, s, b1);
    s = v128.load32_splat(a, 12); c30 = multiplyAdd(c30, s, b0); c31 = multiplyAdd(c31, s, b1);
    s = v128.load32_splat(a, 16); c40 = multiplyAdd(c40, s, b0); c41 = multiplyAdd(c41, s, b1);
    s = v128.load32_splat(a, 20); c50 = multiplyAdd(c50, s, b0); c51 = multiplyAdd(c51, s, b1);
    a += 24;
    b0 = v128.load(b, 64); b1 = v128.load(b, 80);
    s = v128.load32_splat(a); c00 = multiplyAdd(c00, s, b0); c01 = multiplyAdd(c01, s, b1);
    s = v128.load32_splat(a, 4); c10 = multiplyAdd(c10, s, b0); c11 = multiplyAdd(c11, s, b1);
    s = v128.load32_splat(a, 8); c20 = multiplyAdd(c20, s, b0); c21 = multiplyAdd(c21, s, b1);
    s = v128.load32_splat(a, 12); c30 = multiplyAdd(c30, s, b0); c31 = multiplyAdd(c31, s, b1);
    s = v128.load32_splat(a, 16); c40 = multiplyAdd(c40, s, b0); c41 = multiplyAdd(c41, s, b1);
    s = v128.load32_splat(a, 20); c50 = multiplyAdd(c50, s, b0); c51 = multiplyAdd(c51, s, b1);
    a += 24;
    b0 = v128.load(b, 96); b1 = v128.load(b, 112);
    s = v128.load32_splat(a); c00 = multiplyAdd(c00, s, b0); c01 = multiplyAdd(c01, s, b1);
    s = v128.load32_splat(a, 4); c10 = multiplyAdd(c10, s, b0); c11 = multiplyAdd(c11, s, b1);
    s = v128.load32_splat(a, 8); c20 = multiplyAdd(c20, s, b0); c21 = multiplyAdd(c21, s, b1);
    s = v128.load32_splat(a, 12); c30 = multiplyAdd(c30, s, b0); c31 = multiplyAdd(c31, s, b1);
    s = v128.load32_splat(a, 16); c40 = multiplyAdd(c40, s, b0); c41 = multiplyAdd(c41, s, b1);
    s = v128.load32_splat(a, 20); c50 = multiplyAdd(c50, s, b0); c51 = multiplyAdd(c51, s, b1);
    a += 24;
    b += 128;
  }
  v128.store(c, c00); v128.store(c, c01, 16);
  v128.store(r1, c10); v128.store(r1, c11, 16);
  v128.store(r2, c20); v128.store(r2, c21, 16);
  v128.store(r3, c30); v128.store(r3, c31, 16);
  v128.store(r4, c40); v128.store(r4, c41, 16);
  v128.store(r5, c50); v128.store(r5, c51, 16);
}

class Tile {
  /** A tile of fewer rows. `rows` is a constant where this is inlined, so that code for further rows is removed. */
  // prettier-ignore
  @inline static wide(rows: i32, depth: i32, a: usize, b: usize, c: usize, stride: usize, initial: usize): void {
    const zero = f32x4.splat(0);
    let c00 = initial ? v128.load32_splat(initial) : v128.load(c), c01 = initial ? c00 : v128.load(c, 16);
    let c10 = zero, c11 = zero;
    if (rows > 1) {
      c10 = initial ? v128.load32_splat(initial, 4) : v128.load(c + 1 * stride);
      c11 = initial ? c10 : v128.load(c + 1 * stride, 16);
    }
    let c20 = zero, c21 = zero;
    if (rows > 2) {
      c20 = initial ? v128.load32_splat(initial, 8) : v128.load(c + 2 * stride);
      c21 = initial ? c20 : v128.load(c + 2 * stride, 16);
    }
    let c30 = zero, c31 = zero;
    if (rows > 3) {
      c30 = initial ? v128.load32_splat(initial, 12) : v128.load(c + 3 * stride);
      c31 = initial ? c30 : v128.load(c + 3 * stride, 16);
    }
    let c40 = zero, c41 = zero;
    if (rows > 4) {
      c40 = initial ? v128.load32_splat(initial, 16) : v128.load(c + 4 * stride);
      c41 = initial ? c40 : v128.load(c + 4 * stride, 16);
    }
    let b0: v128, b1: v128, s: v128;
    for (; depth > 0; depth--) {
      b0 = v128.load(b); b1 = v128.load(b, 16);
      s = v128.load32_splat(a); c00 = multiplyAdd(c00, s, b0); c01 = multiplyAdd(c01, s, b1);
      if (rows > 1) { s = v128.load32_splat(a, 4); c10 = multiplyAdd(c10, s, b0); c11 = multiplyAdd(c11, s, b1); }
      if (rows > 2) { s = v128.load32_splat(a, 8); c20 = multiplyAdd(c20, s, b0); c21 = multiplyAdd(c21, s, b1); }
      if (rows > 3) { s = v128.load32_splat(a, 12); c30 = multiplyAdd(c30, s, b0); c31 = multiplyAdd(c31, s, b1); }
      if (rows > 4) { s = v128.load32_splat(a, 16); c40 = multiplyAdd(c40, s, b0); c41 = multiplyAdd(c41, s, b1); }
      a += rows << 2; b += 32;
    }
    v128.store(c, c00); v128.store(c, c01, 16);
    if (rows > 1) { v128.store(c + 1 * stride, c10); v128.store(c + 1 * stride, c11, 16); }
    if (rows > 2) { v128.store(c + 2 * stride, c20); v128.store(c + 2 * stride, c21, 16); }
    if (rows > 3) { v128.store(c + 3 * stride, c30); v128.store(c + 3 * stride, c31, 16); }
    if (rows > 4) { v128.store(c + 4 * stride, c40); v128.store(c + 4 * stride, c41, 16); }
  }

  /**
   * A tile of four columns. Two steps at a time, each with its own sums, as six sums alone would not keep two units
   * busy.
   */
  // prettier-ignore
  @inline static narrow(rows: i32, depth: i32, a: usize, b: usize, c: usize, stride: usize, initial: usize): void {
    const zero = f32x4.splat(0);
    let c0 = initial ? v128.load32_splat(initial) : v128.load(c), d0 = zero;
    let c1 = zero, d1 = zero;
    if (rows > 1) c1 = initial ? v128.load32_splat(initial, 4) : v128.load(c + 1 * stride);
    let c2 = zero, d2 = zero;
    if (rows > 2) c2 = initial ? v128.load32_splat(initial, 8) : v128.load(c + 2 * stride);
    let c3 = zero, d3 = zero;
    if (rows > 3) c3 = initial ? v128.load32_splat(initial, 12) : v128.load(c + 3 * stride);
    let c4 = zero, d4 = zero;
    if (rows > 4) c4 = initial ? v128.load32_splat(initial, 16) : v128.load(c + 4 * stride);
    let c5 = zero, d5 = zero;
    if (rows > 5) c5 = initial ? v128.load32_splat(initial, 20) : v128.load(c + 5 * stride);
    let b0: v128, b1: v128;
    for (; depth > 1; depth -= 2) {
      b0 = v128.load(b); b1 = v128.load(b, 16);
      const next = a + (rows << 2);
      c0 = multiplyAdd(c0, v128.load32_splat(a), b0); d0 = multiplyAdd(d0, v128.load32_splat(next), b1);
      if (rows > 1) {
        c1 = multiplyAdd(c1, v128.load32_splat(a, 4), b0);
        d1 = multiplyAdd(d1, v128.load32_splat(next, 4), b1);
      }
      if (rows > 2) {
        c2 = multiplyAdd(c2, v128.load32_splat(a, 8), b0);
        d2 = multiplyAdd(d2, v128.load32_splat(next, 8), b1);
      }
      if (rows > 3) {
        c3 = multiplyAdd(c3, v128.load32_splat(a, 12), b0);
        d3 = multiplyAdd(d3, v128.load32_splat(next, 12), b1);
      }
      if (rows > 4) {
        c4 = multiplyAdd(c4, v128.load32_splat(a, 16), b0);
        d4 = multiplyAdd(d4, v128.load32_splat(next, 16), b1);
      }
      if (rows > 5) {
        c5 = multiplyAdd(c5, v128.load32_splat(a, 20), b0);
        d5 = multiplyAdd(d5, v128.load32_splat(next, 20), b1);
      }
      a += rows << 3; b += 32;
    }
    if (depth) {
      b0 = v128.load(b);
      c0 = multiplyAdd(c0, v128.load32_splat(a), b0);
      if (rows > 1) c1 = multiplyAdd(c1, v128.load32_splat(a, 4), b0);
      if (rows > 2) c2 = multiplyAdd(c2, v128.load32_splat(a, 8), b0);
      if (rows > 3) c3 = multiplyAdd(c3, v128.load32_splat(a, 12), b0);
      if (rows > 4) c4 = multiplyAdd(c4, v128.load32_splat(a, 16), b0);
      if (rows > 5) c5 = multiplyAdd(c5, v128.load32_splat(a, 20), b0);
    }
    v128.store(c, f32x4.add(c0, d0));
    if (rows > 1) v128.store(c + 1 * stride, f32x4.add(c1, d1));
    if (rows > 2) v128.store(c + 2 * stride, f32x4.add(c2, d2));
    if (rows > 3) v128.store(c + 3 * stride, f32x4.add(c3, d3));
    if (rows > 4) v128.store(c + 4 * stride, f32x4.add(c4, d4));
    if (rows > 5) v128.store(c + 5 * stride, f32x4.add(c5, d5));
  }
}
