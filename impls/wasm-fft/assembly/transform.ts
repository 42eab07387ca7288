import { multiplyAdd, multiplySubtract } from "../../support/assembly/lanes";

/**
 * The complex Fourier transform of `n` points (a power of two), `stride` bytes apart, in place, four at once: a point
 * is four real parts and then four imaginary ones, POINT bytes. `twiddles` are n/2 pairs cos and −sin of 2π·j/n. Radix
 * 2: forward by decimation in frequency, which leaves the spectrum in bit-reversed order; inverse by decimation in
 * time, which takes that order. Neither reorders points. The inverse does not divide by n.
 */
export const POINT: usize = 32;

// prettier-ignore
export function transformForward(at: usize, n: i32, stride: usize, twiddles: usize): void {
  const end = at + <usize>n * stride;
  let twiddleStep: usize = 8;
  for (let half = n >> 1; half > 0; half >>= 1, twiddleStep <<= 1) {
    const across = <usize>half * stride, next = across << 1;
    for (let p = at; p < end; p += next) sumAndDifference(p, p + across);
    let twiddle = twiddles + twiddleStep;
    for (let first = at + stride; first < at + across; first += stride, twiddle += twiddleStep) {
      const wr = load32(twiddle), wi = load32(twiddle + 4);
      for (let p = first; p < end; p += next) {
        const q = p + across;
        if (ASC_FEATURE_SIMD) {
          const ar = v128.load(p), ai = v128.load(p, 16), br = v128.load(q), bi = v128.load(q, 16);
          v128.store(p, f32x4.add(ar, br)); v128.store(p, f32x4.add(ai, bi), 16);
          const dr = f32x4.sub(ar, br), di = f32x4.sub(ai, bi);
          const c = v128.load32_splat(twiddle), s = v128.load32_splat(twiddle, 4);
          v128.store(q, multiplySubtract(f32x4.mul(dr, c), di, s));
          v128.store(q, multiplyAdd(f32x4.mul(di, c), dr, s), 16);
        } else {
          for (let lane: usize = 0; lane < 16; lane += 4) {
            const ar = load32(p + lane), ai = load32(p + lane + 16), br = load32(q + lane), bi = load32(q + lane + 16);
            store<f32>(p + lane, ar + br); store<f32>(p + lane, ai + bi, 16);
            const dr = ar - br, di = ai - bi;
            store<f32>(q + lane, dr * wr - di * wi); store<f32>(q + lane, di * wr + dr * wi, 16);
          }
        }
      }
    }
  }
}

// prettier-ignore
export function transformBack(at: usize, n: i32, stride: usize, twiddles: usize): void {
  const end = at + <usize>n * stride;
  let twiddleStep: usize = <usize>n << 2;
  for (let half = 1; half < n; half <<= 1, twiddleStep >>= 1) {
    const across = <usize>half * stride, next = across << 1;
    for (let p = at; p < end; p += next) sumAndDifference(p, p + across);
    let twiddle = twiddles + twiddleStep;
    for (let first = at + stride; first < at + across; first += stride, twiddle += twiddleStep) {
      const wr = load32(twiddle), wi = load32(twiddle + 4);
      for (let p = first; p < end; p += next) {
        const q = p + across;
        if (ASC_FEATURE_SIMD) {
          const br = v128.load(q), bi = v128.load(q, 16), ar = v128.load(p), ai = v128.load(p, 16);
          const c = v128.load32_splat(twiddle), s = v128.load32_splat(twiddle, 4);
          const tr = multiplyAdd(f32x4.mul(br, c), bi, s), ti = multiplySubtract(f32x4.mul(bi, c), br, s);
          v128.store(p, f32x4.add(ar, tr)); v128.store(p, f32x4.add(ai, ti), 16);
          v128.store(q, f32x4.sub(ar, tr)); v128.store(q, f32x4.sub(ai, ti), 16);
        } else {
          for (let lane: usize = 0; lane < 16; lane += 4) {
            const br = load32(q + lane), bi = load32(q + lane + 16), ar = load32(p + lane), ai = load32(p + lane + 16);
            const tr = br * wr + bi * wi, ti = bi * wr - br * wi;
            store<f32>(p + lane, ar + tr); store<f32>(p + lane, ai + ti, 16);
            store<f32>(q + lane, ar - tr); store<f32>(q + lane, ai - ti, 16);
          }
        }
      }
    }
  }
}

/** The butterfly whose factor is 1. */
// prettier-ignore
function sumAndDifference(p: usize, q: usize): void {
  if (ASC_FEATURE_SIMD) {
    const ar = v128.load(p), ai = v128.load(p, 16), br = v128.load(q), bi = v128.load(q, 16);
    v128.store(p, f32x4.add(ar, br)); v128.store(p, f32x4.add(ai, bi), 16);
    v128.store(q, f32x4.sub(ar, br)); v128.store(q, f32x4.sub(ai, bi), 16);
  } else {
    for (let byte: usize = 0; byte < POINT; byte += 4) {
      const a = load32(p + byte), b = load32(q + byte);
      store<f32>(p + byte, a + b); store<f32>(q + byte, a - b);
    }
  }
}

function load32(at: usize): f32 {
  return load<f32>(at);
}
