import { multiplyAdd } from "../../support/assembly/lanes";

/**
 * Sums of three by three neighbours, four rows of one vector at a time, so that a vector of the frame serves up to
 * three of them: 36 multiply-adds for 18 loads with a step of 1; with one of 2, on a frame that is not split, for 36
 * loads and 27 shuffles. The last rows and the last vectors overlap those before, so height and width are at least 4,
 * and nothing is written beyond them.
 */
// prettier-ignore
export function square(
  step: i32, frame: usize, rowBytes: usize, height: i32, width: i32, weights: usize, bias: f32, to: usize,
    toRowBytes: usize,
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
        a = multiplyAdd(a, w0, v);
        v = v128.load(p, 4);
        a = multiplyAdd(a, w1, v);
        v = v128.load(p, 8);
        a = multiplyAdd(a, w2, v);
        p += rowBytes;
        v = v128.load(p);
        b = multiplyAdd(b, w0, v);
        a = multiplyAdd(a, w3, v);
        v = v128.load(p, 4);
        b = multiplyAdd(b, w1, v);
        a = multiplyAdd(a, w4, v);
        v = v128.load(p, 8);
        b = multiplyAdd(b, w2, v);
        a = multiplyAdd(a, w5, v);
        p += rowBytes;
        v = v128.load(p);
        c = multiplyAdd(c, w0, v);
        b = multiplyAdd(b, w3, v);
        a = multiplyAdd(a, w6, v);
        v = v128.load(p, 4);
        c = multiplyAdd(c, w1, v);
        b = multiplyAdd(b, w4, v);
        a = multiplyAdd(a, w7, v);
        v = v128.load(p, 8);
        c = multiplyAdd(c, w2, v);
        b = multiplyAdd(b, w5, v);
        a = multiplyAdd(a, w8, v);
        p += rowBytes;
        v = v128.load(p);
        d = multiplyAdd(d, w0, v);
        c = multiplyAdd(c, w3, v);
        b = multiplyAdd(b, w6, v);
        v = v128.load(p, 4);
        d = multiplyAdd(d, w1, v);
        c = multiplyAdd(c, w4, v);
        b = multiplyAdd(b, w7, v);
        v = v128.load(p, 8);
        d = multiplyAdd(d, w2, v);
        c = multiplyAdd(c, w5, v);
        b = multiplyAdd(b, w8, v);
        p += rowBytes;
        v = v128.load(p);
        d = multiplyAdd(d, w3, v);
        c = multiplyAdd(c, w6, v);
        v = v128.load(p, 4);
        d = multiplyAdd(d, w4, v);
        c = multiplyAdd(c, w7, v);
        v = v128.load(p, 8);
        d = multiplyAdd(d, w5, v);
        c = multiplyAdd(c, w8, v);
        p += rowBytes;
        v = v128.load(p);
        d = multiplyAdd(d, w6, v);
        v = v128.load(p, 4);
        d = multiplyAdd(d, w7, v);
        v = v128.load(p, 8);
        d = multiplyAdd(d, w8, v);
      } else {
        v = v128.load(p); u = v128.load(p, 16);
        e = v128.shuffle<f32>(v, u, 0, 2, 4, 6);
        a = multiplyAdd(a, w0, e);
        e = v128.shuffle<f32>(v, u, 1, 3, 5, 7);
        a = multiplyAdd(a, w1, e);
        e = v128.shuffle<f32>(v128.load(p, 8), v128.load(p, 24), 0, 2, 4, 6);
        a = multiplyAdd(a, w2, e);
        p += rowBytes;
        v = v128.load(p); u = v128.load(p, 16);
        e = v128.shuffle<f32>(v, u, 0, 2, 4, 6);
        a = multiplyAdd(a, w3, e);
        e = v128.shuffle<f32>(v, u, 1, 3, 5, 7);
        a = multiplyAdd(a, w4, e);
        e = v128.shuffle<f32>(v128.load(p, 8), v128.load(p, 24), 0, 2, 4, 6);
        a = multiplyAdd(a, w5, e);
        p += rowBytes;
        v = v128.load(p); u = v128.load(p, 16);
        e = v128.shuffle<f32>(v, u, 0, 2, 4, 6);
        b = multiplyAdd(b, w0, e);
        a = multiplyAdd(a, w6, e);
        e = v128.shuffle<f32>(v, u, 1, 3, 5, 7);
        b = multiplyAdd(b, w1, e);
        a = multiplyAdd(a, w7, e);
        e = v128.shuffle<f32>(v128.load(p, 8), v128.load(p, 24), 0, 2, 4, 6);
        b = multiplyAdd(b, w2, e);
        a = multiplyAdd(a, w8, e);
        p += rowBytes;
        v = v128.load(p); u = v128.load(p, 16);
        e = v128.shuffle<f32>(v, u, 0, 2, 4, 6);
        b = multiplyAdd(b, w3, e);
        e = v128.shuffle<f32>(v, u, 1, 3, 5, 7);
        b = multiplyAdd(b, w4, e);
        e = v128.shuffle<f32>(v128.load(p, 8), v128.load(p, 24), 0, 2, 4, 6);
        b = multiplyAdd(b, w5, e);
        p += rowBytes;
        v = v128.load(p); u = v128.load(p, 16);
        e = v128.shuffle<f32>(v, u, 0, 2, 4, 6);
        c = multiplyAdd(c, w0, e);
        b = multiplyAdd(b, w6, e);
        e = v128.shuffle<f32>(v, u, 1, 3, 5, 7);
        c = multiplyAdd(c, w1, e);
        b = multiplyAdd(b, w7, e);
        e = v128.shuffle<f32>(v128.load(p, 8), v128.load(p, 24), 0, 2, 4, 6);
        c = multiplyAdd(c, w2, e);
        b = multiplyAdd(b, w8, e);
        p += rowBytes;
        v = v128.load(p); u = v128.load(p, 16);
        e = v128.shuffle<f32>(v, u, 0, 2, 4, 6);
        c = multiplyAdd(c, w3, e);
        e = v128.shuffle<f32>(v, u, 1, 3, 5, 7);
        c = multiplyAdd(c, w4, e);
        e = v128.shuffle<f32>(v128.load(p, 8), v128.load(p, 24), 0, 2, 4, 6);
        c = multiplyAdd(c, w5, e);
        p += rowBytes;
        v = v128.load(p); u = v128.load(p, 16);
        e = v128.shuffle<f32>(v, u, 0, 2, 4, 6);
        d = multiplyAdd(d, w0, e);
        c = multiplyAdd(c, w6, e);
        e = v128.shuffle<f32>(v, u, 1, 3, 5, 7);
        d = multiplyAdd(d, w1, e);
        c = multiplyAdd(c, w7, e);
        e = v128.shuffle<f32>(v128.load(p, 8), v128.load(p, 24), 0, 2, 4, 6);
        d = multiplyAdd(d, w2, e);
        c = multiplyAdd(c, w8, e);
        p += rowBytes;
        v = v128.load(p); u = v128.load(p, 16);
        e = v128.shuffle<f32>(v, u, 0, 2, 4, 6);
        d = multiplyAdd(d, w3, e);
        e = v128.shuffle<f32>(v, u, 1, 3, 5, 7);
        d = multiplyAdd(d, w4, e);
        e = v128.shuffle<f32>(v128.load(p, 8), v128.load(p, 24), 0, 2, 4, 6);
        d = multiplyAdd(d, w5, e);
        p += rowBytes;
        v = v128.load(p); u = v128.load(p, 16);
        e = v128.shuffle<f32>(v, u, 0, 2, 4, 6);
        d = multiplyAdd(d, w6, e);
        e = v128.shuffle<f32>(v, u, 1, 3, 5, 7);
        d = multiplyAdd(d, w7, e);
        e = v128.shuffle<f32>(v128.load(p, 8), v128.load(p, 24), 0, 2, 4, 6);
        d = multiplyAdd(d, w8, e);
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
