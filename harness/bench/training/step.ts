import { layerDefinition } from "../../../reference/layers/index.ts";
import { addInto, filled, tensor, type Tensor } from "../../../reference/layers/tensor.ts";
import { operandsOf, phaseOf, type Evaluation, type NetworkPhase } from "../../../reference/graph/evaluate.ts";
import type { Network } from "../../../core/network.ts";
import { crossEntropy } from "../../../reference/graph/objective.ts";
import type { NetworkParameters } from "../../../reference/graph/parameters.ts";
import { INPUT } from "../../../reference/graph/shapes.ts";
import { convolutionsOf } from "../../../suites/networks/suite-of.ts";
import type { Tensors } from "../../../core/plugin.ts";
import type { ConvProblem, Pass } from "../../../core/problem.ts";
import { shapeOf } from "../../../core/tensors.ts";

/** Computes a pass of a convolution: { y }, { dx } or { dWeights, dBias } of its operands. */
export type ConvolutionPass = (
  node: string,
  problem: ConvProblem,
  pass: Pass,
  operands: Tensors,
) => Tensors | Promise<Tensors>;

/** Where a network takes a training step: a batch with its right classes, and the random numbers of dropout. */
export interface TrainingPoint {
  /** Ends with the scores. */
  readonly network: Network;
  readonly parameters: NetworkParameters;
  /** N C spatial…. */
  readonly x: Tensor;
  readonly labels: readonly number[];
  readonly phase: NetworkPhase;
}

/**
 * The output of every node in a training step's forward sweep. `convolve` does the convolution and fully connected
 * layers on float32 operands, the float64 reference the other layers.
 */
export async function forwardSweep(
  { network, parameters, x, phase }: TrainingPoint,
  convolve: ConvolutionPass,
): Promise<Evaluation> {
  const problems = problemsOf(network, x);
  const outputs = new Map<string, Tensor>([[INPUT, x]]);
  let y = x;
  for (const node of network.nodes) {
    const problem = problems.get(node.name);
    const { inputs, parameters: own } = operandsOf({ outputs, parameters }, node);
    if (problem === undefined) {
      y = layerDefinition(node.layer).forward({ inputs, parameters: own }, phaseOf(phase, node));
    } else {
      const [weights, bias] = own.map(floats);
      const operands = { x: floats(inputs[0]!), weights: weights!, ...(bias === undefined ? {} : { bias }) };
      const computed = await convolve(node.name, problem, "forward", operands);
      const shape = shapeOf(problem, "y");
      y = reals(node.layer.kind === "fully-connected" ? shape.slice(0, 2) : shape, computed.y, "y");
    }
    outputs.set(node.name, y);
  }
  return { network, parameters, phase, outputs, y };
}

/**
 * The gradients of the softmax cross-entropy by every parameter: the backward sweep from where a forward sweep ended,
 * `convolve` again doing the convolution and fully connected layers. A layer that reads the network's input has no
 * backwardData: no training needs it.
 */
export async function backwardSweep(
  at: Evaluation,
  labels: readonly number[],
  convolve: ConvolutionPass,
): Promise<NetworkParameters> {
  const { network, outputs, phase } = at;
  const problems = problemsOf(network, outputs.get(INPUT)!);
  const slopes = new Map<string, Tensor>();
  for (const [name, { shape }] of outputs) slopes.set(name, filled(shape));
  slopes.set(network.nodes.at(-1)!.name, crossEntropy(labels)(at.y).gradient);
  const gradients = new Map<string, readonly Tensor[]>();
  for (const node of network.nodes.toReversed()) {
    const slope = slopes.get(node.name)!;
    const problem = problems.get(node.name);
    const operands = operandsOf(at, node);
    if (problem === undefined) {
      const byOperand = layerDefinition(node.layer).vjp(operands, slope, phaseOf(phase, node));
      node.inputs.forEach((name, index) => addInto(slopes.get(name)!, byOperand.inputs[index]!));
      gradients.set(node.name, byOperand.parameters);
      continue;
    }
    const [dy, x] = [floats(slope), operands.inputs[0]!];
    const computed = await convolve(node.name, problem, "backwardWeights", { x: floats(x), dy });
    const names = ["dWeights", "dBias"] as const;
    gradients.set(
      node.name,
      operands.parameters.map(({ shape }, index) => reals(shape, computed[names[index]!], names[index]!)),
    );
    const [source = ""] = node.inputs;
    if (source === INPUT) continue;
    const { dx } = await convolve(node.name, problem, "backwardData", { dy, weights: floats(operands.parameters[0]!) });
    addInto(slopes.get(source)!, reals(x.shape, dx, "dx"));
  }
  return gradients;
}

function problemsOf(network: Network, x: Tensor): ReadonlyMap<string, ConvProblem> {
  const batch = x.shape[0] ?? 1;
  return new Map(convolutionsOf(network).map(({ name, problem }) => [name, { ...problem, batch }]));
}

function floats({ values }: Tensor): Float32Array {
  return Float32Array.from(values);
}

function reals(shape: Tensor["shape"], values: Float32Array | undefined, name: string): Tensor {
  if (values === undefined) throw new Error(`trainingStep: the pass gave no ${name}`);
  return tensor(shape, Float64Array.from(values));
}
