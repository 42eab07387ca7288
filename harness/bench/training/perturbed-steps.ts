import type { Evaluation } from "../../../reference/graph/evaluate.ts";
import type { NetworkParameters } from "../../../reference/graph/parameters.ts";
import type { Tensor } from "../../../reference/layers/tensor.ts";
import { elementCount } from "../../../core/shape.ts";
import { randomStream } from "../../../suites/data/random.ts";
import { elementErrors } from "../../check/convolution-check.ts";
import type { Declaration } from "../../check/declaration.ts";
import type { Tensors } from "../../../core/plugin.ts";
import type { ConvProblem, Pass } from "../../../core/problem.ts";
import { outputNames, shapeOf } from "../../../core/tensors.ts";
import { backwardSweep, forwardSweep, type ConvolutionPass, type TrainingPoint } from "./step.ts";

export const PERTURBED_STEPS = 3;

/**
 * The reference's training step three times, every element of every pass moved by its whole bound, up or down at
 * random: how far errors as large as the bounds move the scores and the gradients. Errors of a correct implementation
 * are smaller (a bound is for n roundings of one sign; n of random sign come to √n), and hardly more aligned. That is
 * an argument, not a proof: a result that lies farther away is unusual, not wrong.
 * @param at where the gradients are taken
 */
export async function perturbedSteps(
  point: TrainingPoint,
  at: Evaluation,
  declarationOf: (node: string, pass: Pass) => Declaration,
  seed: number,
): Promise<{ readonly scores: readonly Tensor[]; readonly gradients: readonly NetworkParameters[] }> {
  const scores: Tensor[] = [];
  const gradients: NetworkParameters[] = [];
  for (let step = 0; step < PERTURBED_STEPS; step++) {
    const stream = randomStream("training-errors", seed, step);
    const sign = (): number => (stream.nextUint32() & 1 ? 1 : -1);
    const moved: ConvolutionPass = (node, problem, pass, operands) =>
      movedOutputs(problem, pass, operands, declarationOf(node, pass), sign);
    scores.push((await forwardSweep(point, moved)).y);
    gradients.push(await backwardSweep(at, point.labels, moved));
  }
  return { scores, gradients };
}

/** The reference's outputs of a pass, every element moved by `share` of its bound. */
export function movedOutputs(
  problem: ConvProblem,
  pass: Pass,
  operands: Tensors,
  declaration: Declaration,
  share: () => number,
): Tensors {
  return Object.fromEntries(
    outputNames(problem, pass).map((name) => {
      const nothing = new Float32Array(elementCount(shapeOf(problem, name)));
      const { expected, bound } = elementErrors(problem, pass, operands, nothing, declaration, name);
      return [name, Float32Array.from(expected, (value, index) => value + share() * bound[index]!)];
    }),
  );
}
