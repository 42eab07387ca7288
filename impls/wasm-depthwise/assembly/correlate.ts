import { multiplyAdd } from "../../support/assembly/lanes";

/**
 * `rows` rows of sums Σ_t weights[t]·frame[i + offsets[t]] + bias, i = 0 … count − 1; `offsets` are bytes. Whole
 * vectors are written: up to three elements behind a row are garbage, so that rows have to be computed in memory order.
 */
export function correlate(
  frame: usize,
  frameRowBytes: usize,
  rows: i32,
  count: i32,
  offsets: usize,
  weights: usize,
  taps: i32,
  bias: f32,
  to: usize,
  toRowBytes: usize,
): void {
  for (let row = 0; row < rows; row++) {
    let i = 0;
    if (ASC_FEATURE_SIMD) {
      for (; i + 28 < count; i += 32)
        eightVectors(frame + <usize>i * 4, offsets, weights, taps, bias, to + <usize>i * 4);
      for (; i + 12 < count; i += 16)
        fourVectors(frame + <usize>i * 4, offsets, weights, taps, bias, to + <usize>i * 4);
      for (; i + 4 < count; i += 8) twoVectors(frame + <usize>i * 4, offsets, weights, taps, bias, to + <usize>i * 4);
      for (; i < count; i += 4) vector(frame + <usize>i * 4, offsets, weights, taps, bias, to + <usize>i * 4);
    } else {
      for (; i < count; i++) {
        let sum = bias;
        for (let t = 0; t < taps; t++) {
          sum +=
            load<f32>(weights + <usize>t * 4) * load<f32>(frame + <usize>i * 4 + load<usize>(offsets + <usize>t * 4));
        }
        store<f32>(to + <usize>i * 4, sum);
      }
    }
    frame += frameRowBytes;
    to += toRowBytes;
  }
}

function eightVectors(frame: usize, offsets: usize, weights: usize, taps: i32, bias: f32, to: usize): void {
  let a = f32x4.splat(bias);
  let b = a;
  let c = a;
  let d = a;
  let e = a;
  let f = a;
  let g = a;
  let h = a;
  for (const end = offsets + <usize>taps * 4; offsets < end; offsets += 4) {
    const from = frame + load<usize>(offsets);
    const w = v128.load32_splat(weights);
    weights += 4;
    a = multiplyAdd(a, w, v128.load(from));
    b = multiplyAdd(b, w, v128.load(from, 16));
    c = multiplyAdd(c, w, v128.load(from, 32));
    d = multiplyAdd(d, w, v128.load(from, 48));
    e = multiplyAdd(e, w, v128.load(from, 64));
    f = multiplyAdd(f, w, v128.load(from, 80));
    g = multiplyAdd(g, w, v128.load(from, 96));
    h = multiplyAdd(h, w, v128.load(from, 112));
  }
  v128.store(to, a);
  v128.store(to, b, 16);
  v128.store(to, c, 32);
  v128.store(to, d, 48);
  v128.store(to, e, 64);
  v128.store(to, f, 80);
  v128.store(to, g, 96);
  v128.store(to, h, 112);
}

function fourVectors(frame: usize, offsets: usize, weights: usize, taps: i32, bias: f32, to: usize): void {
  let a = f32x4.splat(bias);
  let b = a;
  let c = a;
  let d = a;
  for (const end = offsets + <usize>taps * 4; offsets < end; offsets += 4) {
    const from = frame + load<usize>(offsets);
    const w = v128.load32_splat(weights);
    weights += 4;
    a = multiplyAdd(a, w, v128.load(from));
    b = multiplyAdd(b, w, v128.load(from, 16));
    c = multiplyAdd(c, w, v128.load(from, 32));
    d = multiplyAdd(d, w, v128.load(from, 48));
  }
  v128.store(to, a);
  v128.store(to, b, 16);
  v128.store(to, c, 32);
  v128.store(to, d, 48);
}

function twoVectors(frame: usize, offsets: usize, weights: usize, taps: i32, bias: f32, to: usize): void {
  let a = f32x4.splat(bias);
  let b = a;
  for (const end = offsets + <usize>taps * 4; offsets < end; offsets += 4) {
    const from = frame + load<usize>(offsets);
    const w = v128.load32_splat(weights);
    weights += 4;
    a = multiplyAdd(a, w, v128.load(from));
    b = multiplyAdd(b, w, v128.load(from, 16));
  }
  v128.store(to, a);
  v128.store(to, b, 16);
}

function vector(frame: usize, offsets: usize, weights: usize, taps: i32, bias: f32, to: usize): void {
  let a = f32x4.splat(bias);
  for (const end = offsets + <usize>taps * 4; offsets < end; offsets += 4) {
    a = multiplyAdd(a, v128.load32_splat(weights), v128.load(frame + load<usize>(offsets)));
    weights += 4;
  }
  v128.store(to, a);
}
