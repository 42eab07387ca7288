import { symmetricUniforms } from "../testing/uniforms.ts";
import { expect, test } from "vitest";
import { fftBound, fftLevels } from "./fft.ts";
import { IEEE_FLOAT32, roundingModel } from "./float32.ts";
import { packedNorms, transformedPairs } from "./transformed.ts";

const f = Math.fround;

/** Real and imaginary parts of a square complex image of a power-of-two width. */
interface Image {
  readonly re: Float32Array;
  readonly im: Float32Array;
}

/**
 * Radix-2 transform in place along one axis of a square image, every operation rounded to float32; `twist` is the error
 * of one twiddle factor.
 */
function transformAxis(
  { re, im }: Image,
  width: number,
  step: number,
  stride: number,
  sign: number,
  twist: number,
): void {
  for (let line = 0; line < width; line++) {
    const at = (index: number): number => line * stride + index * step;
    for (let index = 1, reversed = 0; index < width; index++) {
      let bit = width >> 1;
      for (; (reversed & bit) !== 0; bit >>= 1) reversed ^= bit;
      reversed |= bit;
      if (index >= reversed) continue;
      [re[at(index)], re[at(reversed)]] = [re[at(reversed)]!, re[at(index)]!];
      [im[at(index)], im[at(reversed)]] = [im[at(reversed)]!, im[at(index)]!];
    }
    for (let half = 1; half < width; half *= 2) {
      for (let k = 0; k < half; k++) {
        const angle = (sign * Math.PI * k) / half;
        const modulus = k === 1 && half === 2 ? 1 + twist : 1;
        const c = f(modulus * Math.cos(angle));
        const s = f(modulus * Math.sin(angle));
        for (let start = k; start < width; start += 2 * half) {
          const a = at(start);
          const b = at(start + half);
          const productRe = f(f(re[b]! * c) - f(im[b]! * s));
          const productIm = f(f(re[b]! * s) + f(im[b]! * c));
          re[b] = re[a]! - productRe;
          im[b] = im[a]! - productIm;
          re[a] = re[a]! + productRe;
          im[a] = im[a]! + productIm;
        }
      }
    }
  }
}

function transform(image: Image, width: number, sign: number, twist = 0): void {
  transformAxis(image, width, 1, width, sign, twist);
  transformAxis(image, width, width, 1, sign, twist);
}

type Planes = readonly Float32Array[];

interface Variant {
  /** Puts channels 2i and 2i + 1 into one complex transform, as its real and imaginary part. */
  readonly packed?: boolean;
  /**
   * Relative error of one twiddle factor's modulus (an error of its angle would hide, to first order, in the imaginary
   * part).
   */
  readonly twist?: number;
}

function embed(plane: Float32Array, size: number, into: Float32Array, width: number): void {
  for (let row = 0; row < size; row++) into.set(plane.subarray(row * size, (row + 1) * size), row * width);
}

function spectra(planes: Planes, size: number, width: number, { packed = false, twist = 0 }: Variant): Image[] {
  const empty = (): Image => ({ re: new Float32Array(width * width), im: new Float32Array(width * width) });
  const together = packed ? 2 : 1;
  const result: Image[] = [];
  for (let first = 0; first < planes.length; first += together) {
    const mixed = empty();
    embed(planes[first]!, size, mixed.re, width);
    const second = packed ? planes[first + 1] : undefined;
    if (second !== undefined) embed(second, size, mixed.im, width);
    transform(mixed, width, -1, twist);
    if (second === undefined) {
      result.push(mixed);
      continue;
    }
    // Z = X1 + i·X2 with Hermitian X1, X2: X1 = (Z(k) + Z*(−k))/2, X2 = (Z(k) − Z*(−k))/(2i).
    const [one, two] = [empty(), empty()];
    for (let row = 0; row < width; row++) {
      for (let column = 0; column < width; column++) {
        const at = row * width + column;
        const mirror = ((width - row) % width) * width + ((width - column) % width);
        one.re[at] = f(mixed.re[at]! + mixed.re[mirror]!) / 2;
        one.im[at] = f(mixed.im[at]! - mixed.im[mirror]!) / 2;
        two.re[at] = f(mixed.im[at]! + mixed.im[mirror]!) / 2;
        two.im[at] = f(mixed.re[mirror]! - mixed.re[at]!) / 2;
      }
    }
    result.push(one, two);
  }
  return result;
}

