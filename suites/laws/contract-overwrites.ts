import { isPlain } from "./fitting.ts";
import { after } from "./contract.ts";
import type { Law } from "./law.ts";
import { together } from "./measured.ts";

/** Every output element is overwritten, whether it held NaN, large finite garbage or the result of the call before. */
export const contractOverwrites: Law = {
  name: "contract-overwrites",
  statement:
    "f(operands, out = NaN) = f(operands, out = −7.7·10²⁹) = f(operands, out = an earlier result) = conv(operands)",
  source: "design: outputs arrive allocated and poisoned; XNNPACK bench/f32-igemm.cc fills them with NaN",
  anyType: true,
  passes: ["forward", "backwardData", "backwardWeights"],
  applies: isPlain,
  runs: ({ problem }) => [problem, problem, problem],
  async check(tools, convCase) {
    const operands = tools.typedOperands(convCase);
    const plan = await tools.open(convCase.problem, convCase.pass);
    const overNan = await plan.call(operands, "nan");
    const overResult = await plan.again();
    const overGarbage = await plan.call(operands, "finite");
    await plan.close();
    return together([
      after("outputs full of NaN", tools.verdict(convCase, operands, overNan)),
      after("outputs full of finite garbage", tools.verdict(convCase, operands, overGarbage)),
      after("outputs that held a result", tools.verdict(convCase, operands, overResult)),
    ]);
  },
};
