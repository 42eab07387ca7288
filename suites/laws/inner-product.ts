import { errorRatio } from "../../reference/bounds.ts";
import { isTelling } from "./measured.ts";
import type { Verdict } from "../../core/verdict.ts";

/** A number that was computed from an implementation's results, and how far it may be from the truth. */
export interface Scalar {
  readonly value: number;
  readonly bound: number;
}

/**
 * ⟨a, b⟩ in float64, where a is within its bounds and b is given: |error| ≤ ⟨bounds, |b|⟩ + length · 2^-53 · ⟨|a|, |b|⟩
 * (Higham, §3.1). The latter term is zero for integers whose sum stays within 2^53: all of it is exact then.
 */
export function innerProduct(
  { values, bounds }: { readonly values: Float64Array; readonly bounds: Float64Array },
  b: Float32Array,
): Scalar {
  let value = 0;
  let bound = 0;
  let magnitude = 0;
  let isInteger = true;
  for (let i = 0; i < b.length; i++) {
    const term = values[i]! * b[i]!;
    value += term;
    magnitude += Math.abs(term);
    bound += bounds[i]! * Math.abs(b[i]!);
    isInteger &&= Number.isInteger(term);
  }
  const isExact = isInteger && magnitude <= 2 ** 53;
  return { value, bound: isExact ? bound : bound + b.length * 2 ** -53 * magnitude };
}

/** Holds when two numbers are equal up to the sum of their bounds. */
export function compareScalars(leftName: string, left: Scalar, rightName: string, right: Scalar): Verdict {
  const bound = left.bound + right.bound;
  const margin = errorRatio(left.value, right.value, bound);
  const tellingElements = isTelling(left.value, right.value, bound) ? 1 : 0;
  const verdict = { margin, elements: 1, tellingElements, wideElements: bound > 0 ? 1 - tellingElements : 0 };
  if (margin <= 1) return verdict;
  const within = bound === 0 ? "exactly" : `within ${bound.toPrecision(3)}`;
  return {
    ...verdict,
    fault: { message: `${leftName} is ${left.value}, ${rightName} is ${right.value}; they are equal ${within}` },
  };
}
