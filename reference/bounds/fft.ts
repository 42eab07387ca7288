import { gamma, IEEE_FLOAT32, SMALLEST_NORMAL, UNIT_ROUNDOFF, type RoundingModel } from "./float32.ts";
import { conversionError, REFERENCE_SHARE, type TransformedPairs } from "./transformed.ts";

/**
 * Largest error of a twiddle factor that is computed well and rounded to float32: both parts rounded, so at most u in
 * modulus.
 */
const TWIDDLE_ERROR = UNIT_ROUNDOFF;

/** Relative error of a complex product. Source: Brent, Percival and Zimmermann, Math. Comp. 76 (2007) 1469–1481. */
const COMPLEX_PRODUCT = Math.sqrt(5) * UNIT_ROUNDOFF;

/**
 * Levels of radix-2 butterflies in the transforms, Σ ⌈log₂(a + b − 1)⌉ over the axes: each axis holds the linear
 * convolution of extents a and b, padded to a power of two. One more is counted for taking two real images out of one
 * complex transform. Pass the padded input's extents and the effective kernel size (backwardData: dy with stride's
 * zeros inserted in place of the input; backwardWeights: the padded input and that dy). The implementation's own choice
 * is unknown; a shorter length or tiles only lower its error.
 */
export function fftLevels(a: readonly number[], b: readonly number[]): number {
  return a.reduce((levels, extent, axis) => levels + Math.ceil(Math.log2(extent + b[axis]! - 1)), 1);
}

export interface FftPlane {
  /** From {@link fftLevels}. */
  readonly levels: number;
  /** Norms of whole planes; through `packedNorms` where two images may share a transform. */
  readonly operands: TransformedPairs;
  /** The largest `normProduct` of another output plane that may share the inverse transform; 0 when none does. */
  readonly partnerNormProduct?: number;
  /** |b| of this plane, 0 without. */
  readonly bias?: number;
}

/**
 * The largest error, against the float64 reference, that an FFT convolution in float32 may show at any element of one
 * output plane: ((1+u)(1+√5u)(1+β))^(3t)·(1 + γ_(2√2·p+2)) − 1 times Σ_i ‖x_i‖₂‖w_i‖₂, with t levels, p pairs and β = u
 * for the twiddles; to first order (12.7·t + 2.8·p)·u. One value for each pair (n, k), (n, c) or (k, c) of the pass's
 * output.
 *
 * Source: Percival, *Rapid multiplication modulo the sum and difference of highly composite numbers*, Math. Comp. 72
 * (2003) 387–395, Theorem 5.1, with √5 from Brent, Percival and Zimmermann; compare Higham, *Accuracy and Stability*,
 * Theorem 24.2, whose constant per level is 6.7u in place of 4.2u. Derivation: a butterfly (a + ωb, a − ωb) rounds ωb
 * by √5u + β and the sums by u, so a level adds ρ = (√5 + 2)u relative to the 2-norm, which it scales by √2 exactly; t
 * levels leave ‖ΔX‖₂ ≤ t·ρ·√L·‖x‖₂. By Cauchy–Schwarz the products' errors reach an output as at most (1/L)·(‖ΔX‖₂‖W‖₂
 * + ‖X‖₂‖ΔW‖₂) ≤ 2·t·ρ·‖x‖₂‖w‖₂. In the inverse transform an output meets each spectral value along one path, so a
 * level adds at most ρ·(1/L)·‖X∘W‖₁ ≤ ρ·‖x‖₂‖w‖₂. Several axes add their levels. Sums over p pairs are real sums of 2p
 * products (Jeannerod and Rump), √2 for the modulus. Two outputs packed into one inverse transform share its errors
 * (`partnerNormProduct`).
 *
 * Assumes radix-2 or a finer factorisation of the same cost (4, 8, split; 3, 5, 7 within a quarter) and twiddles
 * computed directly. Bluestein's chirp and twiddles by recurrence are not covered by the derivation. Overlap-save and
 * shorter lengths are; overlap-add is a pair for each tile that overlaps. Underflow: an operation loses at most ζ =
 * 2^-148 (2^-122 with flushing), an output meets at most L·ζ of it from each side. f16 products: Infinity where a
 * spectral value, at most √L·‖x‖₂, may leave the range.
 */
export function fftBound(plane: FftPlane, model: RoundingModel = IEEE_FLOAT32): number {
  const { levels, operands } = plane;
  const bias = plane.bias ?? 0;
  const length = 2 ** levels;
  if (Math.sqrt(length) * operands.largestNorm > model.operandLargest) return Infinity;

  const perLevel = Math.log1p(UNIT_ROUNDOFF) + Math.log1p(COMPLEX_PRODUCT) + Math.log1p(TWIDDLE_ERROR);
  const inverse = Math.expm1(levels * perLevel);
  // Two more: the division by L and the addition of a bias.
  const summation = gamma(2 * Math.SQRT2 * operands.pairs + 2, model.unit);
  const relative = Math.expm1(3 * levels * perLevel + Math.log1p(summation)) + REFERENCE_SHARE;
  const rounding =
    relative * operands.normProduct +
    inverse * (1 + summation) * (plane.partnerNormProduct ?? 0) +
    UNIT_ROUNDOFF * bias;

  const conversion = conversionError(operands, Math.sqrt(length), model) * (1 + relative);
  const tiny = model.flushes ? 2 ** 4 * SMALLEST_NORMAL : 2 ** -148;
  return rounding + conversion + tiny * length * (operands.normSum + 2 * operands.pairs + 2);
}
