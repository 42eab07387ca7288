import {
  field,
  GRID_D,
  GRID_H,
  GRID_W,
  IMAGE,
  IMAGE_STRIDE,
  INPUT_D,
  INPUT_H,
  INPUT_W,
  PLANE_STRIDE,
  STEP_D,
  STEP_H,
  STEP_W,
  TAPS,
  TAP_TABLE,
} from "./job";
import { Transpose } from "./transpose";

/**
 * A column (channel, tap): its displacement along d and h, its address for the first position, and the range of
 * positions w of a row for which it is inside.
 */
const BY_D = 0;
const BY_H = 4;
const AT = 8;
const FROM_W = 12;
const UNTIL_W = 16;
export const COLUMN_BYTES: usize = 20;

/** Fills `width` records of columns from `first` on; those beyond `count` repeat the last. */
export function placeTaps(job: usize, first: i32, count: i32, width: i32, columns: usize): void {
  const taps = field(job, TAPS);
  const step = field(job, STEP_W);
  for (let index = 0; index < width; index++, columns += COLUMN_BYTES) {
    const column = first + min(index, count - 1);
    const channel = column / taps;
    const displacement: usize = field(job, TAP_TABLE) + ((column - channel * taps) << 4);
    const by = load<i32>(displacement, 8);
    store<i32>(columns + BY_D, load<i32>(displacement));
    store<i32>(columns + BY_H, load<i32>(displacement, 4));
    store<i32>(columns + AT, field(job, IMAGE) + channel * field(job, PLANE_STRIDE) + load<i32>(displacement, 12));
    const room = field(job, INPUT_W) - by;
    store<i32>(columns + FROM_W, by >= 0 ? 0 : (step - 1 - by) / step);
    store<i32>(columns + UNTIL_W, room <= 0 ? 0 : min(field(job, GRID_W), (room + step - 1) / step));
  }
}

/**
 * Packs what `width` columns read at `depth` positions from `first` on (of all images), row of positions by row of
 * positions, four columns at a time.
 */
export function packTaps(job: usize, columns: usize, width: i32, first: i32, depth: i32, to: usize): void {
  const gridHeight = field(job, GRID_H);
  const gridWidth = field(job, GRID_W);
  const inputHeight = field(job, INPUT_H);
  const inputWidth = field(job, INPUT_W);
  const stride: usize = width << 2;
  let line = first / gridWidth;
  let w = first - line * gridWidth;
  for (let left = depth; left > 0;) {
    const count = min(left, gridWidth - w);
    const slice = line / gridHeight;
    const image = slice / field(job, GRID_D);
    const d = (slice - image * field(job, GRID_D)) * field(job, STEP_D);
    const h = (line - slice * gridHeight) * field(job, STEP_H);
    const past: usize = image * field(job, IMAGE_STRIDE) + (((d * inputHeight + h) * inputWidth) << 2);
    for (let quad = 0; quad < width; quad += 4)
      packFour(job, columns + <usize>quad * COLUMN_BYTES, d, h, past, w, w + count, to + (quad << 2), stride);
    to += <usize>count * stride;
    left -= count;
    w = 0;
    line++;
  }
}

/** Whether a column's row lies in the image for positions in row h of slice d. */
function hasRow(job: usize, column: usize, d: i32, h: i32): bool {
  return (
    <u32>(d + load<i32>(column + BY_D)) < <u32>field(job, INPUT_D) &&
    <u32>(h + load<i32>(column + BY_H)) < <u32>field(job, INPUT_H)
  );
}

/**
 * Four columns at positions `w` to `end − 1` of one row: where all four lie in the image four positions at a time,
 * elsewhere one by one.
 */
function packFour(
  job: usize,
  column: usize,
  d: i32,
  h: i32,
  past: usize,
  w: i32,
  end: i32,
  to: usize,
  stride: usize,
): void {
  const step = field(job, STEP_W);
  if (ASC_FEATURE_SIMD) {
    const second = column + COLUMN_BYTES;
    const third = second + COLUMN_BYTES;
    const fourth = third + COLUMN_BYTES;
    if (
      step <= 2 &&
      hasRow(job, column, d, h) &&
      hasRow(job, second, d, h) &&
      hasRow(job, third, d, h) &&
      hasRow(job, fourth, d, h)
    ) {
      const from = max(
        max(load<i32>(column + FROM_W), load<i32>(second + FROM_W)),
        max(load<i32>(third + FROM_W), load<i32>(fourth + FROM_W)),
      );
      const until = min(
        min(load<i32>(column + UNTIL_W), load<i32>(second + UNTIL_W)),
        min(load<i32>(third + UNTIL_W), load<i32>(fourth + UNTIL_W)),
      );
      const begin = min(max(w, from), end);
      let at = max(begin, w);
      if (at > w) packSingles(job, column, d, h, past, w, at, to, stride);
      const within = min(end, until);
      if (at + 4 <= within) {
        const bytes: usize = past + ((at * step) << 2);
        let a = <usize>load<i32>(column + AT) + bytes;
        let b = <usize>load<i32>(second + AT) + bytes;
        let c = <usize>load<i32>(third + AT) + bytes;
        let e = <usize>load<i32>(fourth + AT) + bytes;
        let target = to + <usize>(at - w) * stride;
        if (step == 1) {
          for (; at + 4 <= within; at += 4, a += 16, b += 16, c += 16, e += 16, target += stride << 2)
            Transpose.four(v128.load(a), v128.load(b), v128.load(c), v128.load(e), target, stride);
        } else {
          for (; at + 4 <= within; at += 4, a += 32, b += 32, c += 32, e += 32, target += stride << 2)
            Transpose.four(Row.everyOther(a), Row.everyOther(b), Row.everyOther(c), Row.everyOther(e), target, stride);
        }
      }
      if (at < end) packSingles(job, column, d, h, past, at, end, to + <usize>(at - w) * stride, stride);
      return;
    }
  }
  packSingles(job, column, d, h, past, w, end, to, stride);
}

class Row {
  @inline static everyOther(at: usize): v128 {
    return i32x4.shuffle(v128.load(at), v128.load(at, 16), 0, 2, 4, 6);
  }
}

function packSingles(
  job: usize,
  column: usize,
  d: i32,
  h: i32,
  past: usize,
  w: i32,
  end: i32,
  to: usize,
  stride: usize,
): void {
  const step = field(job, STEP_W) << 2;
  for (let index = 0; index < 4; index++, column += COLUMN_BYTES, to += 4) {
    let target = to;
    let from = <usize>load<i32>(column + AT) + past + <usize>(w * step);
    const isRow = hasRow(job, column, d, h);
    const begin = isRow ? load<i32>(column + FROM_W) : end;
    const until = load<i32>(column + UNTIL_W);
    for (let at = w; at < end; at++, target += stride, from += step)
      store<f32>(target, at >= begin && at < until ? load<f32>(from) : 0);
  }
}
