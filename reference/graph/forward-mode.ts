import { layerDefinition } from "../layers/index.ts";
import { filled, type Tensor } from "../layers/tensor.ts";
import { operandsOf, phaseOf, type Evaluation } from "./evaluate.ts";
import type { NetworkParameters } from "./parameters.ts";
import { INPUT } from "./shapes.ts";

/** A direction in which a network's input and parameters move; what is absent does not move. */
export interface Direction {
  readonly input?: Tensor;
  readonly parameters?: NetworkParameters;
}

/**
 * Forward mode: how every node's output moves along a direction, one sweep from the first node to the last. With its
 * value, each tensor is a dual number, y + ẏ·ε with ε² = 0. Nodes that nothing moves are absent from the result.
 * Source: Baydin, Pearlmutter, Radul and Siskind, "Automatic differentiation in machine learning: a survey", JMLR 18,
 * 2018,
 * https://jmlr.org/papers/v18/17-468.html
 */
export function forwardMode(at: Evaluation, direction: Direction): ReadonlyMap<string, Tensor> {
  const tangents = new Map<string, Tensor>();
  if (direction.input !== undefined) tangents.set(INPUT, direction.input);
  for (const node of at.network.nodes) {
    const own = direction.parameters?.get(node.name);
    if (own === undefined && !node.inputs.some((name) => tangents.has(name))) continue;
    const operands = operandsOf(at, node);
    const moved = {
      inputs: node.inputs.map((name, index) => tangents.get(name) ?? filled(operands.inputs[index]!.shape)),
      parameters: own ?? operands.parameters.map(({ shape }) => filled(shape)),
    };
    tangents.set(node.name, layerDefinition(node.layer).jvp(operands, moved, phaseOf(at.phase, node)));
  }
  return tangents;
}
