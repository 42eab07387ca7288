import { CoveringArray } from "../../../suites/problems/covering-array.ts";
import type { FilledProblem } from "../../../suites/problems/factors.ts";
import type { SourceContext } from "./source.ts";

/** The problems of two covering arrays of their own by turns, square ones and any, to be changed: what is declined is not learned. */
export function* rowProblems(
  { seed, pass }: SourceContext,
  purpose: string,
): Generator<FilledProblem, void, undefined> {
  const arrays = [true, false].map((isSquare) => new CoveringArray([seed, purpose, pass], { isSquare }));
  const rows = arrays.map((array) => array.rows());
  for (;;) {
    for (const [index, { coverage }] of arrays.entries()) {
      const next = rows[index]!.next();
      if (next.done === true) return;
      coverage.add(next.value.classes);
      yield next.value.filled;
    }
  }
}
