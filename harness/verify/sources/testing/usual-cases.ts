import { CORNER_PROBLEMS } from "../../../../suites/problems/corner-problems.ts";
import { SIZE_PROBLEMS } from "../../../../suites/problems/size-problems.ts";
import { canCheck } from "../../../../suites/laws/cost.ts";
import { fittedCase } from "../case-fitting.ts";
import { firstCases } from "../first-cases.ts";
import { mixedCases } from "../mixed-cases.ts";
import type { CaseSource, SourceContext } from "../source.ts";

/** The common problem, corners and sizes, then rows of the covering arrays: a search in one line, for tests. */
export async function* usualCases(context: SourceContext): CaseSource {
  yield* firstCases(context);
  const { law, pass, seed, kinds } = context;
  for (const [at, problem] of [...CORNER_PROBLEMS, ...SIZE_PROBLEMS].entries()) {
    const convCase = fittedCase(problem, pass, kinds[at % 2]!, seed + at);
    if (canCheck(law, convCase)) yield { kind: "check", convCase };
  }
  yield* mixedCases(context);
}
