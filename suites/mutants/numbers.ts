import { FLOAT_FORMATS } from "../../core/element-types.ts";
import { sumInOrder, type Handles } from "./convolution.ts";
import { ALL, BACKWARD_DATA, BACKWARD_WEIGHTS, fault, FORWARD, type CataloguedFault } from "./mutant.ts";
import { roundedBits, truncated } from "./rounding.ts";

const { largest: LARGEST_FLOAT32, smallestNormal: SMALLEST_NORMAL } = FLOAT_FORMATS.float32;
const flushed = (value: number): number => (Math.abs(value) < SMALLEST_NORMAL ? 0 : value);

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

/** Numbers of fewer bits than promised, and special values that are lost. */
export const NUMBER_FAULTS: readonly CataloguedFault[] = [
  fault("precision", "operands-tf32-cut", ALL, () => ({ convert: truncated(13) })),
  fault("precision", "operands-tf32-rounded", ALL, () => ({ convert: roundedBits(13) })),
  fault("precision", "operands-bfloat16", ALL, () => ({ convert: roundedBits(16) })),
  fault("precision", "operands-float16", ALL, () => ({ convert: Math.f16round })),
  fault("precision", "operands-lose-one-bit", ALL, () => ({ convert: truncated(1) })),
  fault("precision", "operands-two-bfloat16-parts", ALL, () => ({
    convert: (value) => {
      const high = roundedBits(16)(value);
      return high + roundedBits(16)(value - high);
    },
  })),
  fault("precision", "accumulator-float16", ALL, () => accumulatedIn(Math.f16round)),
  fault("precision", "accumulator-bfloat16", ALL, () => accumulatedIn(roundedBits(16))),
  fault("precision", "accumulator-tf32", ALL, () => accumulatedIn(roundedBits(13))),
  fault("precision", "accumulator-loses-two-bits", ALL, () => accumulatedIn(truncated(2))),
  fault("precision", "products-float16", ALL, () => productsIn(Math.f16round)),
  fault("precision", "products-bfloat16", ALL, () => productsIn(roundedBits(16))),
  fault("precision", "products-tf32", FORWARD, () => productsIn(roundedBits(13))),
  fault("precision", "outputs-float16", ALL, () => storedIn(Math.f16round)),
  fault("precision", "outputs-bfloat16", ALL, () => storedIn(roundedBits(16))),
  fault("precision", "outputs-rounded-to-six-digits", ALL, () => storedIn((value) => Number(value.toPrecision(6)))),
  fault("precision", "weights-int8", FORWARD, {
    around: (call, compute) => {
      const scale = call.second.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0) / 127 || 1;
      compute({ ...call, second: call.second.map((weight) => Math.round(weight / scale) * scale) });
    },
  }),
  fault("precision", "backward-data-operands-tf32", BACKWARD_DATA, () => ({ convert: truncated(13) })),
  fault("precision", "backward-weights-operands-bfloat16", BACKWARD_WEIGHTS, () => ({ convert: truncated(16) })),
  fault("precision", "tf32-declared-bfloat16-used", FORWARD, () => ({ convert: truncated(16) }), { precision: "tf32" }),
  fault("precision", "winograd-declared-operands-tf32", FORWARD, () => ({ convert: truncated(13) }), {
    algorithm: "winograd(2,3)",
  }),
  fault("precision", "fft-declared-operands-bfloat16", ALL, () => ({ convert: truncated(16) }), { algorithm: "fft" }),
  fault(
    "tails",
    "winograd-declared-last-channel-dropped",
    FORWARD,
    () => ({ takes: (c, p) => c < 8 || c < p.inChannels / p.groups - 1 }),
    {
      algorithm: "winograd(4,3)",
    },
  ),
  fault(
    "tails",
    "fft-declared-last-channel-dropped",
    ALL,
    () => ({ takes: (c, p) => c < 64 || c < p.inChannels / p.groups - 1 }),
    {
      algorithm: "fft",
    },
  ),

  fault("special", "nan-of-x-swallowed", FORWARD, {
    around: (call, compute) => compute({ ...call, first: call.first.map((value) => value || 0) }),
  }),
  fault("special", "nan-of-weights-swallowed", FORWARD, {
    around: (call, compute) => compute({ ...call, second: call.second.map((value) => value || 0) }),
  }),
  fault("special", "nan-products-skipped", ALL, () => productsIn((product) => (Number.isNaN(product) ? 0 : product))),
  fault("special", "zeros-of-second-operand-skipped", ALL, () => ({ product: (x, y) => (y === 0 ? 0 : x * y) })),
  fault("special", "zeros-of-first-operand-skipped", ALL, () => ({ product: (x, y) => (x === 0 ? 0 : x * y) })),
  fault("special", "nan-of-result-is-zero", ALL, () => storedIn((value) => value || 0)),
  fault("special", "nan-of-bias-dropped", FORWARD, () => ({ store: (sum, bias) => sum + (bias || 0) })),
  fault("special", "nan-lost-in-comparison", FORWARD, () =>
    storedIn((value) => (value > -Infinity ? value : -Infinity)),
  ),
  fault("special", "infinity-clamped", ALL, () =>
    storedIn((value) => Math.min(LARGEST_FLOAT32, Math.max(-LARGEST_FLOAT32, value))),
  ),
  fault("special", "infinity-becomes-nan", ALL, () =>
    storedIn((value) => (Number.isFinite(Math.fround(value)) ? value : NaN)),
  ),
  fault("special", "infinite-operands-clamped", FORWARD, () => ({
    convert: (value) => Math.min(LARGEST_FLOAT32, Math.max(-LARGEST_FLOAT32, value)),
  })),
  fault("special", "infinity-of-negative-sign-lost", FORWARD, () =>
    storedIn((value) => (value === -Infinity ? Infinity : value)),
  ),
  fault("special", "subnormal-operands-flushed", ALL, () => ({ convert: flushed })),
  fault("special", "subnormal-products-flushed", ALL, () => productsIn(flushed)),
  fault("special", "subnormal-results-flushed", ALL, () => storedIn(flushed)),
  fault("special", "values-under-1e-12-are-zero", ALL, () =>
    storedIn((value) => (Math.abs(value) < 1e-12 ? 0 : value)),
  ),
  fault("special", "values-over-1e9-clamped", ALL, () => storedIn((value) => Math.min(1e9, Math.max(-1e9, value)))),
  fault("special", "overflow-clamped-in-the-sum", FORWARD, () =>
    accumulatedIn((sum) => Math.min(LARGEST_FLOAT32, Math.max(-LARGEST_FLOAT32, sum))),
  ),
  fault("special", "integers-to-int32", FORWARD, () =>
    storedIn((value) => (Number.isInteger(value) ? value | 0 : value)),
  ),
];
