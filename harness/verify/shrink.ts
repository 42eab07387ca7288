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
 * itself is not tried again: it may be large.
 */
export async function shrink(
  counterexample: Counterexample,
  stillFails: (convCase: ConvCase) => Promise<Counterexample | undefined>,
  { deadline, seed }: { readonly deadline: number; readonly seed: number },
): Promise<Shrunk> {
  const { problem, pass, data, seed: caseSeed } = counterexample.convCase;
  let smallest = counterexample;
  let isGivenCase = true;
  const holds = fc.asyncProperty(problemArbitrary({ maxMultiplyAdds: MOST_MULTIPLY_ADDS }), async (simpler) => {
    if (isGivenCase) return (isGivenCase = false);
    const failure =
      performance.now() > deadline ? undefined : await stillFails(fittedCase(simpler, pass, data, caseSeed));
    smallest = failure ?? smallest;
    return failure === undefined;
  });
  const details = await fc.check(holds, { seed, numRuns: 1, examples: [[problem]] });
  return { smallest, report: await fc.asyncDefaultReportMessage(details) };
}
