import { sumInOrder, type Handles } from "./convolution.ts";

/** A way to sum products, whose rounding the bounds allow. */
export type Sum = NonNullable<Handles["sum"]>;

export const roundedProducts: Sum = (products, count) => {
  let sum = 0;
  for (let i = 0; i < count; i++) sum = Math.fround(sum + Math.fround(products[i]!));
  return sum;
};

export const reversed: Sum = (products, count) => {
  let sum = 0;
  for (let i = count - 1; i >= 0; i--) sum = Math.fround(sum + Math.fround(products[i]!));
  return sum;
};

export const pairwise = (products: Float64Array, count: number): number => {
  const over = (from: number, to: number): number => {
    if (to - from < 2) return from < to ? Math.fround(products[from]!) : 0;
    const middle = (from + to) >> 1;
    return Math.fround(over(from, middle) + over(middle, to));
  };
  return over(0, count);
};

export const blocked =
  (size: number): Sum =>
  (products, count) => {
    let total = 0;
    for (let i = 0; i < count; i += size)
      total = Math.fround(total + sumInOrder(products.subarray(i), Math.min(size, count - i)));
    return total;
  };

/** Lanes that run side by side, as vectors do, and are added at the end. */
export const lanes =
  (width: number): Sum =>
  (products, count) => {
    const sums = new Float32Array(width);
    for (let i = 0; i < count; i++) sums[i % width] = sums[i % width]! + Math.fround(products[i]!);
    return pairwise(Float64Array.from(sums), width);
  };

export const inFloat64: Sum = (products, count) => {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += products[i]!;
  return sum;
};

export const byMagnitude =
  (direction: 1 | -1): Sum =>
  (products, count) =>
    sumInOrder(
      products.subarray(0, count).toSorted((a, b) => direction * (Math.abs(a) - Math.abs(b))),
      count,
    );

/** Positive and negative terms apart: overflow of both makes a NaN where the sum is finite. */
export const bySign: Sum = (products, count) => {
  const all = products.subarray(0, count);
  const [positive, others] = [all.filter((value) => value > 0), all.filter((value) => !(value > 0))];
  return Math.fround(sumInOrder(positive, positive.length) + sumInOrder(others, others.length));
};

/**
 * Source: Kahan, "Further remarks on reducing truncation errors", CACM 8 (1965); its error term is left out once it is
 * not finite.
 */
export const compensated: Sum = (products, count) => {
  let [sum, lost] = [0, 0];
  for (let i = 0; i < count; i++) {
    const term = Math.fround(Math.fround(products[i]!) - lost);
    const next = Math.fround(sum + term);
    const error = Math.fround(Math.fround(next - sum) - term);
    lost = Number.isFinite(error) ? error : 0;
    sum = next;
  }
  return sum;
};
