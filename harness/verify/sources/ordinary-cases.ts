import { agreement } from "../../../suites/laws/agreement.ts";
import { canCheck } from "../../../suites/laws/cost.ts";
import { randomStream } from "../../../suites/data/random.ts";
import { ordinaryProblems, type OrdinaryCoverage } from "../../../suites/problems/ordinary-problems.ts";
import { fittedCase } from "./case-fitting.ts";
import type { CaseSource, SourceContext } from "./source.ts";

/** A law that speaks of none of this many cases, one after the other, is not asked about more. */
const MOST_INAPPLICABLE = 1000;

/** Cases of the law that are ordinary but for a few factors, the same for the same seed. */
export async function* ordinaryCases(context: SourceContext, coverage?: OrdinaryCoverage): CaseSource {
  const { law, pass, seed, kinds, manyThreads } = context;
  const random = randomStream("ordinary cases", seed, law.name, pass);
  let inapplicable = 0;
  for (const { problem, data, threads } of ordinaryProblems(random, { coverage })) {
    if (inapplicable > MOST_INAPPLICABLE) return;
    const kind = kinds.includes(data) ? data : kinds[random.nextBelow(kinds.length)]!;
    const convCase = fittedCase(problem, pass, kind, random.nextBelow(2 ** 31));
    if (law !== agreement && !canCheck(law, convCase)) {
      inapplicable++;
      continue;
    }
    inapplicable = 0;
    const isThreaded = threads === "all" && manyThreads !== undefined;
    yield { kind: "check", convCase: isThreaded ? { ...convCase, threads: manyThreads } : convCase };
  }
}
