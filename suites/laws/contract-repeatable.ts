import { after, SameResult, withOtherOperands } from "./contract.ts";
import { fitted, isPlain, withProblem } from "./fitting.ts";
import { together } from "./measured.ts";
import type { Law } from "./law.ts";
import type { ConvProblem } from "../../core/problem.ts";

/**
 * The same operands give the same result on the second, third and tenth call, and after other operands and another
 * problem.
 */
export const contractRepeatable: Law = {
  name: "contract-repeatable",
  statement:
    "f(operands) on call 2, 3, 10, and after f(other operands), which is right, and f'(other problem) = " +
    "f(operands) on call 1",
  source: "the definition: a convolution is a function of its operands",
  anyType: true,
  passes: ["forward", "backwardData", "backwardWeights"],
  applies: isPlain,
  runs: ({ problem }) => [...Array.from({ length: 14 }, () => problem), another(problem)],
  async check(tools, convCase) {
    const { problem, pass } = convCase;
    const operands = tools.typedOperands(convCase);
    const plan = await tools.open(problem, pass);
    const same = new SameResult(tools, convCase, operands, await plan.call(operands));
    for (let call = 2; call <= 10; call++) {
      const result = await plan.again();
      if (call <= 3 || call === 10) same.expect(`call ${call}`, result);
    }
    const between = withProblem(convCase, another(problem));
    await tools.compute(between.problem, pass, tools.typedOperands(between));
    same.expect("a call after another problem", await plan.again());
    const otherCase = withOtherOperands(convCase);
    const otherOperands = tools.typedOperands(otherCase);
    const others = tools.verdict(otherCase, otherOperands, await plan.call(otherOperands));
    same.expect("a call after other operands", await plan.call(operands));
    await plan.close();
    same.expect("a new plan", await tools.compute(problem, pass, operands));
    return together([after("a call with other operands", others), same.verdict()]);
  },
};

/** A problem of other sizes. */
function another(problem: ConvProblem): ConvProblem {
  const { groups, inChannels, outChannels, input } = problem;
  return fitted({
    ...problem,
    inChannels: inChannels + groups,
    outChannels: outChannels + groups,
    input: input.map((extent) => extent + 1),
  });
}
