import { winogradMatrices } from "../../../reference/bounds/winograd.ts";
import { product } from "./im2col.ts";

export interface Complex {
  readonly re: number;
  readonly im: number;
}

/** The discrete Fourier transform, by its definition. */
export function fourier(values: readonly Complex[], inverse = false): readonly Complex[] {
  const length = values.length;
  const sign = inverse ? 1 : -1;
  return values.map((_, frequency) => {
    let [re, im] = [0, 0];
    values.forEach((value, at) => {
      const angle = (sign * 2 * Math.PI * ((frequency * at) % length)) / length;
      re += value.re * Math.cos(angle) - value.im * Math.sin(angle);
      im += value.re * Math.sin(angle) + value.im * Math.cos(angle);
    });
    return inverse ? { re: re / length, im: im / length } : { re, im };
  });
}

/** The full convolution of two rows by transforms: both padded to its length, multiplied frequency by frequency. */
export function byFourier(x: readonly number[], w: readonly number[]) {
  const length = x.length + w.length - 1;
  const padded = (values: readonly number[]): readonly Complex[] =>
    Array.from({ length }, (_, at) => ({ re: values[at] ?? 0, im: 0 }));
  const [spectrumX, spectrumW] = [fourier(padded(x)), fourier(padded(w))];
  const products = spectrumX.map((a, at) => {
    const b = spectrumW[at] ?? { re: 0, im: 0 };
    return { re: a.re * b.re - a.im * b.im, im: a.re * b.im + a.im * b.re };
  });
  return { spectrumX, spectrumW, products, y: fourier(products, true).map(({ re }) => re) };
}

/**
 * Multiplications for `size`² inputs and a kernel of `kernel`²: direct, and by fast transforms (radix 2, real
 * input).
 */
export function multiplications(size: number, kernel: number): { readonly direct: number; readonly fourier: number } {
  const side = 2 ** Math.ceil(Math.log2(size));
  // A complex transform of n numbers takes n/2·log₂ n complex products, each of 4; real data halve it.
  const transform = (side * side * Math.log2(side * side) * 4) / 2 / 2;
  const products = (side * side * 4) / 2;
  return { direct: (size - kernel + 1) ** 2 * kernel ** 2, fourier: 3 * transform + products };
}

/** Winograd's F(m, r) on one tile of m + r − 1 inputs: every step, and the m outputs (cross-correlation). */
export function byWinograd(m: number, tile: readonly number[], w: readonly number[]) {
  const { aT, g, bT } = winogradMatrices(m, w.length);
  const column = (values: readonly number[]): number[][] => values.map((value) => [value]);
  const data = product(bT, column(tile)).flat();
  const weights = product(g, column(w)).flat();
  const products = data.map((value, at) => value * (weights[at] ?? 0));
  return { aT, g, bT, data, weights, products, y: product(aT, column(products)).flat() };
}
