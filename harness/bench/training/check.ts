import { evaluateNetwork } from "../../../reference/graph/evaluate.ts";
import { crossEntropy } from "../../../reference/graph/objective.ts";
import type { NetworkParameters } from "../../../reference/graph/parameters.ts";
import { reverseMode } from "../../../reference/graph/reverse-mode.ts";
import { isTrained, networkShapes } from "../../../reference/graph/shapes.ts";
import type { Tensor } from "../../../reference/layers/tensor.ts";
import { elementCount } from "../../../core/shape.ts";
import type { ConvCase } from "../../../suites/laws/law.ts";
import { randomStream } from "../../../suites/data/random.ts";
import { printDescriptor } from "../../../core/descriptor.ts";
import { elementErrors } from "../../check/index.ts";
import type { Contract } from "../../check/contract.ts";
import type { Algorithm, TensorName, Tensors } from "../../../core/plugin.ts";
import type { ConvProblem, Pass } from "../../../core/problem.ts";
import { outputNames, shapeOf } from "../../../core/tensors.ts";
import type { ImplementationTools } from "../../verify/attempt.ts";
import { backwardSweep, forwardSweep, type ConvolutionPass, type TrainingPoint } from "./step.ts";

/** What the forward sweep ends with. */
export const SCORES = "scores";

/** A result of the step: the scores, or the gradient of the loss by one parameter of a network. */
export interface StepResult {
  /** `scores`, or `conv1.weights`, …. */
  readonly of: string;
  /** `unsupported`: the implementation does not compute it. */
  readonly status: "passed" | "failed" | "unsupported";
  /** ‖got − reference‖ ÷ ‖reference‖, 2-norms. */
  readonly relativeError: number;
  /** ‖got − reference‖ over the largest that rounding explains. */
  readonly margin: number;
}

/** A pass that the reference did in the implementation's place. */
export interface StandIn {
  readonly node: string;
  readonly pass: Pass;
  readonly reason: string;
}

export interface TrainingVerdict {
  /** The scores, then the gradients in the network's order. */
  readonly results: readonly StepResult[];
  readonly standIns: readonly StandIn[];
  /** Passes that the implementation did, each judged on the operands that it had in the step. */
  readonly passes: number;
  /** Error ÷ bound at the worst element of these passes. */
  readonly margin: number;
  /** The first pass that was wrong. */
  readonly fault?: {
    readonly node: string;
    readonly pass: Pass;
    readonly descriptor: string;
    readonly message: string;
  };
}

/** So many steps with random errors tell how far errors move a result. */
const PERTURBED_STEPS = 3;

/**
 * An implementation's training step at a point, judged twice.
 *
 * 1. Every pass of every convolution and fully connected layer by itself: the checker compares it with the float64 reference on the very
 *    operands that it had in the step, under the derived bound of its algorithm.
 * 2. The ends of both sweeps, to which the errors of all passes have been carried through the network: the scores beside the reference's from the same
 *    point, and the gradient of the loss by every parameter beside the reference's reverse mode from where the implementation's forward sweep came to,
 *    so that both have the same rectifiers open and the same maxima chosen. How far errors move them is found by trying: the reference sweeps again
 *    with every element of every pass off by its whole bound, up or down at random. A right implementation's errors are smaller (a bound is for n
 *    roundings of one sign; n of random sign come to √n) and no more aligned, so that it must not be farther away, in the 2-norm, than the
 *    farthest of three such sweeps. This is an argument, not a proof; what is proven is the first part.
 */
