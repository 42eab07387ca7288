import type { DataKind } from "../../suites/data/operands.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { multiplyAdds } from "../../core/shape.ts";

/** Random problems have at most so many multiply-adds: enough to cross every size threshold, small enough for thousands. */
export const MOST_MULTIPLY_ADDS = 1_000_000;
/** Special values are judged by the plain definition, and by a slow search for the zeros that they may meet, in all groups. */
const MOST_SPECIAL_MULTIPLY_ADDS = 200_000;
const MOST_SPECIAL_PAIRS = 4_000_000;

/** Whether a problem is one of those that are drawn by the thousand, made smaller when they fail, and hang after seconds. */
export function isSmall(problem: ConvProblem): boolean {
  return multiplyAdds(problem) <= MOST_MULTIPLY_ADDS;
}

/** The kinds of data, of those asked for, that a given problem is judged with. */
export function kindsFor(problem: ConvProblem, kinds: readonly DataKind[]): readonly DataKind[] {
  return [...new Set(kinds.map((kind) => fittingData(problem, kind)))];
}

/** Only forward reads a bias; without one a problem is simpler to see. */
export function fittingProblem(problem: ConvProblem, pass: Pass): ConvProblem {
  return pass === "backwardData" && problem.bias ? { ...problem, bias: false } : problem;
}

/** Real data in place of special values where the problem is too large for those. */
export function fittingData(problem: ConvProblem, data: DataKind): DataKind {
  const count = multiplyAdds(problem);
  const isLong = count > MOST_SPECIAL_MULTIPLY_ADDS || count * problem.groups > MOST_SPECIAL_PAIRS;
  return data === "special" && isLong ? "real" : data;
}
