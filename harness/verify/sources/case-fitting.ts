import type { DataKind } from "../../../suites/data/operands.ts";
import type { ConvProblem, Pass } from "../../../core/problem.ts";
import { multiplyAdds } from "../../../core/shape.ts";
import type { ConvCase } from "../../../suites/laws/law.ts";

/** The most multiply-adds of a random problem: enough to cross every size threshold, small enough for thousands. */
export const MOST_MULTIPLY_ADDS = 1_000_000;
/**
 * Special values are checked by the plain definition, and by a slow search for the zeros that they may meet, in all
 * groups.
 */
const MOST_SPECIAL_MULTIPLY_ADDS = 200_000;
const MOST_SPECIAL_PAIRS = 4_000_000;

/**
 * Whether a problem is one of those that are drawn by the thousand, made smaller when they fail, and hang after
 * seconds.
 */
export function isSmall(problem: ConvProblem): boolean {
  return multiplyAdds(problem) <= MOST_MULTIPLY_ADDS;
}

/**
 * A case of the problem: without a bias where the pass does not read one, and with data that the checker can take at
 * its size.
 */
export function fittedCase(problem: ConvProblem, pass: Pass, data: DataKind, seed: number): ConvCase {
  const simpler = pass === "backwardData" && problem.bias ? { ...problem, bias: false } : problem;
  return { problem: simpler, pass, data: fittedData(problem, data), seed };
}

/** The kinds of data, of those asked for, that a given problem is checked with. */
export function kindsFor(problem: ConvProblem, kinds: readonly DataKind[]): readonly DataKind[] {
  return [...new Set(kinds.map((kind) => fittedData(problem, kind)))];
}

/** Real data in place of special values where the problem is too large for those. */
function fittedData(problem: ConvProblem, data: DataKind): DataKind {
  const count = multiplyAdds(problem);
  const isLong = count > MOST_SPECIAL_MULTIPLY_ADDS || count * problem.groups > MOST_SPECIAL_PAIRS;
  return data === "special" && isLong ? "real" : data;
}
