import { IEEE_FLOAT32, UNIT_ROUNDOFF, type RoundingModel } from "./float32.ts";
import type { DirectSum } from "./direct.ts";

/**
 * The root-mean-square error that rounding to nearest is expected to leave at one output element, at most:
 * λ·√n·u·(Σ|x||w| + |b|), λ = 1.
 *
 * Model of Higham and Mary, *A new approach to probabilistic rounding error analysis*, SIAM J. Sci. Comput. 41 (2019)
 * A2815–A2835: rounding errors are independent with mean zero. To first order the error is Σ s_k·δ_k over at most n − 1
 * partial sums |s_k| ≤ S plus Σ t_i·δ'_i over the products, Σ t_i² ≤ S², so E[error²] ≤ n·u²·S² with nothing but |δ| ≤
 * u: λ = 1. Their λ > 1 buys a confidence for every element; a mean needs none. (δ uniform within half a unit gives λ =
 * 1/√3. Partial sums of random signs stay far below S: at 576 products correct sums come to 0.001 to 0.02 of this.)
 * Reduced precision adds its conversion, 2·u_p of the magnitude, since truncated operands err to one side. It is a
 * yardstick for reporting, never a verdict: it is reported as the RMS over elements of error ÷ this value. Not a bound
 * for one element.
 */
export function probabilisticBound(sum: DirectSum, model: RoundingModel = IEEE_FLOAT32): number {
  if (sum.products === 0) return 0;
  const n = sum.products + (sum.hasBias ? 1 : 0);
  return (Math.sqrt(n) * UNIT_ROUNDOFF + 2 * model.operandUnit) * sum.magnitude + Math.sqrt(n) * model.termTiny;
}
