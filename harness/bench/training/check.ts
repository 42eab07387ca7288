import { evaluateNetwork, type Evaluation } from "../../../reference/graph/evaluate.ts";
import { crossEntropy } from "../../../reference/graph/objective.ts";
import type { NetworkParameters } from "../../../reference/graph/parameters.ts";
import { reverseMode } from "../../../reference/graph/reverse-mode.ts";
import { isTrained, networkShapes } from "../../../reference/graph/shapes.ts";
import type { Tensor } from "../../../reference/layers/tensor.ts";
import { elementCount } from "../../../core/shape.ts";
import { printDescriptor } from "../../../core/descriptor.ts";
import { elementErrors } from "../../check/convolution-check.ts";
import type { Declaration } from "../../check/declaration.ts";
import type { Network } from "../../../core/network.ts";
import type { Algorithm, Tensors } from "../../../core/plugin.ts";
import type { ConvProblem, Pass } from "../../../core/problem.ts";
import { float32Tensors, outputNames, shapeOf } from "../../../core/tensors.ts";
import { movedOutputs, perturbedSteps } from "./perturbed-steps.ts";
import type { ImplementationTools } from "../../verify/attempt.ts";
import { backwardSweep, forwardSweep, type ConvolutionPass, type TrainingPoint } from "./step.ts";

/** The result of the forward sweep. */
export const SCORES = "scores";

/** A result of the step: the scores, or the gradient of the loss by one parameter of a network. */
export interface StepResult {
  /** `scores`, or `conv1.weights`, …. */
  readonly of: string;
  /** `failed`: a pass that leads to it is wrong. `unsupported`: the implementation does not compute it. */
  readonly status: "passed" | "failed" | "unsupported";
  /** ‖got − reference‖ ÷ ‖reference‖, 2-norms. */
  readonly relativeError: number;
  /** ‖got − reference‖ ÷ the farthest distance of a perturbed step: it informs, and decides nothing. */
  readonly perturbedRatio: number;
}

/** A pass that the reference did in the implementation's place. */
export interface StandIn {
  readonly node: string;
  readonly pass: Pass;
  readonly reason: string;
}

/** A pass whose output is wrong. */
export interface WrongPass {
  readonly node: string;
  readonly pass: Pass;
  readonly descriptor: string;
  readonly message: string;
}

export interface TrainingVerdict {
  /** The scores, then the gradients in the network's order. */
  readonly results: readonly StepResult[];
  readonly standIns: readonly StandIn[];
  /** How many passes the implementation did, each checked on the operands that it had in the step. */
  readonly passes: number;
  /** Error ÷ bound at the worst element of these passes. */
  readonly margin: number;
  /** In the order of the step. */
  readonly wrong: readonly WrongPass[];
}

/**
 * Checks an implementation's training step at a point.
 *
 * Every pass of every convolution and fully connected layer is checked by itself: each element of its outputs against
 * the float64 reference on the operands that it had in the step, under the derived bound of its algorithm. All other
 * layers are the reference's, so that these passes are all that the implementation contributes: a result fails where,
 * and only where, a pass that leads to it is wrong.
 *
 * Beside that, and deciding nothing, each result is compared with the reference's: the scores from the same point, and
 * the gradients with reverse mode from where the implementation's forward sweep ended, so that both have the same
 * rectifiers open and the same maxima chosen.
 */
export async function checkTrainingStep(
  tools: ImplementationTools,
  { precision, arithmetic }: Pick<Declaration, "precision" | "arithmetic">,
  point: TrainingPoint,
  seed: number,
): Promise<TrainingVerdict> {
  const standIns: StandIn[] = [];
  const wrong: WrongPass[] = [];
  const algorithms = new Map<string, Algorithm>();
  let [passes, margin] = [0, 0];
  const declarationOf = (node: string, pass: Pass): Declaration => ({
    algorithm: algorithms.get(passKey({ node, pass })) ?? "direct",
    precision,
    arithmetic,
  });
  const byImplementation: ConvolutionPass = async (node, problem, pass, operands) => {
    const computed = await tools.computeIfSupported(problem, pass, operands);
    if ("kind" in computed) {
      standIns.push({ node, pass, reason: computed.reason });
      return movedOutputs(problem, pass, operands, declarationOf(node, pass), () => 0);
    }
    algorithms.set(passKey({ node, pass }), computed.algorithm);
    const outputs = float32Tensors(computed.outputs);
    passes++;
    const sampled = tools.verdict({ problem, pass, data: "real", seed }, operands, computed);
    const verdict =
      sampled.fault !== undefined || sampled.elements === outputElements(problem, pass)
        ? { margin: sampled.margin, message: sampled.fault?.message }
        : worstElement(problem, pass, operands, outputs, declarationOf(node, pass));
    margin = Math.max(margin, verdict.margin);
    const { message } = verdict;
    if (message !== undefined) wrong.push({ node, pass, descriptor: printDescriptor(problem), message });
    return outputs;
  };
  const at = await forwardSweep(point, byImplementation);
  const gradients = await backwardSweep(at, point.labels, byImplementation);
  const perturbed = await perturbedSteps(point, at, declarationOf, seed);
  const failed = failedResults(point.network, wrong);
  const missing = new Set(standIns.filter(({ pass }) => pass === "backwardWeights").map(({ node }) => node));
  const statusOf = (node: string): StepResult["status"] =>
    missing.has(node) ? "unsupported" : failed.gradients.has(node) ? "failed" : "passed";
  const results = [
    { status: failed.scores ? "failed" : "passed", ...comparedScores(point, at, perturbed.scores) } as const,
    ...comparedGradients(point, at, gradients, perturbed.gradients).map(({ node, ...result }) => ({
      status: statusOf(node),
      ...result,
    })),
  ];
  return { results, standIns, passes, margin, wrong };
}