export async function checkTrainingStep(
  tools: ImplementationTools,
  { precision, arithmetic }: Pick<Contract, "precision" | "arithmetic">,
  point: TrainingPoint,
  seed: number,
): Promise<TrainingVerdict> {
  const standIns: StandIn[] = [];
  const algorithms = new Map<string, Algorithm>();
  let [passes, margin] = [0, 0];
  let fault: TrainingVerdict["fault"];
  const contractOf = (node: string, pass: Pass): Contract => ({
    algorithm: algorithms.get(`${node} ${pass}`) ?? "direct",
    precision,
    arithmetic,
  });
  const byImplementation: ConvolutionPass = async (node, problem, pass, operands) => {
    const computed = await tools.computeIfSupported(problem, pass, operands);
    if ("kind" in computed) {
      standIns.push({ node, pass, reason: computed.reason });
      return withErrors(problem, pass, operands, contractOf(node, pass), () => 0);
    }
    const convCase: ConvCase = { problem, pass, data: "real", seed };
    const verdict = tools.verdict(convCase, operands, computed);
    algorithms.set(`${node} ${pass}`, computed.algorithm);
    passes++;
    margin = Math.max(margin, verdict.margin);
    if (verdict.fault !== undefined)
      fault ??= { node, pass, descriptor: printDescriptor(problem), message: verdict.fault.message };
    return computed.outputs;
  };
  const at = await forwardSweep(point, byImplementation);
  const got = await backwardSweep(at, point.labels, byImplementation);

  const { network, parameters, x, labels, phase } = point;
  const scores = evaluateNetwork(network, parameters, x, phase).y;
  const gradients = reverseMode(at, crossEntropy(labels)(at.y).gradient).parameters;
  const otherScores: Tensor[] = [];
  const otherGradients: NetworkParameters[] = [];
  for (let sweep = 0; sweep < PERTURBED_STEPS; sweep++) {
    const stream = randomStream("training-errors", seed, sweep);
    const sign = (): number => (stream.nextUint32() & 1 ? 1 : -1);
    const withSigns: ConvolutionPass = (node, problem, pass, operands) =>
      withErrors(problem, pass, operands, contractOf(node, pass), sign);
    otherScores.push((await forwardSweep(point, withSigns)).y);
    otherGradients.push(await backwardSweep(at, labels, withSigns));
  }

  const verdicts: StepResult[] = [{ of: SCORES, ...compared(at.y, scores, otherScores) }];
  const missing = new Set(standIns.filter(({ pass }) => pass === "backwardWeights").map(({ node }) => node));
  for (const [node, shapes] of networkShapes(network, 1)) {
    Object.keys(shapes.parameters).forEach((name, index) => {
      if (!isTrained(name)) return;
      const of = (all: NetworkParameters): Tensor => all.get(node)![index]!;
      const verdict = compared(of(got), of(gradients), otherGradients.map(of));
      verdicts.push({
        of: `${node}.${name}`,
        ...verdict,
        ...(missing.has(node) ? { status: "unsupported" as const } : {}),
      });
    });
  }
  return { results: verdicts, standIns, passes, margin, ...(fault === undefined ? {} : { fault }) };
}

/** One result of the step, beside the reference's and those that errors have moved. */
function compared(got: Tensor, expected: Tensor, moved: readonly Tensor[]): Omit<StepResult, "of"> {
  const error = distance(got, expected);
  if (error === 0) return { status: "passed", relativeError: 0, margin: 0 };
  const margin = error / Math.max(...moved.map((one) => distance(one, expected)));
  const size = Math.sqrt(expected.values.reduce((sum, value) => sum + value ** 2, 0));
  return { status: margin <= 1 ? "passed" : "failed", relativeError: error / size, margin };
}

/** The reference's outputs of a pass, every element moved by `share` of its bound. */
function withErrors(
  problem: ConvProblem,
  pass: Pass,
  operands: Tensors,
  contract: Contract,
  share: () => number,
): Tensors {
  return Object.fromEntries(
    outputNames(problem, pass).map((name: TensorName) => {
      const nothing = new Float32Array(elementCount(shapeOf(problem, name)));
      const { expected, bound } = elementErrors(problem, pass, operands, nothing, contract, name);
      return [name, Float32Array.from(expected, (value, index) => value + share() * bound[index]!)];
    }),
  );
}

/** ‖a − b‖, the 2-norm; Infinity where a value is not a number. */
function distance(a: Tensor, b: Tensor): number {
  let sum = 0;
  for (const [index, value] of a.values.entries()) sum += (value - b.values[index]!) ** 2;
  return Number.isNaN(sum) ? Infinity : Math.sqrt(sum);
}
