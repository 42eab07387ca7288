import type { ConvCase } from "../../../suites/laws/law.ts";
import type { GivenProblem } from "../options.ts";
import { fittedCase, kindsFor } from "./case-fitting.ts";
import type { CaseSource, SourceContext } from "./source.ts";

/** Cases as they are: failures of earlier runs, or the one that a user names. */
export async function* casesAsTheyAre(cases: readonly ConvCase[]): CaseSource {
  for (const convCase of cases) yield { kind: "check", convCase };
}

/** Each problem that is for the pass, with every kind of data that fits it. */
export async function* everyKindOf(given: readonly GivenProblem[], { pass, seed, kinds }: SourceContext): CaseSource {
  for (const { problem, passes } of given) {
    if (!passes.includes(pass)) continue;
    for (const data of kindsFor(problem, kinds))
      yield { kind: "check", convCase: fittedCase(problem, pass, data, seed) };
  }
}
