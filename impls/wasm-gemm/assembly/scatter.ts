import { convolveJob } from "./convolution";
import {
  BATCH,
  BLOCK_COLUMNS,
  CHANNELS,
  field,
  FIRST,
  GRID_D,
  GRID_H,
  GRID_W,
  IMAGE,
  IMAGE_STRIDE,
  INPUT_D,
  INPUT_H,
  INPUT_W,
  JOB_BYTES,
  LAST,
  OUT,
  OUT_IMAGE,
  PLANE_STRIDE,
  STEP_D,
  STEP_H,
  STEP_W,
  TAPS,
  TAP_TABLE,
} from "./job";

/**
 * dX of few channels: Wᵀ · dY for a block of dY's positions, rows being (channel, tap), and then each number is added
 * to the element that its tap read. Two jobs: the product, and forward's geometry with dX as the image. The product's
 * output, rows of BLOCK_COLUMNS numbers, is at OUT.
 */
export function scatterJob(job: usize): void {
  const target = job + JOB_BYTES;
  const blockColumns = field(job, BLOCK_COLUMNS);
  const product = field(job, OUT);
  const positions = field(target, GRID_D) * field(target, GRID_H) * field(target, GRID_W);
  for (let image = 0; image < field(target, BATCH); image++) {
    const to: usize = field(target, IMAGE) + image * field(target, IMAGE_STRIDE);
    clear(target, to);
    for (let first = 0; first < positions; first += blockColumns) {
      const count = min(blockColumns, positions - first);
      store<i32>(job + FIRST, image * positions + first);
      store<i32>(job + LAST, image * positions + first + count);
      store<i32>(job + OUT, product - image * field(job, OUT_IMAGE) - (first << 2));
      convolveJob(job);
      addTaps(target, to, first, count, product, blockColumns << 2);
    }
  }
  store<i32>(job + OUT, product);
}

function clear(target: usize, to: usize): void {
  memory.fill(to, 0, <usize>field(target, CHANNELS) * <usize>field(target, PLANE_STRIDE));
}

function addTaps(target: usize, to: usize, first: i32, count: i32, from: usize, pitch: usize): void {
  const taps = field(target, TAPS);
  for (let channel = 0; channel < field(target, CHANNELS); channel++, to += <usize>field(target, PLANE_STRIDE)) {
    for (let tap = 0; tap < taps; tap++, from += pitch)
      addTap(target, <usize>field(target, TAP_TABLE) + (tap << 4), to, first, count, from);
  }
}

/** Adds `count` numbers from position `first` on, row of positions by row of positions. */
function addTap(target: usize, displacement: usize, plane: usize, first: i32, count: i32, from: usize): void {
  const gridHeight = field(target, GRID_H);
  const gridWidth = field(target, GRID_W);
  const height = field(target, INPUT_H);
  const width = field(target, INPUT_W);
  const step = field(target, STEP_W);
  const by = load<i32>(displacement, 8);
  const fromW = by >= 0 ? 0 : (step - 1 - by) / step;
  const room = width - by;
  const untilW = room <= 0 ? 0 : min(gridWidth, (room + step - 1) / step);
  let line = first / gridWidth;
  let w = first - line * gridWidth;
  for (let left = count; left > 0;) {
    const run = min(left, gridWidth - w);
    const slice = line / gridHeight;
    const d = slice * field(target, STEP_D) + load<i32>(displacement);
    const h = (line - slice * gridHeight) * field(target, STEP_H) + load<i32>(displacement, 4);
    if (<u32>d < <u32>field(target, INPUT_D) && <u32>h < <u32>height) {
      const begin = max(w, fromW);
      const numbers = min(w + run, untilW) - begin;
      const at = plane + (((d * height + h) * width + begin * step + by) << 2);
      addRun(from + ((begin - w) << 2), at, numbers, step << 2);
    }
    from += run << 2;
    left -= run;
    w = 0;
    line++;
  }
}

/** Adds `count` neighbours to numbers `step` bytes apart. */
function addRun(from: usize, to: usize, count: i32, step: usize): void {
  if (ASC_FEATURE_SIMD) {
    if (step == 4) {
      for (; count >= 4; count -= 4, from += 16, to += 16) v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
    }
  }
  for (; count > 0; count--, from += 4, to += step) store<f32>(to, load<f32>(to) + load<f32>(from));
}
