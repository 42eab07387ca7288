import { CoveringArray } from "../../../suites/problems/covering-array.ts";
import type { FilledProblem } from "../../../suites/problems/factors.ts";
import type { SourceContext } from "./source.ts";

/** The problems of a covering array of their own, to be changed: what is declined is not learned. */
export function* rowProblems(
  { seed, pass }: SourceContext,
  purpose: string,
): Generator<FilledProblem, void, undefined> {
  const array = new CoveringArray([seed, purpose, pass]);
  for (const { classes, filled } of array.rows()) {
    array.coverage.add(classes);
    yield filled;
  }
}
