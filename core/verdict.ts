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

/** What is wrong, in one sentence, and the worst element where the fault is one of numbers. */
export interface Fault {
  readonly message: string;
  readonly element?: WrongElement;
  /** Whose element it is, where a law may have changed the problem of the case. */
  readonly problem?: ConvProblem;
}

export interface Verdict {
  /** Error ÷ bound at the worst element. */
  readonly margin: number;
  /** Elements that were compared, and how many of them had anything to show: a sum of at least one non-zero term. */
  readonly elements: number;
  readonly tellingElements: number;
  readonly fault?: Fault;
  /** Σ (error ÷ probabilistic bound)² over the elements that rounding may touch, and how many they are: see `probabilisticBound`. */
  readonly rounding?: { readonly sumOfSquares: number; readonly elements: number };
}

/** The worst of both, over all their elements. */
export function worse(a: Verdict, b: Verdict): Verdict {
  return {
    ...(b.margin > a.margin ? b : a),
    elements: a.elements + b.elements,
    tellingElements: a.tellingElements + b.tellingElements,
    rounding: {
      sumOfSquares: (a.rounding?.sumOfSquares ?? 0) + (b.rounding?.sumOfSquares ?? 0),
      elements: (a.rounding?.elements ?? 0) + (b.rounding?.elements ?? 0),
    },
  };
}
