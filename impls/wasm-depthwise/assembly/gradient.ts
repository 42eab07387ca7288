import { multiplyAdd } from "../../support/assembly/lanes";

/**
 * Adds to sums[t] the products Σ_row Σ_i dy[row][i]·frame[row][i + offsets[t]], i = 0 … count − 1. What lies behind a
 * row's end is masked, since an infinity there times zero would be NaN.
 */
export function correlateGradient(
  frame: usize,
  frameRowBytes: usize,
  rows: i32,
  count: i32,
  offsets: usize,
  taps: i32,
  dy: usize,
  dyRowBytes: usize,
  sums: usize,
): void {
  let t = 0;
  if (ASC_FEATURE_SIMD) {
    for (; t + 9 <= taps; t += 9) {
      nineTaps(frame, frameRowBytes, rows, count, offsets + <usize>t * 4, dy, dyRowBytes, sums + <usize>t * 4);
    }
    for (; t + 3 <= taps; t += 3) {
      threeTaps(frame, frameRowBytes, rows, count, offsets + <usize>t * 4, dy, dyRowBytes, sums + <usize>t * 4);
    }
  }
  for (; t < taps; t++) {
    oneTap(
      frame + load<usize>(offsets + <usize>t * 4),
      frameRowBytes,
      rows,
      count,
      dy,
      dyRowBytes,
      sums + <usize>t * 4,
    );
  }
}

/** All bits of the first `count` − i lanes, at most four. */
function lanesBefore(count: i32, i: i32): v128 {
  return i32x4.gt_s(i32x4.splat(count - i), i32x4(0, 1, 2, 3));
}

function addLanes(sum: usize, lanes: v128): void {
  const total =
    f32x4.extract_lane(lanes, 0) +
    f32x4.extract_lane(lanes, 1) +
    (f32x4.extract_lane(lanes, 2) + f32x4.extract_lane(lanes, 3));
  store<f32>(sum, load<f32>(sum) + total);
}

function nineTaps(
  frame: usize,
  frameRowBytes: usize,
  rows: i32,
  count: i32,
  offsets: usize,
  dy: usize,
  dyRowBytes: usize,
  sums: usize,
): void {
  const o0 = load<usize>(offsets);
  const o1 = load<usize>(offsets, 4);
  const o2 = load<usize>(offsets, 8);
  const o3 = load<usize>(offsets, 12);
  const o4 = load<usize>(offsets, 16);
  const o5 = load<usize>(offsets, 20);
  const o6 = load<usize>(offsets, 24);
  const o7 = load<usize>(offsets, 28);
  const o8 = load<usize>(offsets, 32);
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let s4 = s0;
  let s5 = s0;
  let s6 = s0;
  let s7 = s0;
  let s8 = s0;
  for (let row = 0; row < rows; row++) {
    let i = 0;
    for (; i + 4 <= count; i += 4) {
      const d = v128.load(dy + <usize>i * 4);
      const from = frame + <usize>i * 4;
      s0 = multiplyAdd(s0, d, v128.load(from + o0));
      s1 = multiplyAdd(s1, d, v128.load(from + o1));
      s2 = multiplyAdd(s2, d, v128.load(from + o2));
      s3 = multiplyAdd(s3, d, v128.load(from + o3));
      s4 = multiplyAdd(s4, d, v128.load(from + o4));
      s5 = multiplyAdd(s5, d, v128.load(from + o5));
      s6 = multiplyAdd(s6, d, v128.load(from + o6));
      s7 = multiplyAdd(s7, d, v128.load(from + o7));
      s8 = multiplyAdd(s8, d, v128.load(from + o8));
    }
    if (i < count) {
      const mask = lanesBefore(count, i);
      const d = v128.and(mask, v128.load(dy + <usize>i * 4));
      const from = frame + <usize>i * 4;
      s0 = multiplyAdd(s0, d, v128.and(mask, v128.load(from + o0)));
      s1 = multiplyAdd(s1, d, v128.and(mask, v128.load(from + o1)));
      s2 = multiplyAdd(s2, d, v128.and(mask, v128.load(from + o2)));
      s3 = multiplyAdd(s3, d, v128.and(mask, v128.load(from + o3)));
      s4 = multiplyAdd(s4, d, v128.and(mask, v128.load(from + o4)));
      s5 = multiplyAdd(s5, d, v128.and(mask, v128.load(from + o5)));
      s6 = multiplyAdd(s6, d, v128.and(mask, v128.load(from + o6)));
      s7 = multiplyAdd(s7, d, v128.and(mask, v128.load(from + o7)));
      s8 = multiplyAdd(s8, d, v128.and(mask, v128.load(from + o8)));
    }
    frame += frameRowBytes;
    dy += dyRowBytes;
  }
  addLanes(sums, s0);
  addLanes(sums + 4, s1);
  addLanes(sums + 8, s2);
  addLanes(sums + 12, s3);
  addLanes(sums + 16, s4);
  addLanes(sums + 20, s5);
  addLanes(sums + 24, s6);
  addLanes(sums + 28, s7);
  addLanes(sums + 32, s8);
}

