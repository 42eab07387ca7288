/** Direct sums in several precisions. */
import { flushed, roundedBits, truncated as cutBits } from "../../../suites/mutants/rounding.ts";
import { direct, USUAL, type Known } from "./known.ts";
import * as sums from "./sums.ts";

const { rounded, fused, inFloat64, inFloat16, truncated, sequence, lanes } = sums;
const F32 = { type: "f32", rounding: "nearest" } as const;
const unbiased = (sum: number): number => sum;

export const PRECISIONS: readonly Known[] = [
  direct(
    "float64",
    { sum: sequence(inFloat64) },
    {
      accumulator: { type: "f64" },
      fma: null,
      products: "f32",
      order: { shape: "sequence" },
    },
  ),
  direct(
    "float64-lanes",
    { sum: lanes(4, inFloat64, "halves") },
    { accumulator: { type: "f64", between: "f32" }, order: { shape: "lanes", lanes: 4 } },
  ),
  direct(
    "float64-blocks",
    { sum: sums.blocks(12, sequence(inFloat64)) },
    {
      accumulator: { type: "f64", between: "f32" },
      order: { shape: "blocks", block: 12 },
    },
  ),
  direct(
    "float64-blocks-added-whole",
    {
      sum: (products, count) => {
        let stored = 0;
        for (let i = 0; i < count; i += 24)
          stored = Math.fround(stored + sequence(inFloat64)(products.subarray(i), Math.min(24, count - i)));
        return stored;
      },
    },
    { accumulator: { type: "f64", between: "f32" }, order: { shape: "blocks", block: 24 } },
  ),
  direct(
    "float64-stored-every-32",
    {
      sum: (products, count) => {
        let sum = 0;
        for (let i = 0; i < count; i++) {
          sum += products[i]!;
          if (i % 32 === 31) sum = Math.fround(sum);
        }
        return Math.fround(sum);
      },
    },
    { accumulator: { type: "f64", roundedEvery: 32 }, order: { shape: "sequence" } },
  ),
  direct(
    "float16-sums",
    { sum: sequence(inFloat16), store: (sum, bias) => Math.f16round(sum + Math.f16round(bias)) },
    {
      accumulator: { type: "f16", rounding: "nearest" },
      order: { shape: "sequence" },
    },
  ),
  direct(
    "truncated",
    { sum: sequence(truncated), store: (sum, bias) => truncated(sum, bias) },
    {
      accumulator: { type: "f32", rounding: "toward-zero" },
      order: { shape: "sequence" },
    },
  ),
  direct(
    "truncated-lanes",
    {
      sum: (products, count) => {
        const four = [0, 0, 0, 0];
        for (let i = 0; i < count; i++) four[i % 4] = truncated(four[i % 4]!, products[i]!);
        return truncated(truncated(four[0]!, four[2]!), truncated(four[1]!, four[3]!));
      },
      store: unbiased,
    },
    { accumulator: { type: "f32", rounding: "toward-zero" }, order: { shape: "lanes", lanes: 4 } },
    { ...USUAL, bias: false },
  ),
  direct("tf32", { convert: roundedBits(13), sum: sequence(rounded) }, { products: "tf32", accumulator: F32 }),
  direct(
    "tf32-cut",
    { convert: cutBits(13), sum: sequence(fused) },
    { products: "tf32", order: { shape: "sequence" } },
  ),
  direct(
    "bf16",
    { convert: roundedBits(16), sum: lanes(8, fused, "halves") },
    { products: "bf16", order: { lanes: 8 } },
  ),
  direct(
    "f16",
    { convert: Math.f16round, sum: sequence(fused) },
    {
      products: "f16",
      accumulator: F32,
      order: { shape: "sequence" },
      subnormals: null,
    },
  ),
  direct("bf16x6", { product: threeParts, sum: sequence(rounded) }, { products: null, order: null }),
  direct(
    "tf32x3",
    { product: splitProduct(13), sum: sequence(fused) },
    { products: "tf32x3", order: { shape: "sequence" }, accumulator: F32 },
  ),
  direct(
    "bf16-float64",
    { convert: roundedBits(16), sum: sequence(inFloat64) },
    { products: "bf16", accumulator: { type: "f64" }, order: { shape: "sequence" } },
  ),
  direct(
    "float64-of-rounded-products",
    { sum: sequence((sum, product) => sum + Math.fround(product)) },
    { accumulator: { type: "f64" }, fma: false, order: { shape: "sequence" } },
  ),
  direct(
    "float16-blocks-promoted",
    { sum: sums.blocks(8, sequence(inFloat16)) },
    { order: { shape: "blocks", block: 8 } },
  ),
  direct(
    "int8",
    { convert: (value) => Math.max(-128, Math.min(127, Math.round(64 * value))) / 64 },
    { products: null, zeros: null },
  ),
  direct("bf16x3", { product: splitProduct(16), sum: sequence(rounded) }, { products: "bf16x3" }),
  direct(
    "flushes-inputs",
    { convert: flushed, sum: sequence(rounded) },
    {
      subnormals: { inputs: "flushed", weights: "flushed", products: "kept", sums: "kept" },
    },
  ),
  direct(
    "flushes-all",
    {
      convert: flushed,
      sum: sequence((sum, product) => flushed(Math.fround(sum + flushed(Math.fround(product))))),
      store: (sum, bias) => flushed(sum + bias),
    },
    { subnormals: { inputs: "flushed", weights: "flushed", products: "flushed", sums: "flushed" } },
  ),
  direct(
    "skips-zeros",
    { product: (a, b) => (a === 0 || b === 0 ? 0 : a * b), sum: sequence(fused) },
    {
      zeros: { padding: "skipped", data: "skipped" },
      order: { shape: "sequence" },
    },
  ),
];

/** A product of two sums of two numbers with so many bits less, without the low times low term. */
function splitProduct(bits: number): (a: number, b: number) => number {
  const high = roundedBits(bits);
  return (a, b) => {
    const [first, second] = [high(a), high(b)];
    const [low, light] = [high(a - first), high(b - second)];
    return first * second + first * light + low * second;
  };
}

/** A product of two sums of three bfloat16, six of the nine products. */
function threeParts(a: number, b: number): number {
  const bf16 = roundedBits(16);
  const parts = (value: number): readonly [number, number, number] => {
    const first = bf16(value);
    const second = bf16(value - first);
    return [first, second, bf16(value - first - second)];
  };
  const [[a0, a1, a2], [b0, b1, b2]] = [parts(a), parts(b)];
  return [a2 * b0, a0 * b2, a1 * b1, a1 * b0, a0 * b1, a0 * b0].reduce((sum, part) => Math.fround(sum + part));
}
