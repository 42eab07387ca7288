import { multiplyAdds } from "../../core/shape.ts";
import { SameResult } from "./contract.ts";
import { isPlain } from "./fitting.ts";
import type { Law } from "./law.ts";

const CALLS = 400;
const MOST_MULTIPLY_ADDS = 4096;

/** What is wrong once in hundreds of calls shows in hundreds of calls. */
export const contractManyCalls: Law = {
  name: "contract-many-calls",
  statement: `f(operands) on call 2, 3, …, ${CALLS} = f(operands) on call 1, bit for bit`,
  source: "the definition: a convolution is a function of its operands",
  anyType: true,
  passes: ["forward", "backwardData", "backwardWeights"],
  // In exact arithmetic no order of summation changes a bit.
  applies: (convCase) =>
    isPlain(convCase) && convCase.data !== "real" && multiplyAdds(convCase.problem) <= MOST_MULTIPLY_ADDS,
  runs: ({ problem }) => Array.from({ length: CALLS }, () => problem),
  async check(tools, convCase) {
    const { problem, pass } = convCase;
    const operands = tools.typedOperands(convCase);
    const plan = await tools.open(problem, pass);
    const same = new SameResult(tools, convCase, operands, await plan.call(operands));
    const { computed, calls } = await plan.repeat(CALLS - 1);
    await plan.close();
    same.expect(`call ${calls + 1}`, computed);
    return same.verdict();
  },
};
