import { spatialAxes } from "../../reference/axis.ts";
import { convolve, type Call } from "./convolution.ts";

/**
 * A pass by one-dimensional Fourier transforms in float64. Along each axis the operands are spread out (dilation's and
 * stride's zeros stored) in rows long enough that no sum wraps into the next: then a convolution of several axes is one
 * of the flattened rows. y = x ⋆ w, dX = dy ∗ w and dW = x ⋆ dy, where ⋆ is correlation and ∗ convolution.
 */
export function fourier(call: Call): void {
  const { problem, pass, first, second, out, bias, dBias } = call;
  const axes = spatialAxes(problem);
  const { batch, inChannels, outChannels, groups } = problem;
  const [perIn, perOut] = [inChannels / groups, outChannels / groups];
  // Coordinates of each operand: x at i + pad, w at r·dilation, dy or y at o·stride.
  const input = axes.map(({ input: count, padBegin }) => ({ count, at: (i: number) => i + padBegin }));
  const kernel = axes.map(({ kernel: count, dilation }) => ({ count, at: (r: number) => r * dilation }));
  const output = axes.map(({ output: count, stride }) => ({ count, at: (o: number) => o * stride }));
  const lengths = axes.map(
    (_, a) => Math.max(...[input, kernel, output].map((grid) => grid[a]!.at(grid[a]!.count - 1))) + 1,
  );
  // The lags of a correlation go from −(length − 1) to length − 1.
  const rows = lengths.map((length) => 2 * length);
  const steps = [rows[1]! * rows[2]!, rows[2]!, 1];
  const size = 2 ** Math.ceil(Math.log2(2 * rows[0]! * steps[0]!));
  if (size > 2 ** 20)
    return convolve(call, {
      sum: (products, count) => products.subarray(0, count).reduce((sum, value) => sum + value, 0),
    });

  const flat = (grid: typeof input): number[] => {
    let indices = [0];
    grid.forEach(({ count, at }, a) => {
      indices = indices.flatMap((index) => Array.from({ length: count }, (_, i) => index + at(i) * steps[a]!));
    });
    return indices;
  };
  const [xs, ws, ys] = [flat(input), flat(kernel), flat(output)];
  const [firstAt, secondAt, outAt] =
    pass === "forward" ? [xs, ws, ys] : pass === "backwardData" ? [ys, ws, xs] : [xs, ys, ws];
  const spectra = (tensor: Float32Array, positions: readonly number[]): Spectrum[] =>
    Array.from({ length: tensor.length / positions.length }, (_, plane) => {
      const spectrum: Spectrum = { re: new Float64Array(size), im: new Float64Array(size) };
      positions.forEach((at, i) => (spectrum.re[at] = tensor[plane * positions.length + i]!));
      transform(spectrum);
      return spectrum;
    });
  const [a, b] = [spectra(first, firstAt), spectra(second, secondAt)];
  const isConvolution = pass === "backwardData";
  const invert = (plane: number, pairs: readonly (readonly [number, number])[], addend: number): void => {
    const sum: Spectrum = { re: new Float64Array(size), im: new Float64Array(size) };
    for (const [i, j] of pairs) addProduct(sum, a[i]!, b[j]!, isConvolution);
    // The inverse transform is the forward one of the conjugate.
    for (let i = 0; i < size; i++) sum.im[i] = -sum.im[i]!;
    transform(sum);
    outAt.forEach((at, i) => (out[plane * outAt.length + i] = sum.re[at]! / size + addend));
  };
  const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
  if (pass === "forward") {
    for (let plane = 0; plane < batch * outChannels; plane++) {
      const [n, k] = [Math.floor(plane / outChannels), plane % outChannels];
      const base = n * inChannels + Math.floor(k / perOut) * perIn;
      invert(
        plane,
        range(perIn).map((c) => [base + c, k * perIn + c]),
        bias?.[k] ?? 0,
      );
    }
  } else if (pass === "backwardData") {
    for (let plane = 0; plane < batch * inChannels; plane++) {
      const [n, c] = [Math.floor(plane / inChannels), plane % inChannels];
      const base = Math.floor(c / perIn) * perOut;
      invert(
        plane,
        range(perOut).map((k) => [n * outChannels + base + k, (base + k) * perIn + (c % perIn)]),
        0,
      );
    }
  } else {
    for (let plane = 0; plane < outChannels * perIn; plane++) {
      const [k, c] = [Math.floor(plane / perIn), plane % perIn];
      const channel = Math.floor(k / perOut) * perIn + c;
      invert(
        plane,
        range(batch).map((n) => [n * inChannels + channel, n * outChannels + k]),
        0,
      );
    }
  }
  dBias?.forEach((_, k) => {
    let sum = 0;
    for (let n = 0; n < batch; n++)
      for (let i = 0; i < ys.length; i++) sum += second[(n * outChannels + k) * ys.length + i]!;
    dBias[k] = sum;
  });
}

interface Spectrum {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** sum += a·b, or a·conj(b) for a correlation. */
function addProduct(sum: Spectrum, a: Spectrum, b: Spectrum, isConvolution: boolean): void {
  const sign = isConvolution ? 1 : -1;
  for (let i = 0; i < sum.re.length; i++) {
    const bIm = sign * b.im[i]!;
    sum.re[i] = sum.re[i]! + a.re[i]! * b.re[i]! - a.im[i]! * bIm;
    sum.im[i] = sum.im[i]! + a.re[i]! * bIm + a.im[i]! * b.re[i]!;
  }
}

/** The discrete Fourier transform in place, radix 2. Source: Cooley and Tukey, Math. Comp. 19 (1965) 297–301. */
function transform({ re, im }: Spectrum): void {
  const size = re.length;
  for (let i = 1, j = 0; i < size; i++) {
    let bit = size >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [re[i], re[j]] = [re[j]!, re[i]!];
      [im[i], im[j]] = [im[j]!, im[i]!];
    }
  }
  for (let half = 1; half < size; half *= 2) {
    for (let offset = 0; offset < half; offset++) {
      const [cos, sin] = [Math.cos((Math.PI * offset) / half), -Math.sin((Math.PI * offset) / half)];
      for (let i = offset; i < size; i += 2 * half) {
        const j = i + half;
        const [oddRe, oddIm] = [re[j]! * cos - im[j]! * sin, re[j]! * sin + im[j]! * cos];
        re[j] = re[i]! - oddRe;
        im[j] = im[i]! - oddIm;
        re[i] = re[i]! + oddRe;
        im[i] = im[i]! + oddIm;
      }
    }
  }
}
