import type { ConvProblem } from "../../core/problem.ts";
import { after, withOtherOperands } from "./contract.ts";
import { fitted, isPlain, withProblem } from "./fitting.ts";
import type { Law } from "./law.ts";
import { together } from "./measured.ts";
import type { Verdict } from "../../core/verdict.ts";

/**
 * Nothing is kept from a larger or a smaller problem: reused or growing scratch memory shows nothing of what it held.
 */
export const contractNoResidue: Law = {
  name: "contract-no-residue",
  statement:
    "conv(a) is right after conv of a larger problem, after that of a smaller one, and after that of the " +
    "same with other operands",
  source: "the definition: a convolution is a function of its operands",
  anyType: true,
  passes: ["forward", "backwardData", "backwardWeights"],
  applies: isPlain,
  runs: ({ problem }) => [larger(problem), problem, smaller(problem), problem, problem],
  async check(tools, convCase) {
    const { problem } = convCase;
    const steps = [
      { before: "nothing", step: withProblem(convCase, larger(problem)) },
      { before: "a larger problem", step: convCase },
      { before: "the same problem", step: withProblem(convCase, smaller(problem)) },
      { before: "a smaller problem", step: withOtherOperands(convCase) },
      { before: "the same problem with other operands", step: convCase },
    ];
    const verdicts: Verdict[] = [];
    for (const { before, step } of steps) {
      const operands = tools.typedOperands(step);
      verdicts.push(
        after(before, tools.verdict(step, operands, await tools.compute(step.problem, step.pass, operands))),
      );
    }
    return together(verdicts);
  },
};

function larger(problem: ConvProblem): ConvProblem {
  const { batch, inChannels, outChannels, groups, input } = problem;
  return fitted({
    ...problem,
    batch: batch + 1,
    inChannels: inChannels + groups,
    outChannels: outChannels + groups,
    input: input.map((extent) => extent + 3),
  });
}

function smaller(problem: ConvProblem): ConvProblem {
  return fitted({ ...problem, batch: 1, input: problem.input.map((extent) => Math.max(1, extent - 2)) });
}
