/** Sums of products in known orders, as plain loops: what `identify` is measured by. */
import type { Call, Handles } from "../../../suites/mutants/convolution.ts";

/** Sums products that are exact in float64. */
export type Sum = (products: Float64Array, count: number) => number;
/** Adds a product to a sum. */
export type Add = (sum: number, product: number) => number;

const round = Math.fround;

/** The product is rounded, then the sum. */
export const rounded: Add = (sum, product) => round(sum + round(product));
/** Only the sum is rounded. */
export const fused: Add = (sum, product) => round(sum + product);
export const inFloat64: Add = (sum, product) => sum + product;
export const inFloat16: Add = (sum, product) => Math.f16round(sum + Math.f16round(product));

const word = new Uint32Array(1);
const single = new Float32Array(word.buffer);

/** A float32 between a number and zero, next to it. */
function cut(value: number): number {
  const near = round(value);
  if (Math.abs(near) <= Math.abs(value)) return near;
  single[0] = near;
  word[0] = word[0]! - 1;
  return single[0];
}

/** Both roundings cut toward zero: exact as long as float64 holds the sum of two float32. */
export const truncated: Add = (sum, product) => cut(sum + cut(product));

export const sequence =
  (add: Add, start = 0): Sum =>
  (products, count) => {
    let sum = start;
    for (let i = 0; i < count; i++) sum = add(sum, products[i]!);
    return sum;
  };

export const backwards =
  (add: Add): Sum =>
  (products, count) => {
    let sum = 0;
    for (let i = count - 1; i >= 0; i--) sum = add(sum, products[i]!);
    return sum;
  };

export type Combine = "sequence" | "halves" | "neighbours";

/** Partial sums in float32. */
export function combine(sums: readonly number[], how: Combine): number {
  let all = sums.map(round);
  if (how === "sequence") return all.reduce((a, b) => round(a + b));
  while (all.length > 1) {
    const half = Math.ceil(all.length / 2);
    const from = all;
    all = Array.from({ length: half }, (_, i) => {
      const [a, b] = how === "halves" ? [from[i], from[i + half]] : [from[2 * i], from[2 * i + 1]];
      return b === undefined ? a! : round(a! + b);
    });
  }
  return all[0] ?? 0;
}

export const lanes =
  (width: number, add: Add, how: Combine): Sum =>
  (products, count) => {
    const sums = Array.from({ length: Math.min(width, count) }, () => 0);
    for (let i = 0; i < count; i++) sums[i % width] = add(sums[i % width]!, products[i]!);
    return combine(sums, how);
  };

/** Lanes over all whole vectors, then what is left one by one. */
export const lanesWithTail =
  (width: number, add: Add): Sum =>
  (products, count) => {
    const whole = count - (count % width);
    let sum = whole === 0 ? 0 : lanes(width, add, "halves")(products, whole);
    for (let i = whole; i < count; i++) sum = add(sum, products[i]!);
    return sum;
  };

export const blocks =
  (size: number, inner: Sum): Sum =>
  (products, count) => {
    let total: number | undefined;
    for (let i = 0; i < count; i += size) {
      const part = round(inner(products.subarray(i), Math.min(size, count - i)));
      total = total === undefined ? part : round(total + part);
    }
    return total ?? 0;
  };

export const split =
  (parts: number, add: Add, how: Combine): Sum =>
  (products, count) => {
    const size = Math.ceil(count / parts);
    const sums: number[] = [];
    for (let i = 0; i < count; i += size) sums.push(sequence(add)(products.subarray(i), Math.min(size, count - i)));
    return combine(sums, how);
  };

/** Blocks, but for what is less than two of them: halves of it. */
export const blocksAndHalves =
  (size: number, inner: Sum): Sum =>
  (products, count) => {
    let total: number | undefined;
    for (let at = 0, part = 0; at < count; at += part) {
      const left = count - at;
      part = left >= 2 * size ? size : left > size ? Math.ceil(left / 2) : left;
      const sum = round(inner(products.subarray(at), part));
      total = total === undefined ? sum : round(total + sum);
    }
    return total ?? 0;
  };

/** Parts of a fixed number, added from the last to the first. */
export const splitBackwards =
  (parts: number, add: Add): Sum =>
  (products, count) => {
    const size = Math.ceil(count / parts);
    return Array.from({ length: parts }, (_, at) =>
      sequence(add)(products.subarray(at * size, count), Math.max(0, Math.min(size, count - at * size))),
    ).reduceRight((sum, part) => round(sum + part));
  };

/** Parts of 1, 2, 4, 8, …. */
export const growingBlocks: Sum = (products, count) => {
  let total = 0;
  for (let at = 0, size = 1; at < count; at += size, size *= 2)
    total = round(total + sequence(rounded)(products.subarray(at), Math.min(size, count - at)));
  return total;
};

export const pairwise: Sum = (products, count) => {
  const over = (from: number, to: number): number => {
    if (to - from < 2) return from < to ? round(products[from]!) : 0;
    const middle = (from + to) >> 1;
    return round(over(from, middle) + over(middle, to));
  };
  return over(0, count);
};

/** Pairwise, down to parts of at most `most` in sequence. */
export const pairwiseParts =
  (most: number, add: Add): Sum =>
  (products, count) => {
    if (count <= most) return sequence(add)(products, count);
    const half = count >> 1;
    const [a, b] = [products.subarray(0, half), products.subarray(half, count)];
    return round(pairwiseParts(most, add)(a, half) + pairwiseParts(most, add)(b, count - half));
  };

export const byMagnitude: Sum = (products, count) =>
  sequence(rounded)(
    products.subarray(0, count).toSorted((a, b) => Math.abs(a) - Math.abs(b)),
    count,
  );

/** The products of a whole window in another order of loops; `order` gives the old places of channel and tap. */
export function reordered(
  { problem }: Call,
  order: (channels: number, rows: number, columns: number) => readonly number[],
  sum: Sum,
): NonNullable<Handles["sum"]> {
  const [rows = 1, columns = 1] = problem.kernel;
  const places = order(problem.inChannels / problem.groups, rows, columns);
  const moved = new Float64Array(places.length);
  return (products, count) => {
    if (count !== places.length) return sum(products, count);
    for (const [at, place] of places.entries()) moved[at] = products[place]!;
    return sum(moved, count);
  };
}

/** Taps outside, channels inside. */
export function tapsOutermost(channels: number, rows: number, columns: number): readonly number[] {
  return Array.from({ length: rows * columns }, (_, tap) =>
    Array.from({ length: channels }, (_unused, c) => c * rows * columns + tap),
  ).flat();
}

/** Columns, then rows, then channels. */
export function columnsOutermost(channels: number, rows: number, columns: number): readonly number[] {
  const order: number[] = [];
  for (let s = 0; s < columns; s++)
    for (let r = 0; r < rows; r++) for (let c = 0; c < channels; c++) order.push((c * rows + r) * columns + s);
  return order;
}

/** Blocks of channels outside, then taps, then the channels of a block. */
export const channelBlocks =
  (size: number) =>
  (channels: number, rows: number, columns: number): readonly number[] => {
    const order: number[] = [];
    for (let block = 0; block < channels; block += size)
      for (let tap = 0; tap < rows * columns; tap++)
        for (let c = block; c < Math.min(block + size, channels); c++) order.push(c * rows * columns + tap);
    return order;
  };
