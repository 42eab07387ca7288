import fc from "fast-check";
import { canCheck } from "../../../suites/laws/cost.ts";
import type { ConvCase } from "../../../suites/laws/law.ts";
import { problemArbitrary } from "../../../suites/problems/problem-arbitrary.ts";
import { fittedCase, MOST_MULTIPLY_ADDS } from "./case-fitting.ts";
import type { CaseSource, SourceContext } from "./source.ts";

/** Cases that are drawn at once. */
const BATCH = 8;
/** For each case that is asked for, at most this many are drawn in search of one that the law speaks of. */
const MOST_DRAWN = 20;

/** Random cases without end, the same for the same seed. */
export async function* randomCases(context: SourceContext, maxMultiplyAdds = MOST_MULTIPLY_ADDS): CaseSource {
  for (const convCase of drawn(context, maxMultiplyAdds)) yield { kind: "check", convCase };
}

/** A number of random cases that the law speaks of, however long they take. */
export async function* countedRandomCases(context: SourceContext, count: number): CaseSource {
  let [found, tried] = [0, 0];
  for (const convCase of drawn(context, MOST_MULTIPLY_ADDS)) {
    if (canCheck(context.law, convCase)) {
      yield { kind: "check", convCase };
      found++;
    }
    if (found === count || ++tried >= MOST_DRAWN * count) return;
  }
}

function* drawn({ pass, seed, kinds }: SourceContext, maxMultiplyAdds: number): Generator<ConvCase, void, undefined> {
  const cases = fc.record({
    problem: problemArbitrary({ maxMultiplyAdds }),
    data: fc.constantFrom(...kinds),
    seed: fc.nat(2 ** 31 - 1),
  });
  for (let batch = 1; ; batch++) {
    for (const next of fc.sample(cases, { seed: (seed + batch * 7919) | 0, numRuns: BATCH }))
      yield fittedCase(next.problem, pass, next.data, next.seed);
  }
}
