import { elementCount, outputShape } from "../../core/shape.ts";
import { isPlain, withProblem } from "./fitting.ts";
import type { Law } from "./law.ts";
import { compareSides, measure, summedHere } from "./measured.ts";

/** The gradient of a filter's bias is the sum of dy over its channel. */
export const biasGradientIsASum: Law = {
  name: "bias-gradient-is-a-sum",
  statement: "dB[k] = Σ_{n,o} dy[n, k, o]",
  source: "Goodfellow, Bengio and Courville, Deep Learning, §9.5",
  passes: ["backwardWeights"],
  applies: isPlain,
  runs: ({ problem }) => [problem],
  async check(tools, convCase) {
    const problem = { ...convCase.problem, bias: true };
    const { batch, outChannels } = problem;
    const operands = tools.operands(withProblem(convCase, problem));
    const results = await measure(tools, problem, convCase.pass, operands);
    const dBias = results.find(({ tensor }) => tensor === "dBias")!;
    const points = elementCount(outputShape(problem));
    const sums = new Float64Array(outChannels);
    const magnitudes = new Float64Array(outChannels);
    operands.dy!.forEach((value, i) => {
      const k = Math.floor(i / points) % outChannels;
      sums[k]! += value;
      magnitudes[k]! += Math.abs(value);
    });
    return compareSides(
      { by: "the layer", tensors: [dBias] },
      { by: "the sum of dy over images and positions", tensors: [summedHere(dBias, sums, magnitudes, batch * points)] },
    );
  },
};
