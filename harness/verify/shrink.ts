import fc from "fast-check";
import { problemArbitrary } from "../../suites/problems/problem-arbitrary.ts";
import type { ConvCase } from "../../suites/laws/law.ts";
import type { Counterexample } from "./outcome.ts";
import { fittedCase, MOST_MULTIPLY_ADDS } from "./sources/case-fitting.ts";

/** The smallest counterexample that was found, and fast-check's own words on how. */
export interface Shrunk {
  readonly smallest: Counterexample;
  readonly report: string | undefined;
}

/**
 * Makes the problem of a counterexample smaller by fast-check until `deadline`, a time of `performance.now()`.
 * `stillFails` gives what a smaller case fails with, or undefined where it does not fail in the same way. The case
 * itself is not tried again: it may be large. Threads of its own are kept only where it fails with no other number.
 */
export async function shrink(
  counterexample: Counterexample,
  stillFails: (convCase: ConvCase) => Promise<Counterexample | undefined>,
  { deadline, seed }: { readonly deadline: number; readonly seed: number },
): Promise<Shrunk> {
  const { problem, pass, data, seed: caseSeed, threads: givenThreads } = counterexample.convCase;
  const simpleCase = fittedCase(problem, pass, data, caseSeed);
  const withoutThreads = givenThreads === undefined ? undefined : await stillFails(simpleCase);
  let smallest = withoutThreads ?? counterexample;
  const threads = smallest.convCase.threads;
  let isGivenCase = true;
  const holds = fc.asyncProperty(problemArbitrary({ maxMultiplyAdds: MOST_MULTIPLY_ADDS }), async (simpler) => {
    if (isGivenCase) return (isGivenCase = false);
    if (performance.now() > deadline) return true;
    const simplerCase = fittedCase(simpler, pass, data, caseSeed);
    const failure = await stillFails(threads === undefined ? simplerCase : { ...simplerCase, threads });
    smallest = failure ?? smallest;
    return failure === undefined;
  });
  const details = await fc.check(holds, { seed, numRuns: 1, examples: [[problem]] });
  return { smallest, report: await fc.asyncDefaultReportMessage(details) };
}
