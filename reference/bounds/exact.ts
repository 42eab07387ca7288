import { SMALLEST_NORMAL, SMALLEST_SUBNORMAL } from "./float32.ts";
import type { Arithmetic } from "../../core/element-types.ts";

/**
 * Whether a float32 sum of products is exact in every order: Σ|x||w| + |b| ≤ 2^24 units, where every product and the
 * bias are multiples of `unit`, a power of two. Then every partial sum is an integer of at most 24 bits times the unit,
 * which float32 holds. `magnitude` is the largest Σ|x||w| + |b| of any output of the pass; for one product of a full
 * mantissa and a power of two it is that product. It holds for direct and GEMM algorithms in float32 products; reduced
 * precision also needs operands that its format holds.
 */
export function exactnessHolds(sum: {
  readonly magnitude: number;
  readonly unit: number;
  readonly arithmetic?: Arithmetic;
}): boolean {
  const smallest = (sum.arithmetic ?? "ieee") === "ieee" ? SMALLEST_SUBNORMAL : SMALLEST_NORMAL;
  return sum.unit >= smallest && sum.magnitude <= 2 ** 24 * sum.unit && sum.magnitude < 2 ** 128;
}

/**
 * Whether the true result, a multiple of `unit`, is the multiple nearest to every value within `bound` of it. Then
 * data that is exact for a direct sum demands equality of a transform too, after rounding to the nearest multiple.
 */
export function nearestIsExact(bound: number, unit = 1): boolean {
  return bound < unit / 2;
}
