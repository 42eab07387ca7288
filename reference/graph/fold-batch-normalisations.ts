import { foldBatchNormalisation } from "../layers/batch-normalisation-folding.ts";
import type { Network, NetworkLayer, NetworkNode } from "../../core/network.ts";
import type { NetworkParameters } from "./parameters.ts";

/**
 * The network that does in inference what this one does, with fewer nodes: every batch normalisation whose input is a
 * convolution or a fully connected layer that nothing else uses is folded into that layer, which then has a bias and
 * the normalisation's name.
 */
export function foldBatchNormalisations(
  network: Network,
  parameters: NetworkParameters,
): { readonly network: Network; readonly parameters: NetworkParameters } {
  const byName = new Map(network.nodes.map((node) => [node.name, node]));
  const uses = (name: string): number =>
    network.nodes.flatMap(({ inputs }) => inputs).filter((input) => input === name).length;
  const folded = new Map(parameters);
  const nodes: NetworkNode[] = [];
  for (const node of network.nodes) {
    const before = byName.get(node.inputs[0]!);
    const layer = before && uses(before.name) === 1 ? withBias(before.layer) : undefined;
    if (node.layer.kind !== "batch-normalisation" || before === undefined || layer === undefined) {
      nodes.push(node);
      continue;
    }
    const own = foldBatchNormalisation(parameters.get(before.name)!, parameters.get(node.name)!, node.layer.epsilon);
    folded.delete(before.name);
    folded.set(node.name, [own.weights, own.bias]);
    nodes.splice(nodes.indexOf(before), 1);
    nodes.push({ name: node.name, layer, inputs: before.inputs });
  }
  return { network: { ...network, nodes }, parameters: folded };
}

/** The layer with a bias, if it is one whose output channels a scale and a bias can serve. */
function withBias(layer: NetworkLayer): NetworkLayer | undefined {
  return layer.kind === "convolution" || layer.kind === "fully-connected" ? { ...layer, bias: true } : undefined;
}
