import { randomStream } from "../../../suites/data/random.ts";
import type { FilledProblem } from "../../../suites/problems/factors.ts";
import { ordinaryProblems } from "../../../suites/problems/ordinary-problems.ts";
import type { SourceContext } from "./source.ts";

/** About half of the classes are any: what is wrong on one side of a switch is wrong with something else. */
const ORDINARY_OF_4 = [0, 1, 2];

/** Problems to be changed: what is declined is not learned. */
export function problemsToVary(
  { seed, pass }: SourceContext,
  purpose: string,
): Generator<FilledProblem, void, undefined> {
  return ordinaryProblems(randomStream("problems to vary", seed, purpose, pass), { ordinaryOf4: ORDINARY_OF_4 });
}
