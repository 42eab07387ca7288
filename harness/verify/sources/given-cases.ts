import type { ConvProblem } from "../../../core/problem.ts";
import type { ConvCase } from "../../../suites/laws/law.ts";
import { fittedCase, kindsFor } from "./case-fitting.ts";
import type { CaseSource, SourceContext } from "./source.ts";

/** Cases as they are: failures of earlier runs, or the one that a user names. */
export async function* casesAsTheyAre(cases: readonly ConvCase[]): CaseSource {
  for (const convCase of cases) yield { kind: "check", convCase };
}

/** Each problem with every kind of data that fits it. */
export async function* everyKindOf(problems: readonly ConvProblem[], { pass, seed, kinds }: SourceContext): CaseSource {
  for (const problem of problems) {
    for (const data of kindsFor(problem, kinds))
      yield { kind: "check", convCase: fittedCase(problem, pass, data, seed) };
  }
}
