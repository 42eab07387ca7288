/**
 * The discrete Fourier transform of many signals at once, for lengths 2^a·3^b·5^c, by Stockham's autosort algorithm.
 *
 * A transform of length r·m is r transforms of length m: small transforms of every m-th sample ("butterflies"), times
 * roots of unity ("twiddles"), leave r signals of length m, and the transform of the j-th holds the
 * frequencies j, j + r, j + 2r, … Stockham's form writes every pass to the other of two buffers, in an order such that
 * the result comes out sorted: no bit reversal, and the innermost loop always runs over neighbours. Here the signals
 * themselves are neighbours ([length][signals]), so that this loop is long and loads a twiddle once.
 *
 * Source: Van Loan, Computational Frameworks for the Fast Fourier Transform, SIAM 1992, §1.7 and §2.4.
 */

/** Complex numbers as two arrays, in float64 so that the only rounding to float32 is that of the result. */
export interface ComplexArray {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

export function complexArray(length: number): ComplexArray {
  return { re: new Float64Array(length), im: new Float64Array(length) };
}

/** The smallest length ≥ `least` that is 2^a·3^b·5^c. */
export function transformLength(least: number): number {
  let length = Math.max(1, least);
  while (radices(length) === undefined) length++;
  return length;
}

type Radix = 2 | 3 | 4 | 5;

/** The passes of a length, or undefined where a larger prime divides it. */
function radices(length: number): Radix[] | undefined {
  const passes: Radix[] = [];
  for (const radix of [5, 4, 3, 2] as const)
    while (length % radix === 0) {
      passes.push(radix);
      length /= radix;
    }
  return length === 1 ? passes : undefined;
}

interface FourierPass {
  readonly radix: Radix;
  /** Length of the transforms that this pass leaves to do. */
  readonly rest: number;
  /** Product of the radices before. */
  readonly done: number;
  /** For p < rest and 0 < j < radix: exp(−2πi·p·j / (radix·rest)). */
  readonly twiddles: ComplexArray;
}

/** Transforms of one length. */
export class FourierTransform {
  readonly length: number;
  private readonly passes: readonly FourierPass[];

  /** @throws Error where the length is not 2^a·3^b·5^c */
  constructor(length: number) {
    const factors = radices(length);
    if (factors === undefined) throw new Error(`transform length ${length} has a prime factor above 5`);
    this.length = length;
    let done = 1;
    this.passes = factors.map((radix) => {
      const pass = { radix, rest: length / done / radix, done, twiddles: twiddles(radix, length / done) };
      done *= radix;
      return pass;
    });
  }