/**
 * Full linear convolution of summed channels, size·size images with taps·taps kernels, (size + taps − 1)² outputs in
 * width·width.
 */
function fftConvolution(
  x: Planes,
  w: Planes,
  size: number,
  taps: number,
  width: number,
  variant: Variant = {},
): Float32Array {
  const left = spectra(x, size, width, variant);
  const right = spectra(w, taps, width, { ...variant, twist: 0 });
  const total: Image = { re: new Float32Array(width * width), im: new Float32Array(width * width) };
  left.forEach((a, channel) => {
    const b = right[channel]!;
    for (let at = 0; at < width * width; at++) {
      total.re[at] = total.re[at]! + f(f(a.re[at]! * b.re[at]!) - f(a.im[at]! * b.im[at]!));
      total.im[at] = total.im[at]! + f(f(a.re[at]! * b.im[at]!) + f(a.im[at]! * b.re[at]!));
    }
  });
  transform(total, width, 1);
  return total.re.map((value) => value / (width * width));
}

function directConvolution(x: Planes, w: Planes, size: number, taps: number, width: number): Float64Array {
  const y = new Float64Array(width * width);
  x.forEach((image, channel) => {
    for (let r = 0; r < taps; r++) {
      for (let s = 0; s < taps; s++) {
        const weight = w[channel]![r * taps + s]!;
        for (let row = 0; row < size; row++) {
          for (let column = 0; column < size; column++) {
            const to = (row + r) * width + column + s;
            y[to] = y[to]! + image[row * size + column]! * weight;
          }
        }
      }
    }
  });
  return y;
}

type Kind = "uniform" | "positive" | "scales" | "subnormal";

function draw(kind: Kind, channels: number, size: number, next: () => number): Float32Array[] {
  const value: Readonly<Record<Kind, () => number>> = {
    uniform: next,
    positive: () => 1 + next() / 4,
    scales: () => next() * 2 ** Math.floor(12 * next()),
    subnormal: () => next() * 2 ** -68,
  };
  return Array.from({ length: channels }, () => Float32Array.from({ length: size * size }, value[kind]));
}

const norm = (plane: Float32Array): number => Math.sqrt(plane.reduce((sum, value) => sum + value * value, 0));

interface Case {
  readonly x: Planes;
  readonly w: Planes;
  readonly size: number;
  readonly taps: number;
  readonly width: number;
}

function drawCase(kind: Kind, channels: number, size: number, taps: number, seed: number): Case {
  const next = symmetricUniforms(seed + 1);
  const levels = Math.ceil(Math.log2(size + taps - 1));
  return { x: draw(kind, channels, size, next), w: draw(kind, channels, taps, next), size, taps, width: 2 ** levels };
}

function bound({ x, w, size, taps }: Case, packed: boolean, model = IEEE_FLOAT32): number {
  const mixed = packed ? packedNorms : (norms: readonly number[]): readonly number[] => norms;
  const operands = transformedPairs(mixed(x.map(norm)), mixed(w.map(norm)));
  return fftBound({ levels: fftLevels([size, size], [taps, taps]), operands }, model);
}

function margin(problem: Case, got: Float32Array, packed = false): number {
  const expected = directConvolution(problem.x, problem.w, problem.size, problem.taps, problem.width);
  const error = expected.reduce((worst, value, index) => Math.max(worst, Math.abs(got[index]! - value)), 0);
  return error / bound(problem, packed);
}

const run = ({ x, w, size, taps, width }: Case, variant: Variant = {}): Float32Array =>
  fftConvolution(x, w, size, taps, width, variant);

test("levels: a power of two on each axis, and one more", () => {
  expect(fftLevels([27, 27], [5, 5])).toBe(5 + 5 + 1);
  expect(fftLevels([28, 29], [5, 5])).toBe(5 + 6 + 1);
  expect(fftLevels([1], [1])).toBe(1);
});

