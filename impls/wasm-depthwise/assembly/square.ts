import { multiplyAdd } from "./lanes";

/**
 * Sums of three by three neighbours, four rows of one vector at a time, so that a vector of the frame serves up to three of them: 36 multiply-adds for 18
 * loads with a step of 1; with one of 2, on a frame that is not split, for 36 loads and 27 shuffles. The last rows and the last vectors overlap those before,
 * so height and width are at least 4, and nothing is written beyond them.
 */
// prettier-ignore
export function square(
  step: i32, frame: usize, rowBytes: usize, height: i32, width: i32, weights: usize, bias: f32, to: usize, toRowBytes: usize,
): void {
  const w0 = v128.load32_splat(weights);
  const w1 = v128.load32_splat(weights, 4);
  const w2 = v128.load32_splat(weights, 8);
  const w3 = v128.load32_splat(weights, 12);
  const w4 = v128.load32_splat(weights, 16);
  const w5 = v128.load32_splat(weights, 20);
  const w6 = v128.load32_splat(weights, 24);
  const w7 = v128.load32_splat(weights, 28);
  const w8 = v128.load32_splat(weights, 32);
  const lastRow = height - 4;
  const lastColumn = width - 4;
  for (let row = 0; ; row = min(row + 4, lastRow)) {
    for (let column = 0; ; column = min(column + 4, lastColumn)) {
      let a = f32x4.splat(bias), b = a, c = a, d = a;
      let p = frame + <usize>(row * step) * rowBytes + <usize>(column * step) * 4;
      let v: v128, u: v128, e: v128;
      if (step == 1) {
        v = v128.load(p);
        a = multiplyAdd(w0, v, a);
        v = v128.load(p, 4);
        a = multiplyAdd(w1, v, a);
        v = v128.load(p, 8);
        a = multiplyAdd(w2, v, a);
        p += rowBytes;
        v = v128.load(p);
        b = multiplyAdd(w0, v, b);
        a = multiplyAdd(w3, v, a);
        v = v128.load(p, 4);
        b = multiplyAdd(w1, v, b);
        a = multiplyAdd(w4, v, a);
        v = v128.load(p, 8);
        b = multiplyAdd(w2, v, b);
        a = multiplyAdd(w5, v, a);
        p += rowBytes;
        v = v128.load(p);
        c = multiplyAdd(w0, v, c);
        b = multiplyAdd(w3, v, b);
        a = multiplyAdd(w6, v, a);
        v = v128.load(p, 4);
        c = multiplyAdd(w1, v, c);
        b = multiplyAdd(w4, v, b);
        a = multiplyAdd(w7, v, a);
        v = v128.load(p, 8);
        c = multiplyAdd(w2, v, c);
        b = multiplyAdd(w5, v, b);
        a = multiplyAdd(w8, v, a);
        p += rowBytes;
        v = v128.load(p);
        d = multiplyAdd(w0, v, d);
        c = multiplyAdd(w3, v, c);
        b = multiplyAdd(w6, v, b);
        v = v128.load(p, 4);
        d = multiplyAdd(w1, v, d);
        c = multiplyAdd(w4, v, c);
        b = multiplyAdd(w7, v, b);
        v = v128.load(p, 8);
        d = multiplyAdd(w2, v, d);
        c = multiplyAdd(w5, v, c);
        b = multiplyAdd(w8, v, b);
        p += rowBytes;
        v = v128.load(p);
        d = multiplyAdd(w3, v, d);
        c = multiplyAdd(w6, v, c);
        v = v128.load(p, 4);
        d = multiplyAdd(w4, v, d);
        c = multiplyAdd(w7, v, c);
        v = v128.load(p, 8);
        d = multiplyAdd(w5, v, d);
        c = multiplyAdd(w8, v, c);
        p += rowBytes;
        v = v128.load(p);
        d = multiplyAdd(w6, v, d);
        v = v128.load(p, 4);
        d = multiplyAdd(w7, v, d);
        v = v128.load(p, 8);
        d = multiplyAdd(w8, v, d);
      } else {
        v = v128.load(p); u = v128.load(p, 16);
        e = v128.shuffle<f32>(v, u, 0, 2, 4, 6);
        a = multiplyAdd(w0, e, a);
        e = v128.shuffle<f32>(v, u, 1, 3, 5, 7);
        a = multiplyAdd(w1, e, a);
        e = v128.shuffle<f32>(v128.load(p, 8), v128.load(p, 24), 0, 2, 4, 6);
        a = multiplyAdd(w2, e, a);
        p += rowBytes;
        v = v128.load(p); u = v128.load(p, 16);
        e = v128.shuffle<f32>(v, u, 0, 2, 4, 6);
        a = multiplyAdd(w3, e, a);
        e = v128.shuffle<f32>(v, u, 1, 3, 5, 7);
        a = multiplyAdd(w4, e, a);
        e = v128.shuffle<f32>(v128.load(p, 8), v128.load(p, 24), 0, 2, 4, 6);
        a = multiplyAdd(w5, e, a);
        p += rowBytes;
        v = v128.load(p); u = v128.load(p, 16);
        e = v128.shuffle<f32>(v, u, 0, 2, 4, 6);
        b = multiplyAdd(w0, e, b);
        a = multiplyAdd(w6, e, a);
        e = v128.shuffle<f32>(v, u, 1, 3, 5, 7);
        b = multiplyAdd(w1, e, b);
        a = multiplyAdd(w7, e, a);
        e = v128.shuffle<f32>(v128.load(p, 8), v128.load(p, 24), 0, 2, 4, 6);
        b = multiplyAdd(w2, e, b);
        a = multiplyAdd(w8, e, a);
        p += rowBytes;
        v = v128.load(p); u = v128.load(p, 16);
        e = v128.shuffle<f32>(v, u, 0, 2, 4, 6);
        b = multiplyAdd(w3, e, b);
        e = v128.shuffle<f32>(v, u, 1, 3, 5, 7);
        b = multiplyAdd(w4, e, b);
        e = v128.shuffle<f32>(v128.load(p, 8), v128.load(p, 24), 0, 2, 4, 6);
        b = multiplyAdd(w5, e, b);
        p += rowBytes;
        v = v128.load(p); u = v128.load(p, 16);
        e = v128.shuffle<f32>(v, u, 0, 2, 4, 6);
        c = multiplyAdd(w0, e, c);
        b = multiplyAdd(w6, e, b);
        e = v128.shuffle<f32>(v, u, 1, 3, 5, 7);
        c = multiplyAdd(w1, e, c);
        b = multiplyAdd(w7, e, b);
        e = v128.shuffle<f32>(v128.load(p, 8), v128.load(p, 24), 0, 2, 4, 6);
        c = multiplyAdd(w2, e, c);
        b = multiplyAdd(w8, e, b);
        p += rowBytes;
        v = v128.load(p); u = v128.load(p, 16);
        e = v128.shuffle<f32>(v, u, 0, 2, 4, 6);
        c = multiplyAdd(w3, e, c);
        e = v128.shuffle<f32>(v, u, 1, 3, 5, 7);
        c = multiplyAdd(w4, e, c);
        e = v128.shuffle<f32>(v128.load(p, 8), v128.load(p, 24), 0, 2, 4, 6);
        c = multiplyAdd(w5, e, c);
        p += rowBytes;
        v = v128.load(p); u = v128.load(p, 16);
        e = v128.shuffle<f32>(v, u, 0, 2, 4, 6);
        d = multiplyAdd(w0, e, d);
        c = multiplyAdd(w6, e, c);
        e = v128.shuffle<f32>(v, u, 1, 3, 5, 7);
        d = multiplyAdd(w1, e, d);
        c = multiplyAdd(w7, e, c);
        e = v128.shuffle<f32>(v128.load(p, 8), v128.load(p, 24), 0, 2, 4, 6);
        d = multiplyAdd(w2, e, d);
        c = multiplyAdd(w8, e, c);
        p += rowBytes;
        v = v128.load(p); u = v128.load(p, 16);
        e = v128.shuffle<f32>(v, u, 0, 2, 4, 6);
        d = multiplyAdd(w3, e, d);
        e = v128.shuffle<f32>(v, u, 1, 3, 5, 7);
        d = multiplyAdd(w4, e, d);
        e = v128.shuffle<f32>(v128.load(p, 8), v128.load(p, 24), 0, 2, 4, 6);
        d = multiplyAdd(w5, e, d);
        p += rowBytes;
        v = v128.load(p); u = v128.load(p, 16);
        e = v128.shuffle<f32>(v, u, 0, 2, 4, 6);
        d = multiplyAdd(w6, e, d);
        e = v128.shuffle<f32>(v, u, 1, 3, 5, 7);
        d = multiplyAdd(w7, e, d);
        e = v128.shuffle<f32>(v128.load(p, 8), v128.load(p, 24), 0, 2, 4, 6);
        d = multiplyAdd(w8, e, d);
      }
      const at = to + <usize>row * toRowBytes + <usize>column * 4;
      v128.store(at, a);
      v128.store(at + toRowBytes, b);
      v128.store(at + 2 * toRowBytes, c);
      v128.store(at + 3 * toRowBytes, d);
      if (column == lastColumn) break;
    }
    if (row == lastRow) break;
  }
}
