/** Mistakes with 8-bit operands and 32-bit sums, after what kernels and public reports have. */
import { ELEMENTS } from "../../../core/element-types.ts";
import { FORWARD, type Mutant } from "../mutant.ts";
import { inFloat64 } from "../orders.ts";
import { roundedSum, typedMutant } from "./typed.ts";

const { nearest: wrap8 } = ELEMENTS.s8;
const wrap16 = (value: number): number => (value << 16) >> 16;
const saturated = (bits: number) => (value: number) => {
  const most = 2 ** (bits - 1) - 1;
  return Math.max(-most - 1, Math.min(most, value));
};
const saturate16 = saturated(16);

export const INTEGER_MUTANTS: readonly Mutant[] = [
  typedMutant(
    "sum-in-16-bits",
    "u8s8s32",
    FORWARD,
    { sum: roundedSum(wrap16) },
    "Sums are held in 16 bits, and wrap around",
  ),
  typedMutant(
    "sum-saturates-16-bits",
    "s8s8s32",
    FORWARD,
    { sum: roundedSum(saturate16) },
    "Sums are held in 16 bits, and saturate",
  ),
  typedMutant(
    "pairs-saturate-16-bits",
    "u8s8s32",
    FORWARD,
    {
      sum: (products, count) => {
        let sum = 0;
        for (let i = 0; i < count; i += 2) sum += saturate16(products[i]! + (i + 1 < count ? products[i + 1]! : 0));
        return sum;
      },
    },
    "Sums of two products saturate in 16 bits, as vpmaddubsw's do",
  ),
  typedMutant(
    "quads-wrap-16-bits",
    "s8s8s32",
    FORWARD,
    {
      sum: (products, count) => {
        let sum = 0;
        for (let i = 0; i < count; i += 4) {
          let four = 0;
          for (let j = i; j < Math.min(i + 4, count); j++) four = wrap16(four + products[j]!);
          sum += four;
        }
        return sum;
      },
    },
    "Sums of four products wrap around in 16 bits",
  ),
  typedMutant(
    "sum-in-24-bits",
    "u8u8s32",
    FORWARD,
    { sum: roundedSum((value) => (value << 8) >> 8) },
    "Sums are held in 24 bits",
  ),
  typedMutant(
    "sum-saturates-32-bits",
    "u8s8s32",
    FORWARD,
    { keep: saturated(32) },
    "Beyond 32 bits the sum saturates, where it wraps around",
  ),
  typedMutant(
    "sum-in-float32",
    "u8s8s32",
    FORWARD,
    { sum: roundedSum(Math.fround) },
    "Sums are float32: beyond 2^24 they lose bits",
  ),
  typedMutant(
    "stored-by-float32",
    "s8s8s32",
    FORWARD,
    { store: (sum, bias) => Math.fround(sum + bias) },
    "The exact sum goes through a float32 before it is stored",
  ),
  typedMutant(
    "bias-in-float32",
    "u8s8s32",
    FORWARD,
    { addend: Math.fround },
    "The bias goes through a float32: beyond 2^24 it loses bits",
  ),
  typedMutant("bias-in-16-bits", "s8s8s32", FORWARD, { addend: wrap16 }, "The bias is read as 16 bits"),
  typedMutant(
    "bias-saturates",
    "u8u8s32",
    FORWARD,
    { store: (sum, bias) => saturated(32)(sum + bias) },
    "The addition of the bias saturates, where it wraps around",
  ),
  typedMutant("unsigned-data-as-signed", "u8s8s32", FORWARD, { data: wrap8 }, "x above 127 is read as negative"),
  typedMutant(
    "signed-weights-as-unsigned",
    "s8s8s32",
    FORWARD,
    { filter: (value) => value & 0xff },
    "Negative weights are read as 128 and above",
  ),
  typedMutant("unsigned-weights-as-signed", "u8u8s32", FORWARD, { filter: wrap8 }, "Weights above 127 are negative"),
  typedMutant(
    "signed-data-as-unsigned",
    "s8s8s32",
    FORWARD,
    { data: (value) => value & 0xff },
    "Negative x is read as 128 and above",
  ),
  typedMutant(
    "least-weight-clamped",
    "u8s8s32",
    FORWARD,
    { filter: (value) => Math.max(-127, value) },
    "A weight of −128 is taken as −127, as in symmetric quantisation",
  ),
  typedMutant(
    "least-data-clamped",
    "s8s8s32",
    FORWARD,
    { data: (value) => Math.max(-127, value) },
    "x of −128 is taken as −127",
  ),
  typedMutant(
    "seven-bit-data",
    "u8s8s32",
    FORWARD,
    { data: (value) => value & ~1 },
    "The lowest bit of x is lost, as kernels do to keep sums of two from saturating",
  ),
  typedMutant("largest-data-lost", "u8u8s32", FORWARD, { data: (value) => Math.min(254, value) }, "x of 255 is 254"),
  typedMutant(
    "compensation-over-padding",
    "u8s8s32",
    FORWARD,
    ({ inChannels, groups, kernel }) => {
      const most = (inChannels / groups) * kernel.reduce((product, extent) => product * extent, 1);
      // x − 128 is multiplied, and 128·Σ weights added for all taps: on padding by too much, here by as if that were 1.
      return { sum: (products, count, place) => inFloat64(products, count, place) + (count < most ? 128 : 0) };
    },
    "x is made signed by −128, and what that takes is given back for taps on padding too",
  ),
  typedMutant(
    "shifted-product",
    "s8s8s32",
    FORWARD,
    { product: (x, w) => ((x * w) >> 1) << 1 },
    "The lowest bit of each product is lost",
  ),
  typedMutant("sum-never-negative", "u8s8s32", FORWARD, { keep: (value) => Math.max(0, value) }, "Negative sums are 0"),
];
