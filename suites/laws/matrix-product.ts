import type { Tensors } from "../../core/tensors.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { elementCount } from "../../core/shape.ts";
import { isPlain, onAllAxes, withProblem } from "./fitting.ts";
import type { Law } from "./law.ts";
import { compareSides, measure, summedHere, type Measured } from "./measured.ts";

/**
 * A 1 × 1 layer multiplies the matrix of its weights with the channels of each pixel, and its gradients are products
 * too.
 */
export const matrixProduct: Law = {
  name: "matrix-product",
  statement:
    "1 × 1 kernel, pixels p: Y = W X + b 1ᵀ, dX = Wᵀ dY, dW = Σ_n dY Xᵀ, with X[c, p], W[k, c], Y[k, p] " +
    "per image n and group",
  source: "Lin, Chen and Yan (Network in Network), arXiv:1312.4400, §3.1; Chellapilla, Puri and Simard 2006",
  passes: ["forward", "backwardData", "backwardWeights"],
  applies: isPlain,
  runs: ({ problem }) => [oneByOne(problem)],
  async check(tools, convCase) {
    const { pass } = convCase;
    const problem = { ...oneByOne(convCase.problem), bias: convCase.problem.bias && pass === "forward" };
    const operands = tools.operands(withProblem(convCase, problem));
    const results = await measure(tools, problem, pass, operands);
    const products = results.map((result) => multiplied(problem, pass, operands, result));
    return compareSides({ by: "the 1 × 1 layer", tensors: results }, { by: "the matrix product", tensors: products });
  },
};

function oneByOne(problem: ConvProblem): ConvProblem {
  const [none, one] = [onAllAxes(problem, 0), onAllAxes(problem, 1)];
  return { ...problem, kernel: one, stride: one, dilation: one, padBegin: none, padEnd: none };
}

/** The product in float64, every term of the definition W[k, c] · X[c, p] → Y[k, p] added where the pass wants it. */
function multiplied(problem: ConvProblem, pass: Pass, { x, weights, bias, dy }: Tensors, result: Measured): Measured {
  const { batch, inChannels, outChannels, groups } = problem;
  const pixels = elementCount(problem.input);
  const [perIn, perOut] = [inChannels / groups, outChannels / groups];
  const sums = new Float64Array(result.values.length);
  const magnitudes = new Float64Array(result.values.length);
  const add = (index: number, term: number): void => {
    sums[index]! += term;
    magnitudes[index]! += Math.abs(term);
  };
  for (let n = 0; n < batch; n++)
    for (let k = 0; k < outChannels; k++)
      for (let p = 0; p < pixels; p++) {
        const yIndex = (n * outChannels + k) * pixels + p;
        if (pass === "forward") add(yIndex, bias?.[k] ?? 0);
        for (let c = 0; c < perIn; c++) {
          const xIndex = (n * inChannels + Math.floor(k / perOut) * perIn + c) * pixels + p;
          const wIndex = k * perIn + c;
          if (pass === "forward") add(yIndex, weights![wIndex]! * x![xIndex]!);
          else if (pass === "backwardData") add(xIndex, weights![wIndex]! * dy![yIndex]!);
          else add(wIndex, x![xIndex]! * dy![yIndex]!);
        }
      }
  const terms = { forward: perIn + 1, backwardData: perOut, backwardWeights: batch * pixels }[pass];
  return summedHere(result, sums, magnitudes, terms);
}
