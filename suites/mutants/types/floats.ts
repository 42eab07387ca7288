/** Mistakes with float64, float16 and bfloat16: sums in fewer bits, roundings of another kind, ends of the range. */
import { ELEMENTS, FLOAT_FORMATS } from "../../../core/element-types.ts";
import { ALL, BACKWARD_WEIGHTS, FORWARD, type Mutant } from "../mutant.ts";
import { inFloat64 } from "../orders.ts";
import { blockedSum, cut, roundedSum, tiesAway, toBfloat, toHalf, typedMutant } from "./typed.ts";

const single = Math.fround;
const same = (value: number): number => value;
/** What is below the smallest normal number becomes zero. */
const flushed = (smallestNormal: number) => (value: number) => (Math.abs(value) < smallestNormal ? 0 : value);
const flushed64 = flushed(2 ** -1022);
const HALF = FLOAT_FORMATS.f16;
const BFLOAT = FLOAT_FORMATS.bf16;

const F64: readonly Mutant[] = [
  typedMutant("f64-sums-in-f32", "f64", ALL, { sum: roundedSum(single) }, "float64 is summed in float32"),
  typedMutant("f64-products-in-f32", "f64", ALL, { product: (x, w) => single(x * w) }, "Products are float32"),
  typedMutant("f64-data-in-f32", "f64", ALL, { data: single }, "x and dy go through a float32"),
  typedMutant("f64-weights-in-f32", "f64", FORWARD, { filter: single }, "The weights go through a float32"),
  typedMutant("f64-bias-in-f32", "f64", FORWARD, { addend: single }, "The bias goes through a float32"),
  typedMutant("f64-stored-by-f32", "f64", ALL, { keep: single }, "The sum goes through a float32 when it is stored"),
  typedMutant(
    "f64-gradient-in-f32",
    "f64",
    BACKWARD_WEIGHTS,
    { sum: roundedSum(single) },
    "The gradient of the weights is summed in float32",
  ),
  typedMutant("f64-sums-of-48-bits", "f64", ALL, { sum: roundedSum(to48Bits) }, "Sums have 48 bits"),
  typedMutant("f64-data-flushed", "f64", ALL, { data: flushed64 }, "Subnormal operands are zero"),
  typedMutant("f64-outputs-flushed", "f64", ALL, { keep: flushed64 }, "Subnormal results are zero"),
];

const F16: readonly Mutant[] = [
  typedMutant("f16-sums-undeclared", "f16", ALL, { sum: roundedSum(toHalf) }, "Sums are float16, and none says so"),
  typedMutant(
    "f16-products-rounded",
    "f16",
    ALL,
    { product: (x, w) => toHalf(x * w) },
    "Products are float16 before they are summed",
  ),
  typedMutant(
    "f16-between-blocks",
    "f16",
    ALL,
    { sum: blockedSum(8, single, toHalf) },
    "Blocks of eight products are summed in float32, and added in float16",
  ),
  typedMutant(
    "f16-every-64th",
    "f16",
    ALL,
    { sum: blockedSum(64, single, toHalf) },
    "Blocks of 64 products are summed in float32, and added in float16",
  ),
  typedMutant(
    "f16-gradient-sums",
    "f16",
    BACKWARD_WEIGHTS,
    { sum: roundedSum(toHalf) },
    "The gradient of the weights is summed in float16",
  ),
  typedMutant("f16-cut-off", "f16", ALL, { keep: cut("f16") }, "The bits of a sum that are too many are cut off"),
  typedMutant("f16-ties-away", "f16", ALL, { keep: tiesAway("f16") }, "Ties are rounded away from zero"),
  typedMutant(
    "f16-bias-rounded-twice",
    "f16",
    FORWARD,
    { store: (sum, bias) => toHalf(sum) + bias },
    "The sum is rounded to float16 before the bias is added",
  ),
  typedMutant(
    "f16-saturates",
    "f16",
    ALL,
    { keep: (value) => Math.max(-HALF.largest, Math.min(HALF.largest, value)) },
    "Beyond the largest float16 is that number, and not infinity",
  ),
  typedMutant(
    "f16-overflows-early",
    "f16",
    ALL,
    { keep: (value) => (Math.abs(value) >= 2 ** 15 ? Math.sign(value) * Infinity : value) },
    "From 2^15 on a result is infinite",
  ),
  typedMutant(
    "f16-outputs-flushed",
    "f16",
    ALL,
    { keep: flushed(HALF.smallestNormal) },
    "Subnormal results are zero, and none says so",
  ),
  typedMutant(
    "f16-data-flushed",
    "f16",
    ALL,
    { data: flushed(HALF.smallestNormal) },
    "Subnormal operands are zero, and none says so",
  ),
  typedMutant("f16-by-bf16", "f16", ALL, { data: toBfloat }, "x and dy lose bits on their way through a bfloat16"),
  typedMutant(
    "f16-nan-lost",
    "f16",
    ALL,
    { keep: (value) => (Number.isNaN(value) ? -HALF.largest : value) },
    "A NaN becomes the smallest number",
  ),
  typedMutant("f16-by-bf16-outputs", "f16", ALL, { keep: toBfloat }, "Results go through a bfloat16"),
];

const BF16: readonly Mutant[] = [
  typedMutant("bf16-sums-undeclared", "bf16", ALL, { sum: roundedSum(toBfloat) }, "Sums are bfloat16"),
  typedMutant("bf16-cut-off", "bf16", ALL, { keep: cut("bf16") }, "The lower half of a float32 is cut off"),
  typedMutant("bf16-ties-away", "bf16", ALL, { keep: tiesAway("bf16") }, "Ties are rounded away from zero"),
  typedMutant(
    "bf16-between-blocks",
    "bf16",
    ALL,
    { sum: blockedSum(8, single, toBfloat) },
    "Blocks of eight products are summed in float32, and added in bfloat16",
  ),
  typedMutant(
    "bf16-bias-rounded-twice",
    "bf16",
    FORWARD,
    { store: (sum, bias) => toBfloat(sum) + bias },
    "The sum is rounded to bfloat16 before the bias is added",
  ),
  typedMutant(
    "bf16-saturates",
    "bf16",
    ALL,
    { keep: (value) => Math.max(-BFLOAT.largest, Math.min(BFLOAT.largest, value)) },
    "Beyond the largest bfloat16 is that number, and not infinity",
  ),
  typedMutant(
    "bf16-range-of-f16",
    "bf16",
    ALL,
    { keep: (value) => (Math.abs(value) >= 65_520 ? Math.sign(value) * Infinity : value) },
    "Results have the range of float16",
  ),
  typedMutant(
    "bf16-nan-to-infinity",
    "bf16",
    ALL,
    { keep: (value) => (Number.isNaN(value) ? Infinity : value) },
    "Rounding by the bits carries a NaN over to infinity",
  ),
  typedMutant(
    "bf16-products-rounded",
    "bf16",
    ALL,
    { product: (x, w) => ELEMENTS.bf16.nearest(x * w), sum: inFloat64 },
    "Products are bfloat16 before they are summed",
  ),
  typedMutant(
    "bf16-gradient-sums",
    "bf16",
    BACKWARD_WEIGHTS,
    { sum: blockedSum(16, same, toBfloat) },
    "The gradient of the weights is added in bfloat16 after every 16 products",
  ),
];

export const FLOAT_MUTANTS: readonly Mutant[] = [...F64, ...F16, ...BF16];

/** Without the lowest five bits of a float64's significand. */
function to48Bits(value: number): number {
  const large = value * (2 ** 5 + 1);
  return Number.isFinite(large) ? large - (large - value) : value;
}
