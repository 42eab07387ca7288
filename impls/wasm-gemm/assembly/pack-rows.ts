import { panelRows } from "../../support/assembly/micro-kernel";
import { Transpose } from "./transpose";

/**
 * Packs `depth` positions from `first` on of `rows` rows of dY for `multiplyPanel`. A row has `positions` neighbours in
 * each image; images and rows are `imageStride` and `rowStride` bytes apart.
 */
export function packRows(
  from: usize,
  imageStride: usize,
  rowStride: usize,
  rows: i32,
  positions: i32,
  first: i32,
  depth: i32,
  to: usize,
): void {
  for (let row = 0; row < rows;) {
    const height = panelRows(rows - row);
    const stride: usize = height << 2;
    let image = first / positions;
    let position = first - image * positions;
    for (let left = depth; left > 0;) {
      const count = min(left, positions - position);
      const at = from + <usize>image * imageStride + <usize>row * rowStride + <usize>(position << 2);
      packRun(at, rowStride, height, count, to);
      to += <usize>count * stride;
      left -= count;
      position = 0;
      image++;
    }
    row += height;
  }
}

/** Packs `count` neighbours of `height` rows, four rows and four neighbours at a time. */
function packRun(from: usize, rowStride: usize, height: i32, count: i32, to: usize): void {
  const stride: usize = height << 2;
  let row = 0;
  if (ASC_FEATURE_SIMD) {
    for (; row + 4 <= height; row += 4) {
      let at = from + <usize>row * rowStride;
      let target = to + (row << 2);
      let left = count;
      for (; left >= 4; left -= 4, at += 16, target += stride << 2)
        Transpose.four(
          v128.load(at),
          v128.load(at + rowStride),
          v128.load(at + 2 * rowStride),
          v128.load(at + 3 * rowStride),
          target,
          stride,
        );
      packSingles(at, rowStride, 4, left, target, stride);
    }
    if (row + 2 == height) {
      let at = from + <usize>row * rowStride;
      let target = to + (row << 2);
      let left = count;
      for (; left >= 4; left -= 4, at += 16, target += stride << 2) {
        const a = v128.load(at);
        const b = v128.load(at + rowStride);
        const low = i32x4.shuffle(a, b, 0, 4, 1, 5);
        const high = i32x4.shuffle(a, b, 2, 6, 3, 7);
        v128.store64_lane(target, low, 0);
        v128.store64_lane(target + stride, low, 1);
        v128.store64_lane(target + 2 * stride, high, 0);
        v128.store64_lane(target + 3 * stride, high, 1);
      }
      packSingles(at, rowStride, 2, left, target, stride);
      return;
    }
  }
  packSingles(from + <usize>row * rowStride, rowStride, height - row, count, to + (row << 2), stride);
}

function packSingles(from: usize, rowStride: usize, rows: i32, count: i32, to: usize, stride: usize): void {
  for (let row = 0; row < rows; row++, from += rowStride, to += 4) {
    let target = to;
    for (let index = 0; index < count; index++, target += stride) store<f32>(target, load<f32>(from + (index << 2)));
  }
}
