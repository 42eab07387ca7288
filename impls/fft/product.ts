import type { ComplexArray } from "./transform.ts";

/**
 * For every frequency, the complex matrix product out[b][a] = Σ_t A[a][t]·B[b][t]: by the convolution theorem this is
 * the sum over the channels (or images) t of all the planes' convolutions, and the only step that combines planes.
 * Layouts: A [frequencies][a][t], B [frequencies][b][t], out [frequencies][b][a].
 */
export function spectralProduct(
  frequencies: number,
  aCount: number,
  bCount: number,
  terms: number,
  a: ComplexArray,
  b: ComplexArray,
  out: ComplexArray,
): void {
  let to = 0;
  for (let f = 0; f < frequencies; f++)
    for (let j = 0; j < bCount; j++) {
      const bAt = (f * bCount + j) * terms;
      for (let i = 0; i < aCount; i++, to++) dot(terms, a.re, a.im, (f * aCount + i) * terms, b.re, b.im, bAt, out, to);
    }
}

function dot(
  terms: number,
  ar: Float64Array,
  ai: Float64Array,
  a: number,
  br: Float64Array,
  bi: Float64Array,
  b: number,
  out: ComplexArray,
  to: number,
): void {
  let re = 0;
  let im = 0;
  for (let t = 0; t < terms; t++) {
    re += ar[a + t]! * br[b + t]! - ai[a + t]! * bi[b + t]!;
    im += ar[a + t]! * bi[b + t]! + ai[a + t]! * br[b + t]!;
  }
  out.re[to] = re;
  out.im[to] = im;
}
