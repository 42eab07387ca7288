import {
  field,
  GRID_D,
  GRID_H,
  GRID_W,
  HIGH_D,
  HIGH_H,
  HIGH_W,
  IMAGE,
  IMAGE_STRIDE,
  INPUT_D,
  INPUT_H,
  INPUT_W,
  LOW_D,
  LOW_H,
  LOW_W,
  OUT,
  OUT_D,
  OUT_H,
  OUT_IMAGE,
  OUT_W,
  STEP_D,
  STEP_H,
  STEP_W,
} from "./job";

/** Six tables of one number a column, `pitch` bytes apart: where the column is in the image and in the output. */
export const AT: usize = 0; // the address of its position in the image, before any displacement
export const AT_D: usize = 1;
export const AT_H: usize = 2;
export const AT_W: usize = 3;
export const TO: usize = 4; // its address in the output's first row
export const INSIDE: usize = 5; // 1 when no tap leaves the image
export const TABLES: usize = 6;

/** Fills the tables for `count` columns from `first` on; up to a multiple of eight the last is repeated. */
export function placeColumns(job: usize, table: usize, pitch: usize, first: i32, count: i32): void {
  const height = field(job, GRID_H);
  const width = field(job, GRID_W);
  const plane = height * width;
  const volume = field(job, GRID_D) * plane;
  const inputHeight = field(job, INPUT_H);
  const inputWidth = field(job, INPUT_W);
  let image = first / volume;
  let left = first - image * volume;
  let d = left / plane;
  left -= d * plane;
  let h = left / width;
  let w = left - h * width;
  const end = table + ((((count + 7) >> 3) << 3) << 2);
  for (let index = 0; table < end; index++, table += 4) {
    const inD = d * field(job, STEP_D);
    const inH = h * field(job, STEP_H);
    const inW = w * field(job, STEP_W);
    const inside =
      inD + field(job, LOW_D) >= 0 &&
      inD + field(job, HIGH_D) < field(job, INPUT_D) &&
      inH + field(job, LOW_H) >= 0 &&
      inH + field(job, HIGH_H) < inputHeight &&
      inW + field(job, LOW_W) >= 0 &&
      inW + field(job, HIGH_W) < inputWidth;
    const at =
      field(job, IMAGE) + image * field(job, IMAGE_STRIDE) + (((inD * inputHeight + inH) * inputWidth + inW) << 2);
    const to =
      field(job, OUT) +
      image * field(job, OUT_IMAGE) +
      d * field(job, OUT_D) +
      h * field(job, OUT_H) +
      w * field(job, OUT_W);
    store<i32>(table, at);
    store<i32>(table + AT_D * pitch, inD);
    store<i32>(table + AT_H * pitch, inH);
    store<i32>(table + AT_W * pitch, inW);
    store<i32>(table + TO * pitch, to);
    store<i32>(table + INSIDE * pitch, i32(inside));
    if (index >= count - 1) continue;
    if (++w < width) continue;
    w = 0;
    if (++h < height) continue;
    h = 0;
    if (++d < field(job, GRID_D)) continue;
    d = 0;
    image++;
  }
}

/** Whether the numbers of the `count` columns at `table` are `step` apart. */
export function areApart(table: usize, count: i32, step: i32): bool {
  let value = load<i32>(table);
  for (let index = 1; index < count; index++) {
    const next = load<i32>(table + (index << 2));
    if (next - value != step) return false;
    value = next;
  }
  return true;
}

/** Whether none of the `count` columns at `table` leaves the image. */
export function areInside(table: usize, pitch: usize, count: i32): bool {
  for (let index = 0; index < count; index++) if (!load<i32>(table + INSIDE * pitch + (index << 2))) return false;
  return true;
}
