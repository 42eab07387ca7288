/**
 * A job: one group's (or a part of its rows or columns) product, as 39 numbers of 32 bits that the host writes
 * (../jobs.ts has the same order).
 *
 * The image is read at `position · STEP + displacement of a tap`, zero outside. Columns are output positions, all
 * images' one after the other; strides and sizes of memory are in bytes.
 */
export const IMAGE = 0; // where the group's first plane of the first image begins
export const IMAGE_STRIDE = 4;
export const PLANE_STRIDE = 8;
export const INPUT_D = 12;
export const INPUT_H = 16;
export const INPUT_W = 20;
export const CHANNELS = 24;
export const TAPS = 28;
export const TAP_TABLE = 32; // for each tap: displacement along d, h, w, and the same in bytes
export const GRID_D = 36; // output positions of an image
export const GRID_H = 40;
export const GRID_W = 44;
export const STEP_D = 48;
export const STEP_H = 52;
export const STEP_W = 56;
export const LOW_D = 60; // the least and the greatest displacement of any tap
export const LOW_H = 64;
export const LOW_W = 68;
export const HIGH_D = 72;
export const HIGH_H = 76;
export const HIGH_W = 80;
export const MATRIX = 84; // packed weights; or, for the gradient of the weights, dY
export const ROWS = 88;
export const INITIAL = 92; // what each row starts from
export const OUT = 96;
export const OUT_IMAGE = 100;
export const OUT_ROW = 104;
export const OUT_D = 108;
export const OUT_H = 112;
export const OUT_W = 116;
export const FIRST = 120; // columns FIRST to LAST − 1
export const LAST = 124;
export const BLOCK_DEPTH = 128;
export const BLOCK_COLUMNS = 132;
export const BLOCK_ROWS = 136;
export const WORKSPACE = 140;
export const BATCH = 144;
export const MATRIX_IMAGE = 148; // of dY
export const MATRIX_ROW = 152;
export const JOB_BYTES = 156;

export function field(job: usize, at: usize): i32 {
  return load<i32>(job + at);
}
