import { layerDefinition } from "../layers/index.ts";
import { addInto, filled, mapped, type Tensor } from "../layers/tensor.ts";
import { operandsOf, phaseOf, type Evaluation } from "./evaluate.ts";
import type { NetworkParameters } from "./parameters.ts";

/** The gradients of a scalar by everything in a network. */
export interface NetworkGradients {
  /** By the network's input (under "input") and by every node's output. */
  readonly outputs: ReadonlyMap<string, Tensor>;
  readonly parameters: NetworkParameters;
}

/**
 * Reverse mode: the gradients of ⟨y, dy⟩, one sweep from the last node to the first. Where an output is used more than
 * once, the gradients of its uses add; what does not reach the network's output has gradient 0.
 * Source: Baydin, Pearlmutter, Radul and Siskind, "Automatic differentiation in machine learning: a survey", JMLR 18,
 * 2018,
 * https://jmlr.org/papers/v18/17-468.html
 */
export function reverseMode(at: Evaluation, dy: Tensor): NetworkGradients {
  const gradients = new Map<string, Tensor>();
  for (const [name, { shape }] of at.outputs) gradients.set(name, filled(shape));
  const last = at.network.nodes.at(-1)!;
  gradients.set(
    last.name,
    mapped(dy, (slope) => slope),
  );
  const parameters = new Map<string, readonly Tensor[]>();
  for (const node of at.network.nodes.toReversed()) {
    const slope = gradients.get(node.name)!;
    const byOperand = layerDefinition(node.layer).vjp(operandsOf(at, node), slope, phaseOf(at.phase, node));
    node.inputs.forEach((name, index) => addInto(gradients.get(name)!, byOperand.inputs[index]!));
    parameters.set(node.name, byOperand.parameters);
  }
  return { outputs: gradients, parameters };
}
