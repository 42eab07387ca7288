import { after, SameResult, withOtherOperands } from "./contract.ts";
import { isPlain } from "./fitting.ts";
import type { Law } from "./law.ts";
import { together } from "./measured.ts";

/** Two plans of one problem that exist at the same time keep their operands and results apart. */
export const contractTwoPlans: Law = {
  name: "contract-two-plans",
  statement:
    "with plans p and q alive: run p(a), run q(b), read p, read q, p, q = conv(a), conv(b), conv(a), " +
    "conv(b), also after one of them is closed",
  source: "design: a plan holds its operands until its next load or dispose",
  anyType: true,
  passes: ["forward", "backwardData", "backwardWeights"],
  applies: isPlain,
  runs: ({ problem }) => Array.from({ length: 5 }, () => problem),
  async check(tools, convCase) {
    const { problem, pass } = convCase;
    const otherCase = withOtherOperands(convCase);
    const [ownOperands, otherOperands] = [tools.typedOperands(convCase), tools.typedOperands(otherCase)];
    const own = await tools.open(problem, pass);
    const other = await tools.open(problem, pass);
    await own.start(ownOperands);
    await other.start(otherOperands);
    const [ownFirst, otherFirst] = [await own.read(), await other.read()];
    const ownSame = new SameResult(tools, convCase, ownOperands, ownFirst);
    const otherSame = new SameResult(tools, otherCase, otherOperands, otherFirst);
    ownSame.expect("a call after another plan's", await own.again());
    otherSame.expect("a call after another plan's", await other.again());
    await own.close();
    otherSame.expect("a call after another plan was closed", await other.again());
    await other.close();
    // The first results are checked too: they may already be mixed.
    const firsts = [
      after("another plan's run", tools.verdict(convCase, ownOperands, ownFirst)),
      tools.verdict(otherCase, otherOperands, otherFirst),
    ];
    return together([...firsts, ownSame.verdict(), otherSame.verdict()]);
  },
};
