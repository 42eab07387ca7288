import { randomStream } from "../../../suites/data/random.ts";
import { ordinaryProblems, type OrdinaryCoverage } from "../../../suites/problems/ordinary-problems.ts";
import { fittedCase } from "./case-fitting.ts";
import type { CaseSource, SourceContext } from "./source.ts";

/** Cases without end that are ordinary but for a few factors, the same for the same seed. */
export async function* ordinaryCases(context: SourceContext, coverage: OrdinaryCoverage): CaseSource {
  const { law, pass, seed, manyThreads } = context;
  const random = randomStream("ordinary cases", seed, law.name, pass);
  for (const { problem, data, threads } of ordinaryProblems(coverage, random)) {
    const convCase = fittedCase(problem, pass, data, random.nextBelow(2 ** 31));
    const isThreaded = threads === "all" && manyThreads !== undefined;
    yield { kind: "check", convCase: isThreaded ? { ...convCase, threads: manyThreads } : convCase };
  }
}
