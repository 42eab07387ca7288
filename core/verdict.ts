import type { ConvProblem } from "./problem.ts";
import type { TensorName } from "./tensors.ts";

/** One output element that is wrong. */
export interface WrongElement {
  readonly tensor: TensorName;
  readonly index: readonly number[];
  readonly got: number;
  readonly expected: number;
  readonly bound: number;
}

/** What is wrong, in one sentence, and the worst element where numbers are wrong. */
export interface Fault {
  readonly message: string;
  readonly element?: WrongElement;
  /** The problem that the element belongs to, where a law changed the case's own. */
  readonly problem?: ConvProblem;
}

export interface Verdict {
  /** Error ÷ bound at the worst element. */
  readonly margin: number;
  /**
   * Elements that were compared, and how many of them are evidence: a term is not zero, and the bound is below what an
   * answer that takes no convolution (zero, a constant, a copy of an operand) misses by.
   */
  readonly elements: number;
  readonly tellingElements: number;
  /** Elements with a term that is not zero, under a bound so wide that such an answer passes too. */
  readonly wideElements?: number;
  /** Elements of which the declaration lets anything be right. */
  readonly excludedElements?: number;
  readonly fault?: Fault;
  /**
   * Σ (error ÷ probabilistic bound)² over the elements that rounding may touch, and their number: see
   * `probabilisticBound`.
   */
  readonly rounding?: { readonly sumOfSquares: number; readonly elements: number };
}

/** The worse of two verdicts, over the elements of both. */
export function worse(a: Verdict, b: Verdict): Verdict {
  return {
    ...(b.margin > a.margin ? b : a),
    elements: a.elements + b.elements,
    tellingElements: a.tellingElements + b.tellingElements,
    excludedElements: (a.excludedElements ?? 0) + (b.excludedElements ?? 0),
    wideElements: (a.wideElements ?? 0) + (b.wideElements ?? 0),
    rounding: {
      sumOfSquares: (a.rounding?.sumOfSquares ?? 0) + (b.rounding?.sumOfSquares ?? 0),
      elements: (a.rounding?.elements ?? 0) + (b.rounding?.elements ?? 0),
    },
  };
}
