import { valuesOf, type ElementArray } from "../../core/element-types.ts";
import type { Verdict } from "../../core/verdict.ts";
import { outputNames, shapeOf, type TensorName, type Tensors } from "../../core/tensors.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { errorRatio } from "../../reference/bounds.ts";
import type { Computed, LawTools } from "./law.ts";
import { unravel } from "../../core/indexing.ts";

/** One tensor of results, each element with how far it may be from the truth: 0 where it is exact. */
export interface Measured {
  /** Whose output it is. */
  readonly problem: ConvProblem;
  readonly tensor: TensorName;
  readonly shape: readonly number[];
  readonly values: Float64Array;
  readonly bounds: Float64Array;
}

/** One side of an equation: its tensors, and their name in messages. */
export interface Side {
  readonly by: string;
  readonly tensors: readonly Measured[];
}

/** Unit roundoff of the float64 sums that laws make themselves. */
const U64 = 2 ** -53;

/** The implementation's outputs for a problem, with their bounds. */
export async function measure(
  tools: LawTools,
  problem: ConvProblem,
  pass: Pass,
  operands: Tensors<ElementArray>,
): Promise<readonly Measured[]> {
  return withBounds(tools, problem, pass, operands, await tools.compute(problem, pass, operands));
}

/** Outputs of a call with their bounds. */
export function withBounds(
  tools: LawTools,
  problem: ConvProblem,
  pass: Pass,
  operands: Tensors<ElementArray>,
  computed: Computed,
): readonly Measured[] {
  return outputNames(problem, pass).map((tensor) => ({
    problem,
    tensor,
    shape: shapeOf(problem, tensor),
    values: Float64Array.from(valuesOf(computed.outputs[tensor]!)),
    bounds: tools.bounds(problem, pass, operands, computed, tensor),
  }));
}

/** Σ_j coefficient_j · term_j + constant, with the bound Σ_j |coefficient_j| · bound_j plus float64's own rounding. */
export function combine(
  terms: readonly { readonly coefficient: number; readonly term: Measured }[],
  constant: (index: number) => number = () => 0,
): Measured {
  const { problem, tensor, shape, values } = terms[0]!.term;
  const sums = new Float64Array(values.length);
  const bounds = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    let magnitude = Math.abs(constant(i));
    sums[i] = constant(i);
    for (const { coefficient, term } of terms) {
      sums[i]! += coefficient * term.values[i]!;
      bounds[i]! += Math.abs(coefficient) * term.bounds[i]!;
      magnitude += Math.abs(coefficient * term.values[i]!);
    }
    // Exact results are few bits wide: their sums are exact in float64 too.
    if (bounds[i] !== 0) bounds[i]! += terms.length * U64 * magnitude;
  }
  return { problem, tensor, shape, values: sums, bounds };
}

/**
 * Sums that a law computed itself in float64, as the other side of an implementation's `result`: `terms` products each,
 * with magnitudes Σ|terms|. Exact where the result is held to be exact; elsewhere within terms · 2^-53 · Σ|terms|
 * (Higham, §3.1).
 */
export function summedHere(result: Measured, values: Float64Array, magnitudes: Float64Array, terms: number): Measured {
  const bounds = result.bounds.map((bound, i) => (bound === 0 ? 0 : terms * U64 * magnitudes[i]!));
  return { ...result, values, bounds };
}

/** Holds when both sides are equal, element by element, up to the sum of their bounds. */
export function compareSides(left: Side, right: Side): Verdict {
  const verdicts = left.tensors.map((tensor, i) => compareTensors(left.by, tensor, right.by, right.tensors[i]!));
  return together(verdicts);
}

/** The worst of several verdicts, with all their elements. */
export function together(verdicts: readonly Verdict[]): Verdict {
  return verdicts.reduce((a, b) => ({
    ...(b.margin > a.margin ? b : a),
    elements: a.elements + b.elements,
    tellingElements: a.tellingElements + b.tellingElements,
    wideElements: (a.wideElements ?? 0) + (b.wideElements ?? 0),
  }));
}

function compareTensors(leftBy: string, left: Measured, rightBy: string, right: Measured): Verdict {
  let margin = 0;
  let worst = 0;
  let tellingElements = 0;
  let wideElements = 0;
  for (let i = 0; i < left.values.length; i++) {
    const [a, b] = [left.values[i]!, right.values[i]!];
    const bound = left.bounds[i]! + right.bounds[i]!;
    if (isTelling(a, b, bound)) tellingElements++;
    else if (bound !== 0 && (a !== 0 || b !== 0)) wideElements++;
    const ratio = errorRatio(a, b, bound);
    if (ratio > margin) [margin, worst] = [ratio, i];
  }
  const elements = left.values.length;
  if (margin <= 1) return { margin, elements, tellingElements, wideElements };
  const index = unravel(worst, left.shape);
  const [got, expected, bound] = [
    left.values[worst]!,
    right.values[worst]!,
    left.bounds[worst]! + right.bounds[worst]!,
  ];
  const within = bound === 0 ? "exactly" : `within ${bound.toPrecision(3)}`;
  const element = `${left.tensor}[${index.join(", ")}]`;
  const message =
    Number.isNaN(got) && Number.isNaN(expected)
      ? `${element} is NaN by ${leftBy} and by ${rightBy}; it is a finite number`
      : `${element} is ${got} by ${leftBy}, ${expected} by ${rightBy}; they are equal ${within}`;
  return {
    margin,
    elements,
    tellingElements,
    wideElements,
    fault: { message, element: { tensor: left.tensor, index, got, expected, bound }, problem: left.problem },
  };
}

/** Whether an equality says anything: not of two zeros, nor under a bound as wide as the two sides. */
export function isTelling(a: number, b: number, bound: number): boolean {
  return bound < Infinity && !(Math.max(Math.abs(a), Math.abs(b)) <= bound);
}
