import fc from "fast-check";
import type { ConvCase } from "../../../suites/laws/law.ts";
import { problemArbitrary } from "../../../suites/problems/problem-arbitrary.ts";
import { fittedCase, MOST_MULTIPLY_ADDS } from "./case-fitting.ts";
import type { CaseSource, SourceContext } from "./source.ts";

/** Cases that are drawn at once. */
const BATCH = 8;

/** Random cases without end, the same for the same seed. */
export async function* randomCases(context: SourceContext, maxMultiplyAdds = MOST_MULTIPLY_ADDS): CaseSource {
  for (const convCase of drawn(context, maxMultiplyAdds)) yield { kind: "check", convCase };
}

function* drawn(
  { pass, seed, kinds, manyThreads }: SourceContext,
  maxMultiplyAdds: number,
): Generator<ConvCase, void, undefined> {
  const cases = fc.record({
    problem: problemArbitrary({ maxMultiplyAdds }),
    data: fc.constantFrom(...kinds),
    seed: fc.nat(2 ** 31 - 1),
  });
  for (let batch = 1; ; batch++) {
    for (const next of fc.sample(cases, { seed: (seed + batch * 7919) | 0, numRuns: BATCH })) {
      const convCase = fittedCase(next.problem, pass, next.data, next.seed);
      yield manyThreads !== undefined && next.seed % 2 === 1 ? { ...convCase, threads: manyThreads } : convCase;
    }
  }
}
