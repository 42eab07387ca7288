import { firstCases as allFirstCases } from "../../../suites/problems/first-cases.ts";
import { fittedCase } from "./case-fitting.ts";
import type { CaseSource, SourceContext } from "./source.ts";

/** The cases that every run tries before any others: the common problem with every fill. */
export async function* firstCases({ pass, seed, kinds }: SourceContext): CaseSource {
  for (const first of allFirstCases(kinds, seed))
    yield { kind: "check", convCase: fittedCase(first.problem, pass, first.data, first.seed) };
}