  /**
   * X[f] = Σ_t x[t]·exp(−2πi·f·t / length), in place, for `signals` signals that lie sample by sample from `start` on.
   * With re and im exchanged in `data` it is `length` times the inverse. `scratch` is of the same size as the data.
   */
  run(data: ComplexArray, start: number, signals: number, scratch: ComplexArray): void {
    let [from, to] = [data, scratch];
    let [fromAt, toAt] = [start, 0];
    for (const pass of this.passes) {
      butterflies(pass, signals, from, fromAt, to, toAt);
      [from, to] = [to, from];
      [fromAt, toAt] = [toAt, fromAt];
    }
    if (from === data) return;
    data.re.set(scratch.re.subarray(0, this.length * signals), start);
    data.im.set(scratch.im.subarray(0, this.length * signals), start);
  }
}

function twiddles(radix: number, length: number): ComplexArray {
  const roots = complexArray((length / radix) * (radix - 1));
  let at = 0;
  for (let p = 0; p < length / radix; p++)
    for (let j = 1; j < radix; j++) {
      const angle = (-2 * Math.PI * p * j) / length;
      roots.re[at] = Math.cos(angle);
      roots.im[at++] = Math.sin(angle);
    }
  return roots;
}

/** One pass: sample p + rest·i of the transforms still to do, i < radix, becomes sample radix·p + j. */
function butterflies(
  { radix, rest, done, twiddles: { re, im } }: FourierPass,
  signals: number,
  from: ComplexArray,
  fromAt: number,
  to: ComplexArray,
  toAt: number,
): void {
  const run = done * signals;
  const hop = rest * run;
  for (let p = 0; p < rest; p++) {
    const t = p * (radix - 1);
    const x = fromAt + p * run;
    const y = toAt + radix * p * run;
    switch (radix) {
      case 2:
        radix2(run, from.re, from.im, x, hop, to.re, to.im, y, re[t]!, im[t]!);
        break;
      case 3:
        radix3(run, from.re, from.im, x, hop, to.re, to.im, y, re, im, t);
        break;
      case 4:
        radix4(run, from.re, from.im, x, hop, to.re, to.im, y, re, im, t);
        break;
      case 5:
        radix5(run, from.re, from.im, x, hop, to.re, to.im, y, re, im, t);
        break;
    }
  }
}

function radix2(
  run: number,
  xr: Float64Array,
  xi: Float64Array,
  x: number,
  hop: number,
  yr: Float64Array,
  yi: Float64Array,
  y: number,
  wr: number,
  wi: number,
): void {
  for (let q = 0; q < run; q++, x++, y++) {
    const ar = xr[x]!;
    const ai = xi[x]!;
    const br = xr[x + hop]!;
    const bi = xi[x + hop]!;
    yr[y] = ar + br;
    yi[y] = ai + bi;
    yr[y + run] = (ar - br) * wr - (ai - bi) * wi;
    yi[y + run] = (ar - br) * wi + (ai - bi) * wr;
  }
}

/** sin(2π/3) */
const SIN_THIRD = Math.sqrt(3) / 2;

function radix3(
  run: number,
  xr: Float64Array,
  xi: Float64Array,
  x: number,
  hop: number,
  yr: Float64Array,
  yi: Float64Array,
  y: number,
  wr: Float64Array,
  wi: Float64Array,
  w: number,
): void {
  const w1r = wr[w]!;
  const w1i = wi[w]!;
  const w2r = wr[w + 1]!;
  const w2i = wi[w + 1]!;
  for (let q = 0; q < run; q++, x++, y++) {
    const ar = xr[x]!;
    const ai = xi[x]!;
    const sumR = xr[x + hop]! + xr[x + 2 * hop]!;
    const sumI = xi[x + hop]! + xi[x + 2 * hop]!;
    const differenceR = SIN_THIRD * (xr[x + hop]! - xr[x + 2 * hop]!);
    const differenceI = SIN_THIRD * (xi[x + hop]! - xi[x + 2 * hop]!);
    yr[y] = ar + sumR;
    yi[y] = ai + sumI;
    const y1r = ar - 0.5 * sumR + differenceI;
    const y1i = ai - 0.5 * sumI - differenceR;
    yr[y + run] = y1r * w1r - y1i * w1i;
    yi[y + run] = y1r * w1i + y1i * w1r;
    const y2r = ar - 0.5 * sumR - differenceI;
    const y2i = ai - 0.5 * sumI + differenceR;
    yr[y + 2 * run] = y2r * w2r - y2i * w2i;
    yi[y + 2 * run] = y2r * w2i + y2i * w2r;
  }
}

function radix4(
  run: number,
  xr: Float64Array,
  xi: Float64Array,
  x: number,
  hop: number,
  yr: Float64Array,
  yi: Float64Array,
  y: number,
  wr: Float64Array,
  wi: Float64Array,
  w: number,
): void {
  const w1r = wr[w]!;
  const w1i = wi[w]!;
  const w2r = wr[w + 1]!;
  const w2i = wi[w + 1]!;
  const w3r = wr[w + 2]!;
  const w3i = wi[w + 2]!;
  for (let q = 0; q < run; q++, x++, y++) {
    const evenSumR = xr[x]! + xr[x + 2 * hop]!;
    const evenSumI = xi[x]! + xi[x + 2 * hop]!;
    const evenR = xr[x]! - xr[x + 2 * hop]!;
    const evenI = xi[x]! - xi[x + 2 * hop]!;
    const oddSumR = xr[x + hop]! + xr[x + 3 * hop]!;
    const oddSumI = xi[x + hop]! + xi[x + 3 * hop]!;
    const oddR = xr[x + hop]! - xr[x + 3 * hop]!;
    const oddI = xi[x + hop]! - xi[x + 3 * hop]!;
    yr[y] = evenSumR + oddSumR;
    yi[y] = evenSumI + oddSumI;
    const y1r = evenR + oddI;
    const y1i = evenI - oddR;
    yr[y + run] = y1r * w1r - y1i * w1i;
    yi[y + run] = y1r * w1i + y1i * w1r;
    const y2r = evenSumR - oddSumR;
    const y2i = evenSumI - oddSumI;
    yr[y + 2 * run] = y2r * w2r - y2i * w2i;
    yi[y + 2 * run] = y2r * w2i + y2i * w2r;
    const y3r = evenR - oddI;
    const y3i = evenI + oddR;
    yr[y + 3 * run] = y3r * w3r - y3i * w3i;
    yi[y + 3 * run] = y3r * w3i + y3i * w3r;
  }
}

/** cos and sin of 2π/5 and 4π/5 */
const COS_1 = Math.cos((2 * Math.PI) / 5);
const COS_2 = Math.cos((4 * Math.PI) / 5);
const SIN_1 = Math.sin((2 * Math.PI) / 5);
const SIN_2 = Math.sin((4 * Math.PI) / 5);

function radix5(
  run: number,
  xr: Float64Array,
  xi: Float64Array,
  x: number,
  hop: number,
  yr: Float64Array,
  yi: Float64Array,
  y: number,
  wr: Float64Array,
  wi: Float64Array,
  w: number,
): void {
  const w1r = wr[w]!;
  const w1i = wi[w]!;
  const w2r = wr[w + 1]!;
  const w2i = wi[w + 1]!;
  const w3r = wr[w + 2]!;
  const w3i = wi[w + 2]!;
  const w4r = wr[w + 3]!;
  const w4i = wi[w + 3]!;
  for (let q = 0; q < run; q++, x++, y++) {
    const ar = xr[x]!;
    const ai = xi[x]!;
    const outerSumR = xr[x + hop]! + xr[x + 4 * hop]!;
    const outerSumI = xi[x + hop]! + xi[x + 4 * hop]!;
    const outerR = xr[x + hop]! - xr[x + 4 * hop]!;
    const outerI = xi[x + hop]! - xi[x + 4 * hop]!;
    const innerSumR = xr[x + 2 * hop]! + xr[x + 3 * hop]!;
    const innerSumI = xi[x + 2 * hop]! + xi[x + 3 * hop]!;
    const innerR = xr[x + 2 * hop]! - xr[x + 3 * hop]!;
    const innerI = xi[x + 2 * hop]! - xi[x + 3 * hop]!;
    yr[y] = ar + outerSumR + innerSumR;
    yi[y] = ai + outerSumI + innerSumI;
    // Outputs 1 and 4, then 2 and 3, are mean ∓ i·turn.
    const mean1R = ar + COS_1 * outerSumR + COS_2 * innerSumR;
    const mean1I = ai + COS_1 * outerSumI + COS_2 * innerSumI;
    const turn1R = SIN_1 * outerR + SIN_2 * innerR;
    const turn1I = SIN_1 * outerI + SIN_2 * innerI;
    yr[y + run] = (mean1R + turn1I) * w1r - (mean1I - turn1R) * w1i;
    yi[y + run] = (mean1R + turn1I) * w1i + (mean1I - turn1R) * w1r;
    yr[y + 4 * run] = (mean1R - turn1I) * w4r - (mean1I + turn1R) * w4i;
    yi[y + 4 * run] = (mean1R - turn1I) * w4i + (mean1I + turn1R) * w4r;
    const mean2R = ar + COS_2 * outerSumR + COS_1 * innerSumR;
    const mean2I = ai + COS_2 * outerSumI + COS_1 * innerSumI;
    const turn2R = SIN_2 * outerR - SIN_1 * innerR;
    const turn2I = SIN_2 * outerI - SIN_1 * innerI;
    yr[y + 2 * run] = (mean2R + turn2I) * w2r - (mean2I - turn2R) * w2i;
    yi[y + 2 * run] = (mean2R + turn2I) * w2i + (mean2I - turn2R) * w2r;
    yr[y + 3 * run] = (mean2R - turn2I) * w3r - (mean2I + turn2R) * w3i;
    yi[y + 3 * run] = (mean2R - turn2I) * w3i + (mean2I + turn2R) * w3r;
  }
}
