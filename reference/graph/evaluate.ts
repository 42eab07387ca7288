import { layerDefinition } from "../layers/index.ts";
import type { Operands, Phase, Uniforms } from "../layers/layer-definition.ts";
import { sameShape, type Tensor } from "../layers/tensor.ts";
import type { Network, NetworkNode } from "../../core/network.ts";
import { checkParameters, type NetworkParameters } from "./parameters.ts";
import { INPUT, inputShape } from "./shapes.ts";

/** What a network is evaluated for. In training, `stream` starts a node's random numbers anew, the same each time. */
export type NetworkPhase =
  { readonly name: "inference" } | { readonly name: "training"; readonly stream: (node: string) => Uniforms };

export const INFERENCE: NetworkPhase = { name: "inference" };

/** A network at a point: its parameters, its input, and with them the output of every node. */
export interface Evaluation {
  readonly network: Network;
  readonly parameters: NetworkParameters;
  readonly phase: NetworkPhase;
  /** The network's input under "input", and every node's output under its name. */
  readonly outputs: ReadonlyMap<string, Tensor>;
  /** The last node's output. */
  readonly y: Tensor;
}

/**
 * Every node's output, for a batch x, N C spatial….
 * @throws RangeError where the network breaks a rule, or x or a parameter has not the network's shape
 */
export function evaluateNetwork(
  network: Network,
  parameters: NetworkParameters,
  x: Tensor,
  phase: NetworkPhase = INFERENCE,
): Evaluation {
  checkParameters(network, parameters);
  if (!sameShape(x.shape, inputShape(network, x.shape[0] ?? 0))) {
    const expected = ["N", network.input.channels, ...network.input.spatial].join(", ");
    throw new RangeError(`the input of network ${network.name} is [${expected}], got [${x.shape.join(", ")}]`);
  }
  const outputs = new Map<string, Tensor>([[INPUT, x]]);
  let y = x;
  for (const node of network.nodes) {
    y = layerDefinition(node.layer).forward(operandsOf({ outputs, parameters }, node), phaseOf(phase, node));
    outputs.set(node.name, y);
  }
  return { network, parameters, phase, outputs, y };
}

/** The operands of a node whose inputs are there. */
export function operandsOf(
  { outputs, parameters }: Pick<Evaluation, "outputs" | "parameters">,
  node: NetworkNode,
): Operands {
  return { inputs: node.inputs.map((name) => outputs.get(name)!), parameters: parameters.get(node.name) ?? [] };
}

/** A network's phase for one of its nodes. */
export function phaseOf(phase: NetworkPhase, { name }: NetworkNode): Phase {
  return phase.name === "inference" ? phase : { name: "training", stream: () => phase.stream(name) };
}
