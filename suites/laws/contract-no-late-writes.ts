import { setTimeout as delay } from "node:timers/promises";
import { elementsOf, untouched, withOtherOperands } from "./contract.ts";
import { isPlain } from "./fitting.ts";
import type { Law } from "./law.ts";
import { together } from "./measured.ts";

/** Long enough for a timer, a worker or a device that goes on after its call has returned. */
const WAIT_MS = 10;

/** Outputs that were returned do not change: not by later calls, and not with time. */
export const contractNoLateWrites: Law = {
  name: "contract-no-late-writes",
  statement: "the bits of y, dX, dW and dB, some time and some calls after the call that returned them = the bits then",
  source: "design: run ends when the result is finished",
  anyType: true,
  passes: ["forward", "backwardData", "backwardWeights"],
  applies: isPlain,
  runs: ({ problem }) => [problem, problem],
  waitMs: 2 * WAIT_MS,
  async check(tools, convCase) {
    const operands = tools.typedOperands(convCase);
    const plan = await tools.open(convCase.problem, convCase.pass);
    const first = await plan.call(operands);
    // A late write that came before the outputs were read is seen in their values.
    const verdict = tools.verdict(convCase, operands, first);
    if (verdict.fault !== undefined) return verdict;
    await delay(WAIT_MS);
    const afterAWhile = await plan.settle();
    const second = await plan.call(tools.typedOperands(withOtherOperands(convCase)));
    await delay(WAIT_MS);
    const afterACall = await plan.settle();
    await plan.close();
    const elements = elementsOf(first.outputs);
    return together(
      [first.touched, afterAWhile, second.touched, afterACall].map((touched) => untouched(touched, elements)),
    );
  },
};
