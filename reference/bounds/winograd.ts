import { gamma, IEEE_FLOAT32, SMALLEST_NORMAL, UNIT_ROUNDOFF, type RoundingModel } from "./float32.ts";
import { conversionError, REFERENCE_SHARE, type TransformedPairs } from "./transformed.ts";

/** The matrices of F(m, r) with n = m + r − 1: y = Aᵀ((G·g) ∘ (Bᵀ·d)); aT is m×n, g is n×r, bT is n×n, as rows. */
export interface WinogradMatrices {
  readonly aT: readonly (readonly number[])[];
  readonly g: readonly (readonly number[])[];
  readonly bT: readonly (readonly number[])[];
}

/**
 * The largest tile m + r − 1 whose bound tells anything: beyond, γ_c·κ of one channel and one axis is 1 or more for every
 * split into m and r, so that the bound is at least ‖d‖₂‖g‖₂. By Cauchy and Schwarz no output is larger than that: zero
 * holds whatever was computed.
 */
export const LARGEST_WINOGRAD_TILE = 16;

/** The first `count` of 0, 1, −1, 2, −2, ½, −½, 4, −4, ¼, −¼, …; the point ∞ is added by the matrices. */
export function interpolationPoints(count: number): number[] {
  const points = [0, 1, -1];
  for (let power = 2; points.length < count; power *= 2) points.push(power, -power, 1 / power, -1 / power);
  return points.slice(0, count);
}

/** Coefficients of Π (x − root), lowest degree first. */
function polynomialOf(roots: readonly number[]): number[] {
  let polynomial = [1];
  for (const root of roots) {
    polynomial = [...polynomial, 0].map((value, degree) => (polynomial[degree - 1] ?? 0) - root * value);
  }
  return polynomial;
}

/**
 * The Cook–Toom matrices of F(m, r), correlation form, for the usual points and ∞. Source: Barabasz, Anderson,
 * Soodhalter and Gregg, *Error analysis and improving the accuracy of Winograd convolution for deep neural networks*,
 * ACM TOMS 46 (2020), §2–3; Lavin and Gray, arXiv:1509.09308, for F(2, 3) and F(4, 3). Throws RangeError unless m and r
 * are positive integers.
 */
export function winogradMatrices(m: number, r: number): WinogradMatrices {
  if (!Number.isInteger(m) || !Number.isInteger(r) || m < 1 || r < 1) {
    throw new RangeError(`F(m, r) needs positive integers, got F(${m}, ${r})`);
  }
  if (m + r - 1 > MOST_POINTS) throw new RangeError(`F(${m}, ${r}) has too many points`);
  const points = interpolationPoints(m + r - 2);
  const others = points.map((_, index) => points.filter((_, other) => other !== index));
  const powers = (point: number, count: number): number[] =>
    Array.from({ length: count }, (_, power) => point ** power);
  const g = points.map((point, index) => {
    const scale = others[index]!.reduce((product, other) => product * (point - other), 1);
    return powers(point, r).map((value) => value / scale);
  });
  return {
    aT: Array.from({ length: m }, (_, row) => [...points.map((point) => point ** row), row === m - 1 ? 1 : 0]),
    g: [...g, Array.from({ length: r }, (_, power) => (power === r - 1 ? 1 : 0))],
    bT: [...others.map((roots) => [...polynomialOf(roots), 0]), polynomialOf(points)],
  };
}

/** The matrices take time that grows with the cube of the tile. */
const MOST_POINTS = 2 * LARGEST_WINOGRAD_TILE;

const norm2 = (row: readonly number[]): number => Math.hypot(...row);
const norm1 = (row: readonly number[]): number => row.reduce((sum, value) => sum + Math.abs(value), 0);

interface Amplification {
  /** κ = max_j Σ_i |Aᵀ_ji|·‖G_i‖₂·‖Bᵀ_i‖₂ */
  readonly kappa: number;
  /** The largest Π (1 + row 1-norm) of the three matrices, for underflow. */
  readonly spread: number;
  /** max_i max(‖G_i‖₂, ‖Bᵀ_i‖₂): how far a transformed operand exceeds its tile's norm. */
  readonly operandGrowth: number;
}

const amplifications = new Map<string, Amplification>();

/**
 * How much F(m, r) may amplify a relative error, per axis. The values depend on the points alone, not on how rows are
 * scaled.
 */
export function winogradAmplification(m: number, r: number): Amplification {
  const key = `${m},${r}`;
  const known = amplifications.get(key);
  if (known !== undefined) return known;
  const { aT, g, bT } = winogradMatrices(m, r);
  const rows = g.map((row, index) => norm2(row) * norm2(bT[index]!));
  const largest = (matrix: readonly (readonly number[])[], norm: (row: readonly number[]) => number): number =>
    Math.max(...matrix.map(norm));
  const amplification = {
    kappa: Math.max(...aT.map((row) => row.reduce((sum, value, index) => sum + Math.abs(value) * rows[index]!, 0))),
    spread: (1 + largest(aT, norm1)) * (1 + largest(g, norm1)) * (1 + largest(bT, norm1)),
    operandGrowth: Math.max(largest(g, norm2), largest(bT, norm2)),
  };
  amplifications.set(key, amplification);
  return amplification;
}