function threeTaps(
  frame: usize,
  frameRowBytes: usize,
  rows: i32,
  count: i32,
  offsets: usize,
  dy: usize,
  dyRowBytes: usize,
  sums: usize,
): void {
  const o0 = load<usize>(offsets);
  const o1 = load<usize>(offsets, 4);
  const o2 = load<usize>(offsets, 8);
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  for (let row = 0; row < rows; row++) {
    let i = 0;
    for (; i + 4 <= count; i += 4) {
      const d = v128.load(dy + <usize>i * 4);
      const from = frame + <usize>i * 4;
      s0 = multiplyAdd(s0, d, v128.load(from + o0));
      s1 = multiplyAdd(s1, d, v128.load(from + o1));
      s2 = multiplyAdd(s2, d, v128.load(from + o2));
    }
    if (i < count) {
      const mask = lanesBefore(count, i);
      const d = v128.and(mask, v128.load(dy + <usize>i * 4));
      const from = frame + <usize>i * 4;
      s0 = multiplyAdd(s0, d, v128.and(mask, v128.load(from + o0)));
      s1 = multiplyAdd(s1, d, v128.and(mask, v128.load(from + o1)));
      s2 = multiplyAdd(s2, d, v128.and(mask, v128.load(from + o2)));
    }
    frame += frameRowBytes;
    dy += dyRowBytes;
  }
  addLanes(sums, s0);
  addLanes(sums + 4, s1);
  addLanes(sums + 8, s2);
}

function oneTap(
  frame: usize,
  frameRowBytes: usize,
  rows: i32,
  count: i32,
  dy: usize,
  dyRowBytes: usize,
  sum: usize,
): void {
  let total: f32 = 0;
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < count; i++) total += load<f32>(dy + <usize>i * 4) * load<f32>(frame + <usize>i * 4);
    frame += frameRowBytes;
    dy += dyRowBytes;
  }
  store<f32>(sum, load<f32>(sum) + total);
}

/** Adds Σ_i from[i], i = 0 … count − 1, to the sum. */
export function addSum(from: usize, count: i32, sum: usize): void {
  let i = 0;
  let total: f32 = 0;
  if (ASC_FEATURE_SIMD) {
    let a = f32x4.splat(0);
    let b = a;
    for (; i + 8 <= count; i += 8) {
      a = f32x4.add(a, v128.load(from + <usize>i * 4));
      b = f32x4.add(b, v128.load(from + <usize>i * 4, 16));
    }
    addLanes(sum, f32x4.add(a, b));
  }
  for (; i < count; i++) total += load<f32>(from + <usize>i * 4);
  store<f32>(sum, load<f32>(sum) + total);
}
