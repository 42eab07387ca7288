import { shapeOf, type TensorName, type Tensors } from "../../core/tensors.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { elementCount } from "../../core/shape.ts";
import { isPlain } from "./fitting.ts";
import type { ConvCase, Law } from "./law.ts";
import { combine, compareSides, measure } from "./measured.ts";
import { unravel } from "../../core/indexing.ts";
import { outputThrough, tapBetween } from "./positions.ts";

/**
 * One element of an operand is changed: outputs whose receptive field it lies in change, each by the change times the
 * one element of the other operand that it meets, and the others do not change at all.
 */
export const sparsityOfInfluence: Law = {
  name: "sparsity-of-influence",
  statement:
    "conv(x + δ e_i, w)[o] − conv(x, w)[o] = δ · w[r] where o·stride + r·dilation − pad = i, and 0 " +
    "elsewhere; likewise dX and dW",
  source:
    "Goodfellow, Bengio and Courville, Deep Learning, §9.2 (sparse interactions); Araujo, Norris and Sim, Distill 2019",
  passes: ["forward", "backwardData", "backwardWeights"],
  applies: isPlain,
  runs: ({ problem }) => [problem, problem],
  async check(tools, convCase) {
    const { pass } = convCase;
    const problem = pass === "backwardWeights" ? { ...convCase.problem, bias: false } : convCase.problem;
    const operands = tools.operands({ ...convCase, problem });
    const name = pass === "backwardData" ? "dy" : "x";
    const changed = changedElement(operands[name]!, convCase);
    const value = operands[name]![changed]!;
    const before = await measure(tools, problem, pass, operands);
    // −2v in the place of v is exact in float32, and so is the difference −3v in float64.
    const after = await measure(tools, problem, pass, {
      ...operands,
      [name]: operands[name]!.with(changed, -2 * value),
    });
    const influence = influenceOf(problem, pass, operands, name, changed);
    const differences = after.map((result, i) =>
      combine([
        { coefficient: 1, term: result },
        { coefficient: -1, term: before[i]! },
      ]),
    );
    const expected = before.map((result) => ({
      ...result,
      values: Float64Array.from(result.values, (_, i) => -3 * value * influence(i)),
      bounds: new Float64Array(result.values.length),
    }));
    const place = `${name}[${unravel(changed, shapeOf(problem, name)).join(", ")}]`;
    return compareSides(
      { by: `the change that ${place} makes`, tensors: differences },
      { by: "what it meets", tensors: expected },
    );
  },
};

/** A seeded element that is not zero. */
function changedElement(tensor: Float32Array, { seed }: ConvCase): number {
  const start = Math.imul(seed, 0x9e3779b1) >>> 0;
  for (let i = 0; i < tensor.length; i++) {
    const index = (start + i) % tensor.length;
    if (tensor[index] !== 0) return index;
  }
  return 0;
}

/**
 * ∂output/∂element: the other operand's element that the changed one meets on its way to the output at a flat index, or
 * 0.
 */
function influenceOf(
  problem: ConvProblem,
  pass: Pass,
  { weights, dy }: Tensors,
  name: TensorName,
  changed: number,
): (output: number) => number {
  const [perIn, perOut] = [problem.inChannels / problem.groups, problem.outChannels / problem.groups];
  const taps = elementCount(problem.kernel);
  const [n = 0, channel = 0, ...at] = unravel(changed, shapeOf(problem, name));
  /** w[k, c, tap], or 0 where k and c are of different groups or no tap leads there. */
  const weightAt = (k: number, c: number, tap: number | undefined): number =>
    tap === undefined || Math.floor(k / perOut) !== Math.floor(c / perIn)
      ? 0
      : weights![(k * perIn + (c % perIn)) * taps + tap]!;
  switch (pass) {
    case "forward": {
      const shape = shapeOf(problem, "y");
      return (output) => {
        const [image, k = 0, ...o] = unravel(output, shape);
        return image === n ? weightAt(k, channel, tapBetween(problem, at, o)) : 0;
      };
    }
    case "backwardData": {
      const shape = shapeOf(problem, "dx");
      return (output) => {
        const [image, c = 0, ...i] = unravel(output, shape);
        return image === n ? weightAt(channel, c, tapBetween(problem, i, at)) : 0;
      };
    }
    case "backwardWeights": {
      const shape = shapeOf(problem, "dWeights");
      const points = elementCount(shapeOf(problem, "dy").slice(2));
      return (output) => {
        const [k = 0, c = 0, ...tap] = unravel(output, shape);
        const isMet = Math.floor(k / perOut) * perIn + c === channel;
        const o = isMet ? outputThrough(problem, at, tap) : undefined;
        return o === undefined ? 0 : dy![(n * problem.outChannels + k) * points + o]!;
      };
    }
  }
}
