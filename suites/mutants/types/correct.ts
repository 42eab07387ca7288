/** Correct convolutions of other types that compute in unusual ways: other orders, blocks, wide and split sums. */
import type { FunctionImpl } from "../../../core/plugin.ts";
import type { Handles } from "../convolution.ts";
import { blocked, byMagnitude, compensated, lanes, pairwise, reversed, roundedProducts } from "../orders.ts";
import { blockedSum, roundedSum, toHalf, typedImpl } from "./typed.ts";

const single = Math.fround;
const same = (value: number): number => value;
const wrap32 = (value: number): number => value | 0;

/** Positive and negative products apart, in float64. */
const bySign: NonNullable<Handles["sum"]> = (products, count) => {
  let [positive, negative] = [0, 0];
  for (let i = 0; i < count; i++) {
    if (products[i]! < 0) negative += products[i]!;
    else positive += products[i]!;
  }
  return positive + negative;
};

const backwards: NonNullable<Handles["sum"]> = (products, count) => {
  let sum = 0;
  for (let i = count - 1; i >= 0; i--) sum += products[i]!;
  return sum;
};

export const CORRECT_TYPES: readonly FunctionImpl[] = [
  typedImpl("correct-f16-in-order", "f16", { sum: roundedSum(single) }),
  typedImpl("correct-f16-rounded-products", "f16", { sum: roundedProducts }),
  typedImpl("correct-f16-backwards", "f16", { sum: reversed }),
  typedImpl("correct-f16-pairwise", "f16", { sum: pairwise }),
  typedImpl("correct-f16-blocks", "f16", { sum: blocked(16) }),
  typedImpl("correct-f16-lanes", "f16", { sum: lanes(8) }),
  typedImpl("correct-f16-by-magnitude", "f16", { sum: byMagnitude(-1) }),
  typedImpl("correct-f16-wide", "f16", {}),
  typedImpl("correct-f16-wide-stored-twice", "f16", { keep: single }),
  typedImpl("correct-f16-wide-declared", "f16", { sum: backwards }, { accumulator: "f64" }),
  typedImpl("correct-f16-sums-declared", "f16", { sum: roundedSum(toHalf, true) }, { accumulator: "f16" }),
  typedImpl("correct-f16-blocks-declared", "f16", { sum: blockedSum(8, single, toHalf) }, { accumulator: "f16" }),
  typedImpl("correct-bf16-in-order", "bf16", { sum: roundedSum(single) }),
  typedImpl("correct-bf16-blocks", "bf16", { sum: blockedSum(8, same, single) }),
  typedImpl("correct-bf16-compensated", "bf16", { sum: compensated }),
  typedImpl("correct-bf16-lanes", "bf16", { sum: lanes(16) }),
  typedImpl("correct-f64-backwards", "f64", { sum: backwards }),
  typedImpl("correct-f64-by-sign", "f64", { sum: bySign }),
  typedImpl("correct-f64-blocks", "f64", { sum: blockedSum(32, same, same) }),
  typedImpl("correct-u8s8s32-wraps-each-step", "u8s8s32", { sum: roundedSum(wrap32) }),
  typedImpl("correct-s8s8s32-backwards", "s8s8s32", { sum: backwards }),
  typedImpl("correct-u8u8s32-split", "u8u8s32", {
    // The high and the low half of x apart, as kernels for small multipliers do.
    product: (x, w) => (x >> 4) * w * 16 + (x & 15) * w,
  }),
];
