import { FLOAT64_SHARE, gamma, IEEE_FLOAT32, SMALLEST_NORMAL, UNIT_ROUNDOFF, type RoundingModel } from "./float32.ts";

/** What one output element sums. */
export interface DirectSum {
  /** Products that reach the element (the zeros of padding and of zero insertion do not count). */
  readonly products: number;
  /** Σ|x||w| + |b| over them, in float64. */
  readonly magnitude: number;
  readonly hasBias: boolean;
  /** The largest |operand| of either tensor; only reduced precision and flushing look at it. */
  readonly largestOperand?: number;
}

/**
 * The largest error, against the float64 reference, that a direct or GEMM convolution may show at one output element:
 * n·u·(Σ|x||w| + |b|) + n·2^-149 with n = products + (bias ? 1 : 0), and 0 where no product reaches the element.
 *
 * For every order and bracketing of the sum, for FMA, for wider accumulators. Source: Jeannerod and Rump, *Improved
 * error bounds for inner products in floating-point arithmetic*, SIAM J. Matrix Anal. Appl. 34 (2013) 338–344; without
 * the missing higher-order terms Higham, *Accuracy and Stability*, §3.1. The argument in short, with v = u/(1+u), the
 * sharp relative error of one rounding: a tree that adds N floats whose absolute values sum to S is off by at most
 * (N−1)·v·S. A node adds results of N₁ and N₂ terms with S₁ and S₂; its own error e is at most v times the exact sum,
 * and at most either operand. If S₂ ≤ v·S₁ then e ≤ |operand 2| ≤ S₂ + (N₂−1)·v·S₂ ≤ N₂·v·S₁. Likewise the other way
 * round. Else e ≤ v·(S₁ + S₂ + (N₁−1)·v·S₁ + (N₂−1)·v·S₂) ≤ N₂·v·S₁ + N₁·v·S₂, for v·S₁ < S₂ and v·S₂ < S₁. In every
 * case the node keeps (N₁+N₂−1)·v·(S₁+S₂). An operand that enters by FMA is a real number in place of a float: the same
 * lines hold. Products rounded beforehand change each term by v: (N−1)·v·(1+v)·S + v·S ≤ N·u·S, for v·(1+v) < u. A bias
 * is one more term. A wider accumulator has a smaller v and one more rounding at the end.
 *
 * Reduced precision adds the operands' conversion: (2·u_p + u_p²) of the magnitude, plus what falls below the format's
 * range; operands above the range (65504 for f16) have no bound: Infinity. The bias and the output are float32. Units:
 * those of the output. `largestOperand` may be left out for IEEE float32. Throws RangeError when the model needs
 * `largestOperand` and it is missing.
 */
export function directBound(sum: DirectSum, model: RoundingModel = IEEE_FLOAT32): number {
  if (sum.products === 0) return model.flushes && sum.magnitude < SMALLEST_NORMAL ? sum.magnitude : 0;
  const n = sum.products + (sum.hasBias ? 1 : 0);
  const { operandUnit, operandTiny, operandLargest, flushes } = model;
  if (operandUnit === 0 && !flushes) return n * (UNIT_ROUNDOFF + FLOAT64_SHARE) * sum.magnitude + n * model.termTiny;
  const largest = sum.largestOperand;
  if (largest === undefined) throw new RangeError("directBound: this rounding model needs largestOperand");
  if (largest > operandLargest) return Infinity;
  // Truncation has no "at most either operand", so reduced precision keeps the higher-order terms.
  const accumulation = operandUnit === 0 ? n * model.unit : gamma(n, model.unit);
  const conversion = 2 * operandUnit + operandUnit ** 2;
  const relative = conversion + accumulation * (1 + conversion) + n * FLOAT64_SHARE;
  // Twice: what is lost in a term may grow with the sum that it enters, (1 + n·u) ≤ 2.
  const productTiny = 2 * operandTiny * (2 * largest * (1 + operandUnit) + operandTiny);
  return relative * sum.magnitude + n * (productTiny + model.termTiny);
}

/**
 * The same for an element of dBias, a sum of N·OH·OW values of dy (`terms`; `magnitude` = Σ|dy|) with no products. It
 * is the direct bound with n = terms, so an implementation that sums by a product with ones is covered as well.
 */
export function biasGradientBound(
  sum: { readonly terms: number; readonly magnitude: number; readonly largestOperand?: number },
  model: RoundingModel = IEEE_FLOAT32,
): number {
  const { terms, magnitude } = sum;
  // The ones count as operands of the product.
  const largestOperand = Math.max(1, sum.largestOperand ?? magnitude);
  return directBound({ products: terms, magnitude, hasBias: false, largestOperand }, model);
}
