import { isPoison } from "../../core/tensors.ts";
import type { WrongElement } from "../../core/verdict.ts";
import { errorRatio, overflowLimit } from "../../reference/bounds.ts";

const FLOAT32_OVERFLOW = overflowLimit("float32");

/** What one output element should be. */
export interface ElementExpectation {
  /** The reference in float64; may be NaN or ±Inf where operands are. */
  readonly value: number;
  /** Σ|products| + |bias|. */
  readonly magnitude: number;
  /** The largest |got − value| that is right; 0 demands equality. */
  readonly bound: number;
  /** A zero of padding, of zero insertion or of a block-diagonal matrix may have met a non-finite operand here. */
  readonly acceptsNan: boolean;
  /** From this Σ|terms| on a sum may overflow; float32's limit where it is left out. */
  readonly overflow?: number;
  /** Any value is right: the implementation's declaration excludes such data. */
  readonly acceptsAnything: boolean;
  /** Non-finite operands spread within a transform: any value that is not finite is right. */
  readonly acceptsAnyNonFinite: boolean;
}

/**
 * Error ÷ bound of one element: at most 1 when it is right, Infinity when no bound could excuse it. The rule is
 * `errorRatio`'s, after what is special of a convolution:
 * - Where Σ|terms| may overflow, the in-bound value, ±Inf and NaN are right, unless all terms have one sign: then an
 *   overflow is that Inf. Where the value itself is certain to overflow float32, nothing but its Inf is.
 * - NaN is right where a zero of padding meets a non-finite operand; any value that is not finite where a transform
 *   spreads one.
 */
export function elementMargin(got: number, expected: ElementExpectation): number {
  const { value, magnitude, bound, overflow = FLOAT32_OVERFLOW } = expected;
  if (expected.acceptsAnything) return 0;
  if (Number.isNaN(got) && expected.acceptsNan) return 0;
  if (!Number.isFinite(value)) {
    const holds = expected.acceptsAnyNonFinite ? !Number.isFinite(got) : Object.is(got, value);
    return holds ? 0 : Infinity;
  }
  if (bound < Infinity && !Number.isFinite(got) && magnitude + bound >= overflow) {
    const oneSign = Math.abs(value) >= magnitude * (1 - 2 ** -40);
    return !oneSign || got === Math.sign(value) * Infinity ? 0 : Infinity;
  }
  if (Math.abs(value) - bound >= FLOAT32_OVERFLOW) return got === Math.sign(value) * Infinity ? 0 : Infinity;
  return errorRatio(got, value, bound);
}

/** A wrong element of an output, and what is wrong in one sentence. */
export interface ElementFault<Name extends string> {
  readonly message: string;
  readonly element: Omit<WrongElement, "tensor"> & { readonly tensor: Name };
}

/**
 * The fault of an output's element: `at` is its flat index, `index` the one to show, `remark` the end of the sentence.
 */
export function elementFault<Name extends string>(
  tensor: Name,
  got: Float32Array,
  at: number,
  { value, bound }: Pick<ElementExpectation, "value" | "bound">,
  index: readonly number[],
  remark = "",
): ElementFault<Name> {
  const place = `${tensor}[${index.join(", ")}]`;
  const demanded = bound === 0 ? `exactly ${value}` : `${value} ± ${bound.toPrecision(3)}`;
  const message = isPoison(got, at)
    ? `${place} was never written, or only added to; ${demanded} was expected`
    : `${place} is ${got[at]}; ${demanded} was expected${remark}`;
  return { message, element: { tensor, index, got: got[at]!, expected: value, bound } };
}
