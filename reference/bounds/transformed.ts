import type { RoundingModel } from "./float32.ts";

/** The float64 reference's own error, n·2^-53 of the magnitude for n ≤ 2^24 products, doubled. */
export const REFERENCE_SHARE = 2 ** -28;

/**
 * What one transformed output plane or tile is computed from: pairs (x_i, w_i) of planes or tiles whose convolutions
 * are added. Forward pairs x[n, c] with w[k, c] over c; backwardData dy[n, k] with w[k, c] over k; backwardWeights x[n,
 * c] with dy[n, k] over n.
 */
export interface TransformedPairs {
  /**
   * The number of pairs of two non-zero planes that are added: a product with a zero plane is exactly zero, without
   * rounding.
   */
  readonly pairs: number;
  /** Σ_i ‖x_i‖₂·‖w_i‖₂ */
  readonly normProduct: number;
  /** Σ_i (‖x_i‖₂ + ‖w_i‖₂) over those pairs. */
  readonly normSum: number;
  /** The largest norm of all, those of zero partners included. */
  readonly largestNorm: number;
}

/**
 * Collects the 2-norms of the planes or tiles of the two operands, in the order in which they are paired. Throws
 * RangeError on unequal counts.
 */
export function transformedPairs(left: ArrayLike<number>, right: ArrayLike<number>): TransformedPairs {
  if (left.length !== right.length)
    throw new RangeError(`transformedPairs: ${left.length} norms against ${right.length}`);
  let pairs = 0;
  let normProduct = 0;
  let normSum = 0;
  let largestNorm = 0;
  for (let index = 0; index < left.length; index++) {
    const x = left[index]!;
    const w = right[index]!;
    largestNorm = Math.max(largestNorm, x, w);
    if (x === 0 || w === 0) continue;
    pairs += 1;
    normProduct += x * w;
    normSum += x + w;
  }
  return { pairs, normProduct, normSum, largestNorm };
}

/**
 * Norms for operands of which two may share one complex transform, whichever two: √(own² + largest other²) each, since
 * the rounding errors of a transform go with the norm of all that it mixes. Pass the norms of every plane of the tensor
 * that may be a partner (other images of the batch too), then pick those of one output.
 */
export function packedNorms(norms: ArrayLike<number>): Float64Array {
  let largest = 0;
  let second = -1;
  for (let index = 1; index < norms.length; index++) {
    if (norms[index]! > norms[largest]!) [largest, second] = [index, largest];
    else if (second < 0 || norms[index]! > norms[second]!) second = index;
  }
  const packed = new Float64Array(norms.length);
  for (let index = 0; index < packed.length; index++) {
    const partner = norms[index === largest ? second : largest] ?? 0;
    packed[index] = partner === 0 ? norms[index]! : Math.sqrt(norms[index]! ** 2 + partner ** 2);
  }
  return packed;
}

/**
 * Error from converting the transformed operands of the products to a smaller format, before the output transform
 * scales it: at most 2·u_p + u_p² of the norms' product, and the format's smallest spacing against the other operand,
 * `spread` values of it at most.
 */
export function conversionError(planes: TransformedPairs, spread: number, model: RoundingModel): number {
  const { operandUnit, operandTiny } = model;
  if (operandUnit === 0) return 0;
  const relative = (2 * operandUnit + operandUnit ** 2) * planes.normProduct;
  return (
    relative + operandTiny * spread * ((1 + operandUnit) * planes.normSum + 2 * operandTiny * spread * planes.pairs)
  );
}
