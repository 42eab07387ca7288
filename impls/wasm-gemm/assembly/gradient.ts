import { multiplyPanel } from "../../support/assembly/micro-kernel";
import {
  BATCH,
  BLOCK_DEPTH,
  BLOCK_ROWS,
  field,
  FIRST,
  GRID_D,
  GRID_H,
  GRID_W,
  INITIAL,
  LAST,
  MATRIX,
  MATRIX_IMAGE,
  MATRIX_ROW,
  OUT,
  OUT_ROW,
  ROWS,
  WORKSPACE,
} from "./job";
import { packRows } from "./pack-rows";
import { COLUMN_BYTES, packTaps, placeTaps } from "./pack-taps";

/**
 * dW = dY · (taps of the image)ᵀ: rows are output channels, columns (channel, tap), and the depth is the output
 * positions of all images. The depth goes by blocks; for each, dY is packed once and the taps of eight columns at a
 * time, and the products add up in dW.
 */
export function gradientJob(job: usize): void {
  const rows = field(job, ROWS);
  const last = field(job, LAST);
  const positions = field(job, GRID_D) * field(job, GRID_H) * field(job, GRID_W);
  const depthInAll = field(job, BATCH) * positions;
  const blockDepth = field(job, BLOCK_DEPTH);
  const rowStride: usize = field(job, OUT_ROW);
  const columns: usize = field(job, WORKSPACE);
  const tile = columns + 8 * COLUMN_BYTES;
  const panel = tile + ((<usize>field(job, BLOCK_ROWS)) << 5);
  const matrix = panel + ((<usize>blockDepth) << 5);
  for (let step = 0; step < depthInAll; step += blockDepth) {
    const depth = min(blockDepth, depthInAll - step);
    packRows(
      field(job, MATRIX),
      field(job, MATRIX_IMAGE),
      field(job, MATRIX_ROW),
      rows,
      positions,
      step,
      depth,
      matrix,
    );
    for (let column = field(job, FIRST); column < last; column += 8) {
      const count = min(8, last - column);
      const width = count > 4 ? 8 : 4;
      placeTaps(job, column, count, width, columns);
      packTaps(job, columns, width, step, depth, panel);
      const to: usize = field(job, OUT) + (column << 2);
      const initial: usize = step == 0 ? field(job, INITIAL) : <usize>0;
      if (count == width) {
        multiplyPanel(rows, depth, matrix, panel, width, to, rowStride, initial);
      } else {
        if (step != 0) copyTile(rows, count, to, rowStride, tile, width << 2);
        multiplyPanel(rows, depth, matrix, panel, width, tile, width << 2, initial);
        copyTile(rows, count, tile, width << 2, to, rowStride);
      }
    }
  }
}

function copyTile(rows: i32, columns: i32, from: usize, fromStride: usize, to: usize, toStride: usize): void {
  for (let row = 0; row < rows; row++, from += fromStride, to += toStride)
    for (let column = 0; column < columns; column++) store<f32>(to + (column << 2), load<f32>(from + (column << 2)));
}

/** to[row] = the sum of a row of dY over all positions of all images, in four chains. */
export function sumRows(
  from: usize,
  imageStride: usize,
  rowStride: usize,
  rows: i32,
  batch: i32,
  positions: i32,
  to: usize,
): void {
  for (let row = 0; row < rows; row++, from += rowStride, to += 4) {
    let a: f32 = 0;
    let b: f32 = 0;
    let c: f32 = 0;
    let d: f32 = 0;
    for (let image = 0; image < batch; image++) {
      let at = from + <usize>image * imageStride;
      let left = positions;
      for (; left >= 4; left -= 4, at += 16) {
        a += load<f32>(at);
        b += load<f32>(at, 4);
        c += load<f32>(at, 8);
        d += load<f32>(at, 12);
      }
      for (; left > 0; left--, at += 4) a += load<f32>(at);
    }
    store<f32>(to, a + b + (c + d));
  }
}
