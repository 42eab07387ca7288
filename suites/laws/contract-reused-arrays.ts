import { type ElementArray } from "../../core/element-types.ts";
import type { Tensors } from "../../core/tensors.ts";
import { after, withOtherOperands } from "./contract.ts";
import { isPlain } from "./fitting.ts";
import type { Law } from "./law.ts";
import { together } from "./measured.ts";

/**
 * A result depends on what the operands hold, not on which arrays they are: callers reuse theirs. Weights that were
 * packed for an array, or for a shape, must not be used for its next contents.
 */
export const contractReusedArrays: Law = {
  name: "contract-reused-arrays",
  statement:
    "f(x, w) = conv(x, w) after the arrays x and w held other contents, and after one of them did while the other stayed",
  source:
    "the definition: a convolution is a function of its operands; design: what is loaded stays until the next load",
  anyType: true,
  passes: ["forward", "backwardData", "backwardWeights"],
  applies: isPlain,
  runs: ({ problem }) => Array.from({ length: 4 }, () => problem),
  async check(tools, convCase) {
    const { problem, pass } = convCase;
    const otherCase = withOtherOperands(convCase);
    const [operands, others] = [tools.typedOperands(convCase), tools.typedOperands(otherCase)];
    const plan = await tools.open(problem, pass);
    const first = await plan.call(operands);
    const second = await plan.refill(others);
    // Weights alone, or dy where the pass computes the weights' gradient; then everything, with the contents of before.
    const changed = secondOf(operands);
    const mixed = { ...others, ...changed };
    const third = await plan.refill(changed);
    const fourth = await plan.refill(operands);
    await plan.close();
    return together([
      tools.verdict(convCase, operands, first),
      after("other contents of the same arrays", tools.verdict(otherCase, others, second)),
      after("other contents of one array", tools.verdict(otherCase, mixed, third)),
      after("other contents of the same arrays", tools.verdict(convCase, operands, fourth)),
    ]);
  },
};

/** The weights, or dy in the pass that reads none. */
function secondOf({ weights, dy }: Tensors<ElementArray>): Tensors<ElementArray> {
  if (weights !== undefined) return { weights };
  return dy === undefined ? {} : { dy };
}