export interface WinogradTile {
  readonly m: number;
  readonly r: number;
  /** Axes that are transformed. */
  readonly rank: number;
  /**
   * Norms over (m + r − 1)^rank input tiles and r^rank kernel tiles. Norms of what contains a tile (the plane, the
   * largest tile) serve too. A pair for every channel, and for every piece where a kernel is split into several ({@link
   * inPieces}).
   */
  readonly operands: TransformedPairs;
  /** |b|, 0 without. */
  readonly bias?: number;
}

/**
 * The pairs of F(m, r) where the kernel of the pass is longer than r, as dY is in backwardWeights: each axis is cut
 * into P pieces, which meet a tile of the data each, and all are added. `pairs` are of whole planes and `extents` the
 * kernel's.
 *
 * P = 1 for an extent E ≤ r, else 1 + ⌈(E − 1)/r⌉, wherever the first cut is. Pieces are disjoint, so Σ_t ‖g_t‖² ≤
 * ‖g‖²; the data's tiles begin r apart and are n = m + r − 1 long, so that an element is in at most o = min(P, ⌈n/r⌉)
 * of them along an axis and Σ_t ‖d_t‖² ≤ o^rank·‖d‖². By Cauchy and Schwarz Σ_t ‖d_t‖‖g_t‖ ≤ √(Π o)·‖d‖‖g‖, and Π P
 * times as many products are added.
 */
export function inPieces(pairs: TransformedPairs, m: number, r: number, extents: readonly number[]): TransformedPairs {
  const cuts = extents.map((extent) => (extent <= r ? 1 : 1 + Math.ceil((extent - 1) / r)));
  const pieces = cuts.reduce((product, count) => product * count, 1);
  const overlap = cuts.reduce((product, count) => product * Math.min(count, Math.ceil((m + r - 1) / r)), 1);
  return {
    pairs: pairs.pairs * pieces,
    normProduct: pairs.normProduct * Math.sqrt(overlap),
    normSum: pairs.normSum * pieces,
    largestNorm: pairs.largestNorm,
  };
}

/**
 * The largest error, against the float64 reference, that a Winograd convolution F(m, r) in float32, nested over `rank`
 * axes, may show at any output of a tile: γ_c · κ^rank · Σ_i ‖d_i‖₂‖g_i‖₂ with c = rank·(2(n+1) + (r+1)) + p + 1, n = m
 * + r − 1, p pairs, and κ = max_j Σ_i |Aᵀ_ji|·‖G_i‖₂·‖Bᵀ_i‖₂, plus u·|b|.
 *
 * Derivation, after Barabasz et al. (2020): an inner product of length q with rounded constants errs by γ_(q+1) of its
 * absolute values, so an output is off by at most γ_c·Σ_i |Aᵀ_ji|·(|G_i|·|g|)·(|Bᵀ_i|·|d|), c counting the roundings
 * that a term passes; Cauchy–Schwarz on the rows gives κ. Rows of a Kronecker product have the product of the rows'
 * norms: κ^rank. Where their theorems have ‖Aᵀ‖₁‖G‖_F‖Bᵀ‖_F, κ sums row by row: smaller, and the same however the rows
 * are scaled between the three.
 *
 * Assumes the usual points ({@link interpolationPoints}); others change κ by their own spread. Underflow: an operation
 * loses at most 2^-148 (2^-122 with flushing) before `spread` multiplies it. f16 products: Infinity where a transformed
 * operand may leave the range.
 */
export function winogradBound(tile: WinogradTile, model: RoundingModel = IEEE_FLOAT32): number {
  const { m, r, rank, operands } = tile;
  const bias = tile.bias ?? 0;
  const { kappa, spread, operandGrowth } = winogradAmplification(m, r);
  if (operandGrowth ** rank * operands.largestNorm > model.operandLargest) return Infinity;

  const transforms = gamma(rank * (2 * (m + r) + (r + 1)) + 1, UNIT_ROUNDOFF);
  const summation = gamma(operands.pairs, model.unit);
  const relative = transforms + summation + transforms * summation;
  const rounding = (relative * kappa ** rank + REFERENCE_SHARE) * operands.normProduct + UNIT_ROUNDOFF * bias;

  // A conversion's relative part meets κ like any rounding; its absolute part only the output transform.
  const conversion = conversionError(operands, spread ** rank, model) * kappa ** rank * (1 + relative);
  const tiny = model.flushes ? 2 ** 4 * SMALLEST_NORMAL : 2 ** -148;
  const inTile = (m + r - 1) ** rank;
  return rounding + conversion + tiny * inTile * spread ** rank * (operands.normSum + 2 * operands.pairs + 2);
}