function passKey({ node, pass }: { readonly node: string; readonly pass: Pass }): string {
  return `${node} ${pass}`;
}

function outputElements(problem: ConvProblem, pass: Pass): number {
  return outputNames(problem, pass).reduce((sum, name) => sum + elementCount(shapeOf(problem, name)), 0);
}

/** Error ÷ bound at the worst element of all outputs, and what is wrong with it. */
function worstElement(
  problem: ConvProblem,
  pass: Pass,
  operands: Tensors,
  outputs: Tensors,
  declaration: Declaration,
): { readonly margin: number; readonly message: string | undefined } {
  let [worst, message]: [number, string | undefined] = [0, undefined];
  for (const name of outputNames(problem, pass)) {
    const got = outputs[name]!;
    const { expected, bound, margin } = elementErrors(problem, pass, operands, got, declaration, name);
    for (const [index, ratio] of margin.entries()) {
      if (ratio <= worst) continue;
      worst = ratio;
      if (ratio > 1)
        message = `element ${index} of ${name} is ${got[index]}; ${expected[index]} ± ${bound[index]} was expected`;
    }
  }
  return { margin: worst, message };
}

/** Whether a wrong pass leads to the scores, and the nodes to whose parameters' gradients one leads. */
function failedResults(
  network: Network,
  wrong: readonly WrongPass[],
): { readonly scores: boolean; readonly gradients: ReadonlySet<string> } {
  const passes = new Set(wrong.map(passKey));
  const isWrong = (node: string, pass: Pass): boolean => passes.has(passKey({ node, pass }));
  const outputs = new Set<string>();
  for (const { name, inputs } of network.nodes)
    if (isWrong(name, "forward") || inputs.some((input) => outputs.has(input))) outputs.add(name);
  // The gradients by nodes' outputs, from the last to the first.
  const slopes = new Set<string>();
  const gradients = new Set<string>();
  for (const { name, inputs } of network.nodes.toReversed()) {
    if (slopes.has(name) || isWrong(name, "backwardWeights")) gradients.add(name);
    if (slopes.has(name) || isWrong(name, "backwardData")) for (const input of inputs) slopes.add(input);
  }
  return { scores: outputs.has(network.nodes.at(-1)?.name ?? ""), gradients };
}

/** A result beside the reference's. */
type ComparedResult = Omit<StepResult, "status">;

function comparedScores(
  { network, parameters, x, phase }: TrainingPoint,
  { y }: Evaluation,
  perturbed: readonly Tensor[],
): ComparedResult {
  return { of: SCORES, ...compared(y, evaluateNetwork(network, parameters, x, phase).y, perturbed) };
}

function comparedGradients(
  { network, labels }: TrainingPoint,
  at: Evaluation,
  got: NetworkParameters,
  perturbed: readonly NetworkParameters[],
): readonly (ComparedResult & { readonly node: string })[] {
  const expected = reverseMode(at, crossEntropy(labels)(at.y).gradient).parameters;
  return [...networkShapes(network, 1)].flatMap(([node, { parameters }]) =>
    Object.keys(parameters).flatMap((name, index) => {
      if (!isTrained(name)) return [];
      const of = (all: NetworkParameters): Tensor => all.get(node)![index]!;
      return [{ node, of: `${node}.${name}`, ...compared(of(got), of(expected), perturbed.map(of)) }];
    }),
  );
}

function compared(got: Tensor, expected: Tensor, perturbed: readonly Tensor[]): Omit<ComparedResult, "of"> {
  const error = distance(got, expected);
  if (error === 0) return { relativeError: 0, perturbedRatio: 0 };
  const size = Math.sqrt(expected.values.reduce((sum, value) => sum + value ** 2, 0));
  const farthest = Math.max(...perturbed.map((one) => distance(one, expected)));
  return { relativeError: error / size, perturbedRatio: error / farthest };
}

/** ‖a − b‖, the 2-norm; Infinity where a value is not a number. */
function distance(a: Tensor, b: Tensor): number {
  let sum = 0;
  for (const [index, value] of a.values.entries()) sum += (value - b.values[index]!) ** 2;
  return Number.isNaN(sum) ? Infinity : Math.sqrt(sum);
}