test("packed norms mix each plane with the largest other one", () => {
  expect([...packedNorms([3, 4])]).toEqual([5, 5]);
  expect([...packedNorms([0, 12, 5])]).toEqual([12, 13, 13]);
  expect([...packedNorms([2])]).toEqual([2]);
});

test.each([
  { kind: "uniform", atLeast: 2e-3 },
  { kind: "positive", atLeast: 2e-3 },
  { kind: "scales", atLeast: 2e-3 },
  { kind: "subnormal", atLeast: 0 },
] as const)("a float32 FFT convolution stays inside: $kind", ({ kind, atLeast }) => {
  let worst = 0;
  for (let seed = 0; seed < 60; seed++) {
    const problem = drawCase(kind, 1 + (seed % 4), 1 + ((seed * 5) % 12), 1 + (seed % 5), seed);
    for (const packed of [false, true]) worst = Math.max(worst, margin(problem, run(problem, { packed }), packed));
  }
  expect(worst).toBeLessThan(1);
  expect(worst).toBeGreaterThanOrEqual(atLeast);
});

test("a faint image packed with a bright one needs the norm of both", () => {
  const problem = drawCase("uniform", 2, 12, 3, 5);
  const faint = { ...problem, x: [problem.x[0]!.map((value) => value * 2 ** -20), problem.x[1]!] };
  // Only the faint channel is read.
  const half = { ...faint, w: [faint.w[0]!, faint.w[1]!.map(() => 0)] };
  const got = run(half, { packed: true });
  expect(margin(half, got, true)).toBeLessThan(1);
  expect(margin(half, got, false)).toBeGreaterThan(1);
});

test("AlexNet conv2's planes: 27×27, 96 channels", () => {
  const problem = drawCase("uniform", 96, 27, 5, 3);
  const found = margin(problem, run(problem));
  expect(found).toBeLessThan(1);
  expect(found).toBeGreaterThan(1e-5);
});

test("a wrong twiddle factor, a dropped channel and a dropped term show", () => {
  for (let seed = 0; seed < 20; seed++) {
    const problem = drawCase("uniform", 1 + (seed % 4), 8 + (seed % 5), 3 + 2 * (seed % 2), seed);
    expect(margin(problem, run(problem, { twist: 1e-3 }))).toBeGreaterThan(1);
    const dropped = problem.w.map((plane, channel) =>
      plane.map((value, index) => (channel === 0 && index === 4 ? 0 : value)),
    );
    expect(margin(problem, run({ ...problem, w: dropped }))).toBeGreaterThan(1);
    // One term of one output element.
    const got = run(problem);
    const row = problem.size >> 1;
    const at = row * problem.width + row;
    got[at] = got[at]! - problem.x[0]![row * problem.size + row]! * problem.w[0]![0]!;
    expect(margin(problem, got)).toBeGreaterThan(1);
  }
});

test("the constant: to first order (12.7·t + 2.8·p)·u of the norms", () => {
  const operands = { pairs: 8, normProduct: 1, normSum: 2, largestNorm: 1 };
  const first = 3 * 11 * (2 + Math.sqrt(5)) + 2 * Math.SQRT2 * 8 + 2;
  expect(fftBound({ levels: 11, operands }) / (first * 2 ** -24)).toBeCloseTo(1, 2);
  expect(fftBound({ levels: 11, operands, partnerNormProduct: 1 }) / (first * 2 ** -24)).toBeGreaterThan(1.2);
});

test("other arithmetic: wider bounds, and none where a spectrum may leave float16", () => {
  const problem = drawCase("uniform", 2, 8, 3, 1);
  const plain = bound(problem, false);
  expect(bound(problem, false, roundingModel({ arithmetic: "flushes-subnormals" }))).toBeGreaterThanOrEqual(plain);
  const half = bound(problem, false, roundingModel({ precision: "f16" }));
  expect(half).toBeGreaterThan(2 ** -10 * 1);
  const bright = { ...problem, x: problem.x.map((plane) => plane.map((value) => value * 1e4)) };
  expect(bound(bright, false, roundingModel({ precision: "f16" }))).toBe(Infinity);
});
