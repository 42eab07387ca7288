import { FLOAT_FORMATS } from "../../core/element-types.ts";
import { sumInOrder, type Handles } from "./convolution.ts";
import { ALL, BACKWARD_DATA, BACKWARD_WEIGHTS, mutant, FORWARD, type Mutant } from "./mutant.ts";
import { flushed, roundedBits, truncated } from "./rounding.ts";

const LARGEST = FLOAT_FORMATS.float32.largest;
const clamped = (value: number): number => Math.min(LARGEST, Math.max(-LARGEST, value));

/** Every partial sum rounded again by `round`. */
const accumulatedIn = (round: (value: number) => number): Handles => ({
  sum: (products, count) => {
    let sum = 0;
    for (let i = 0; i < count; i++) sum = round(sum + products[i]!);
    return sum;
  },
});
const productsIn = (round: (value: number) => number): Handles => ({
  sum: (products, count) => sumInOrder(products.subarray(0, count).map(round), count),
});
const storedIn = (round: (value: number) => number): Handles => ({ store: (sum, bias) => round(sum + bias) });

/** Mutants that compute with fewer bits than declared, or lose special values. */
export const NUMBER_MUTANTS: readonly Mutant[] = [
  mutant("precision", "operands-tf32-cut", ALL, () => ({ convert: truncated(13) })),
  mutant("precision", "operands-tf32-rounded", ALL, () => ({ convert: roundedBits(13) })),
  mutant("precision", "operands-bfloat16", ALL, () => ({ convert: roundedBits(16) })),
  mutant("precision", "operands-float16", ALL, () => ({ convert: Math.f16round })),
  mutant("precision", "operands-lose-one-bit", ALL, () => ({ convert: truncated(1) })),
  mutant("precision", "operands-two-bfloat16-parts", ALL, () => ({
    convert: (value) => {
      const high = roundedBits(16)(value);
      return high + roundedBits(16)(value - high);
    },
  })),
  mutant("precision", "accumulator-float16", ALL, () => accumulatedIn(Math.f16round)),
  mutant("precision", "accumulator-bfloat16", ALL, () => accumulatedIn(roundedBits(16))),
  mutant("precision", "accumulator-tf32", ALL, () => accumulatedIn(roundedBits(13))),
  mutant("precision", "accumulator-loses-two-bits", ALL, () => accumulatedIn(truncated(2))),
  mutant("precision", "products-float16", ALL, () => productsIn(Math.f16round)),
  mutant("precision", "products-bfloat16", ALL, () => productsIn(roundedBits(16))),
  mutant("precision", "products-tf32", FORWARD, () => productsIn(roundedBits(13))),
  mutant("precision", "outputs-float16", ALL, () => storedIn(Math.f16round)),
  mutant("precision", "outputs-bfloat16", ALL, () => storedIn(roundedBits(16))),
  mutant("precision", "outputs-rounded-to-six-digits", ALL, () => storedIn((value) => Number(value.toPrecision(6)))),
  mutant("precision", "weights-int8", FORWARD, {
    around: (call, compute) => {
      const scale = call.second.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0) / 127 || 1;
      compute({ ...call, second: call.second.map((weight) => Math.round(weight / scale) * scale) });
    },
  }),
  mutant("precision", "backward-data-operands-tf32", BACKWARD_DATA, () => ({ convert: truncated(13) })),
  mutant("precision", "backward-weights-operands-bfloat16", BACKWARD_WEIGHTS, () => ({ convert: truncated(16) })),
  mutant("precision", "tf32-declared-bfloat16-used", FORWARD, () => ({ convert: truncated(16) }), {
    precision: "tf32",
  }),
  mutant("precision", "winograd-declared-operands-tf32", FORWARD, () => ({ convert: truncated(13) }), {
    algorithm: "winograd(2,3)",
  }),
  mutant("precision", "fft-declared-operands-bfloat16", ALL, () => ({ convert: truncated(16) }), { algorithm: "fft" }),
  mutant(
    "tails",
    "winograd-declared-last-channel-dropped",
    FORWARD,
    () => ({ takes: (c, p) => c < 8 || c < p.inChannels / p.groups - 1 }),
    {
      algorithm: "winograd(4,3)",
    },
  ),
  mutant(
    "tails",
    "fft-declared-last-channel-dropped",
    ALL,
    () => ({ takes: (c, p) => c < 64 || c < p.inChannels / p.groups - 1 }),
    {
      algorithm: "fft",
    },
  ),

  mutant("special", "nan-of-x-swallowed", FORWARD, {
    around: (call, compute) => compute({ ...call, first: call.first.map((value) => value || 0) }),
  }),
  mutant("special", "nan-of-weights-swallowed", FORWARD, {
    around: (call, compute) => compute({ ...call, second: call.second.map((value) => value || 0) }),
  }),
  mutant("special", "nan-products-skipped", ALL, () => productsIn((product) => (Number.isNaN(product) ? 0 : product))),
  mutant("special", "zeros-of-second-operand-skipped", ALL, () => ({ product: (x, y) => (y === 0 ? 0 : x * y) })),
  mutant("special", "zeros-of-first-operand-skipped", ALL, () => ({ product: (x, y) => (x === 0 ? 0 : x * y) })),
  mutant("special", "nan-of-result-is-zero", ALL, () => storedIn((value) => value || 0)),
  mutant("special", "nan-of-bias-dropped", FORWARD, () => ({ store: (sum, bias) => sum + (bias || 0) })),
  mutant("special", "nan-lost-in-comparison", FORWARD, () =>
    storedIn((value) => (value > -Infinity ? value : -Infinity)),
  ),
  mutant("special", "infinity-clamped", ALL, () => storedIn(clamped)),
  mutant("special", "infinity-becomes-nan", ALL, () =>
    storedIn((value) => (Number.isFinite(Math.fround(value)) ? value : NaN)),
  ),
  mutant("special", "infinite-operands-clamped", FORWARD, () => ({
    convert: clamped,
  })),
  mutant("special", "infinity-of-negative-sign-lost", FORWARD, () =>
    storedIn((value) => (value === -Infinity ? Infinity : value)),
  ),
  mutant("special", "subnormal-operands-flushed", ALL, () => ({ convert: flushed })),
  mutant("special", "subnormal-products-flushed", ALL, () => productsIn(flushed)),
  mutant("special", "subnormal-results-flushed", ALL, () => storedIn(flushed)),
  mutant("special", "values-under-1e-12-are-zero", ALL, () =>
    storedIn((value) => (Math.abs(value) < 1e-12 ? 0 : value)),
  ),
  mutant("special", "values-over-1e9-clamped", ALL, () => storedIn((value) => Math.min(1e9, Math.max(-1e9, value)))),
  mutant("special", "overflow-clamped-in-the-sum", FORWARD, () => accumulatedIn(clamped)),
  mutant("special", "integers-to-int32", FORWARD, () =>
    storedIn((value) => (Number.isInteger(value) ? value | 0 : value)),
  ),
];
