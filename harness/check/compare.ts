/** What one output element should be. */
export interface ElementExpectation {
  /** The reference in float64; may be NaN or ±Inf where operands are. */
  readonly value: number;
  /** Σ|products| + |bias|. */
  readonly magnitude: number;
  /** The largest |got − value| that is right; 0 demands equality. */
  readonly bound: number;
  /** A zero of padding, stuffing or a block-diagonal matrix may have met a non-finite operand here. */
  readonly acceptsNan: boolean;
  /** Whatever comes out is right: the implementation's contract says nothing of such data. */
  readonly acceptsAnything: boolean;
  /** Non-finite operands spread within a transform: any value that is not finite will do. */
  readonly acceptsAnyNonFinite: boolean;
}

/** From here on a real number rounds to Infinity in float32: 2^128 − 2^103. */
const OVERFLOW = 2 ** 128 - 2 ** 103;

/**
 * Error ÷ bound of one element: at most 1 when it is right, Infinity when no bound could excuse it.
 * Rules for special values: design "The checker". −0 equals +0. Where Σ|terms| may overflow, the in-bound value, ±Inf and NaN are
 * right, unless all terms have one sign and certainly overflow: then that Inf. Elsewhere NaN and ±Inf must come out exactly.
 */
export function errorRatio(got: number, expected: ElementExpectation): number {
  const { value, magnitude, bound } = expected;
  if (expected.acceptsAnything) return 0;
  if (Number.isNaN(got) && expected.acceptsNan) return 0;
  if (!Number.isFinite(value)) {
    const holds = expected.acceptsAnyNonFinite ? !Number.isFinite(got) : Object.is(got, value);
    return holds ? 0 : Infinity;
  }
  if (magnitude + bound >= OVERFLOW && !Number.isFinite(got)) {
    const oneSign = Math.abs(value) >= magnitude * (1 - 2 ** -40);
    return !oneSign || got === Math.sign(value) * Infinity ? 0 : Infinity;
  }
  if (Math.abs(value) - bound >= OVERFLOW) return got === Math.sign(value) * Infinity ? 0 : Infinity;
  const error = Math.abs(got - value);
  if (error === 0) return 0;
  return Number.isNaN(error) || bound === 0 ? Infinity : error / bound;
}
