import { multiplyPanel } from "../../support/assembly/micro-kernel";
import { areApart, placeColumns, TABLES, TO } from "./columns";
import {
  BLOCK_COLUMNS,
  BLOCK_DEPTH,
  BLOCK_ROWS,
  CHANNELS,
  field,
  FIRST,
  INITIAL,
  LAST,
  MATRIX,
  OUT_ROW,
  ROWS,
  TAPS,
  WORKSPACE,
} from "./job";
import { packImage } from "./pack-image";
import { loadTile, storeTile } from "./tile";

/**
 * out = initial + weights · taps of the image. Columns go by blocks; for each, the depth (channel, tap) by blocks,
 * whose panels are packed from the image into the workspace and multiplied with the packed weights, block of rows by
 * block of rows.
 */
export function convolveJob(job: usize): void {
  const depthInAll = field(job, CHANNELS) * field(job, TAPS);
  const last = field(job, LAST);
  const rows = field(job, ROWS);
  const rowStride: usize = field(job, OUT_ROW);
  const blockColumns = field(job, BLOCK_COLUMNS);
  const blockRows = field(job, BLOCK_ROWS);
  const table: usize = field(job, WORKSPACE);
  const pitch: usize = blockColumns << 2;
  const tile = table + TABLES * pitch;
  const panels = tile + (blockRows << 5);
  for (let first = field(job, FIRST); first < last; first += blockColumns) {
    const count = min(blockColumns, last - first);
    placeColumns(job, table, pitch, first, count);
    for (let step = 0; step < depthInAll; step += field(job, BLOCK_DEPTH)) {
      const depth = min(field(job, BLOCK_DEPTH), depthInAll - step);
      for (let column = 0; column < count; column += 8) {
        const width = count - column > 4 ? 8 : 4;
        packImage(job, table + (column << 2), pitch, width, step, depth, panels + ((column * depth) << 2));
      }
      for (let row = 0; row < rows; row += blockRows) {
        const height = min(blockRows, rows - row);
        const matrix: usize = field(job, MATRIX) + ((step * rows + row * depth) << 2);
        const initial: usize = step == 0 ? field(job, INITIAL) + (row << 2) : <usize>0;
        const to = table + TO * pitch;
        const down = <usize>row * rowStride;
        multiplyColumns(height, depth, matrix, panels, count, to, down, rowStride, initial, tile);
      }
    }
  }
}

/** The panels of columns one after the other, each with all rows. */
function multiplyColumns(
  rows: i32,
  depth: i32,
  matrix: usize,
  panels: usize,
  count: i32,
  to: usize,
  down: usize,
  rowStride: usize,
  initial: usize,
  tile: usize,
): void {
  for (let column = 0; column < count; column += 8, to += 32) {
    const width = count - column > 4 ? 8 : 4;
    const panel = panels + ((column * depth) << 2);
    if (count - column >= width && areApart(to, width, 4)) {
      multiplyPanel(rows, depth, matrix, panel, width, <usize>load<i32>(to) + down, rowStride, initial);
    } else {
      const columns = min(width, count - column);
      if (!initial) loadTile(tile, width, to, columns, rows, down, rowStride);
      multiplyPanel(rows, depth, matrix, panel, width, tile, width << 2, initial);
      storeTile(tile, width, to, columns, rows, down, rowStride);
    }
  }
}
