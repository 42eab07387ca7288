import { POISON_NAN_BITS } from "../../core/tensors.ts";
import type { WrongElement } from "../../core/verdict.ts";

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
  /** Any value is right: the implementation's declaration excludes such data. */
  readonly acceptsAnything: boolean;
  /** Non-finite operands spread within a transform: any value that is not finite is right. */
  readonly acceptsAnyNonFinite: boolean;
}

/** From here on a real number rounds to Infinity in float32: 2^128 − 2^103. */
const OVERFLOW = 2 ** 128 - 2 ** 103;

/**
 * Error ÷ bound of one element: at most 1 when it is right, Infinity when no bound could excuse it. Special values: −0
 * equals +0. Where Σ|terms| may overflow, the in-bound value, ±Inf and NaN are right, unless all terms have one sign
 * and certainly overflow: then that Inf. Elsewhere NaN and ±Inf must come out exactly.
 */
export function elementMargin(got: number, expected: ElementExpectation): number {
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
  return finiteMargin(got, value, bound);
}

/** Error ÷ bound where the expected value is finite and far from overflow. */
export function finiteMargin(got: number, value: number, bound: number): number {
  const error = Math.abs(got - value);
  if (error === 0) return 0;
  return Number.isNaN(error) || bound === 0 ? Infinity : error / bound;
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
  const isUnwritten = new Uint32Array(got.buffer, got.byteOffset, got.length)[at] === POISON_NAN_BITS;
  const message = isUnwritten
    ? `${place} was never written; ${demanded} was expected`
    : `${place} is ${got[at]}; ${demanded} was expected${remark}`;
  return { message, element: { tensor, index, got: got[at]!, expected: value, bound } };
}
