import { multiplyAdds } from "../../../core/shape.ts";
import { randomStream } from "../../../suites/data/random.ts";
import { canCheck } from "../../../suites/laws/cost.ts";
import type { ConvCase } from "../../../suites/laws/law.ts";
import { firstCases as allFirstCases } from "../../../suites/problems/first-cases.ts";
import { fittedCase } from "./case-fitting.ts";
import type { CaseSource, SourceContext } from "./source.ts";

/**
 * Among the first cases of a law whose time is short, one of this many multiply-adds waits twice as long as the
 * smallest.
 */
const SHORT_MULTIPLY_ADDS = 5_000;

/** The cases that every run tries before it draws any, those that find most faults in a given time first. */
export async function* firstCases(context: SourceContext): CaseSource {
  for (const convCase of casesOf(context)) yield { kind: "check", convCase };
}

/** Those that the law speaks of, shuffled, small ones rather first: for one law of many, whose time is short. */
export async function* shuffledFirstCases(context: SourceContext): CaseSource {
  const stream = randomStream("first cases", context.seed, context.law.name, context.pass);
  const shuffled = casesOf(context)
    .filter((convCase) => canCheck(context.law, convCase))
    .map((convCase) => ({
      convCase,
      order: stream.nextUint32() * (1 + multiplyAdds(convCase.problem) / SHORT_MULTIPLY_ADDS),
    }))
    .toSorted((a, b) => a.order - b.order);
  for (const { convCase } of shuffled) yield { kind: "check", convCase };
}

function casesOf({ pass, seed, kinds }: SourceContext): readonly ConvCase[] {
  return allFirstCases(kinds, seed).map((first) => fittedCase(first.problem, pass, first.data, first.seed));
}
