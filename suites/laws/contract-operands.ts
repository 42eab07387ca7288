import { elementsOf, untouched, withOtherOperands } from "./contract.ts";
import type { Law } from "./law.ts";
import { together } from "./measured.ts";

/** Operands stay as they are, bit for bit, while a plan holds them: through its calls and those of another plan. */
export const contractOperands: Law = {
  name: "contract-operands",
  statement: "the bits of x, w, b and dy after each call = the bits before",
  source: "design: operands stay as they are until the next load or dispose; ONNX operators have no side effects",
  anyType: true,
  passes: ["forward", "backwardData", "backwardWeights"],
  runs: ({ problem }) => [problem, problem, problem],
  async check(tools, convCase) {
    const operands = tools.typedOperands(convCase);
    const plan = await tools.open(convCase.problem, convCase.pass);
    const first = await plan.call(operands);
    const second = await plan.again();
    await tools.compute(convCase.problem, convCase.pass, tools.typedOperands(withOtherOperands(convCase)));
    const settled = await plan.settle();
    await plan.close();
    return together(
      [first.touched, second.touched, settled].map((touched) => untouched(touched, elementsOf(operands))),
    );
  },
};
