import { networkShapes } from "../../reference/graph/shapes.ts";
import { layerFault } from "../../reference/graph/layer-rules.ts";
import type { Network, NetworkNode } from "../../core/network.ts";
import type { Folding } from "./folding.ts";
import type { Inferred, InferredNode } from "./infer-shapes.ts";
import { layersOf } from "./layers.ts";
import type { OnnxModel } from "./model.ts";
import { shortText } from "./tensor.ts";

/**
 * The graph as a network of layers: constants become parameters, what does not lead to the output is left out. Where a
 * node is no layer, or the graph has several inputs or outputs, there is no network and `gaps` says why, each reason
 * once.
 */
export function networkOf(
  name: string,
  model: OnnxModel,
  inferred: Inferred,
  folding: Folding,
): { readonly network: Network | undefined; readonly gaps: readonly string[] } {
  const gaps = new Map<string, number>();
  const gap = (reason: string): void => void gaps.set(reason, (gaps.get(reason) ?? 0) + 1);
  const [input, ...otherInputs] = inferred.inputs;
  const [output, ...otherOutputs] = model.outputs;
  if (input === undefined || otherInputs.length > 0) gap(`it has ${inferred.inputs.length} inputs in place of one`);
  if (output === undefined || otherOutputs.length > 0) gap(`it has ${model.outputs.length} outputs in place of one`);
  const [, channels, ...spatial] = input?.dims ?? [];
  if (input !== undefined && channels === undefined) gap(`its input "${shortText(input.name)}" has no channels`);

  // The node of the network that gives a value.
  const givers = new Map<string, string>(input === undefined ? [] : [[input.name, "input"]]);
  const nodes: NetworkNode[] = [];
  const names = new Set(inferred.nodes.map(({ call }) => call.name));
  const isRead = new Set(inferred.nodes.flatMap(({ call }) => call.node.inputs));
  const isNeeded = neededNodes(inferred.nodes, output?.name);
  for (const node of inferred.nodes) {
    if (!isNeeded.has(node) || node.outputs.every(({ isConstant }) => isConstant)) continue;
    const { call } = node;
    const [first = ""] = call.node.outputs;
    if (node.unknown?.kind === "operator") {
      gap(`${shortText(call.node.op)}: the operator is not known`);
      continue;
    }
    const layerBefore = folding.into.get(node);
    if (layerBefore !== undefined) {
      givers.set(first, layerBefore.call.name);
      continue;
    }
    if (call.node.outputs.slice(1).some((other) => other !== "" && isRead.has(other)))
      gap(`a second output of ${shortText(call.node.op)} is used`);
    const mapping = layersOf(call, node.outputs, folding.addsBias.has(node));
    switch (mapping.kind) {
      case "none":
        gap(`${shortText(call.node.op)}: ${mapping.reason}`);
        break;
      case "identity":
        givers.set(first, givers.get(call.node.inputs[0] ?? "") ?? "");
        break;
      case "layers": {
        const shapes = mapping.inputs.map((index) => call.dims(index));
        const fault = mapping.layers.length === 1 ? layerFault(mapping.layers[0]!, shapes) : undefined;
        if (fault !== undefined) gap(`${shortText(call.node.op)}: ${fault}`);
        let inputs = mapping.inputs.map((index) => givers.get(call.node.inputs[index] ?? "") ?? "");
        for (const [index, layer] of mapping.layers.entries()) {
          let nodeName = index === mapping.layers.length - 1 ? call.name : `${call.name}:${layer.kind}`;
          while (index < mapping.layers.length - 1 && names.has(nodeName)) nodeName += "#";
          nodes.push({ name: nodeName, layer, inputs });
          inputs = [nodeName];
        }
        givers.set(first, call.name);
        break;
      }
    }
  }
  if (nodes.length === 0) gap("it has no layers");
  const sentences = [...gaps].map(([reason, count]) => (count === 1 ? reason : `${count} × ${reason}`));
  if (sentences.length > 0 || channels === undefined) return { network: undefined, gaps: sentences };
  const network = {
    name,
    description: `the ONNX graph ${shortText(model.name) || name}`,
    source: `${name}.onnx`,
    input: { channels, spatial },
    nodes,
  };
  const fault = faultOf(network);
  return fault === undefined ? { network, gaps: [] } : { network: undefined, gaps: [fault] };
}

/**
 * The first rule of networks that the graph breaks, where ONNX has no such rule: more than 3 spatial axes, for example.
 */
function faultOf(network: Network): string | undefined {
  try {
    networkShapes(network, 1);
    return undefined;
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}

/** The nodes that the output depends on. */
function neededNodes(nodes: readonly InferredNode[], output: string | undefined): ReadonlySet<InferredNode> {
  const needed = new Set([output]);
  const found = new Set<InferredNode>();
  for (const node of nodes.toReversed()) {
    if (!node.call.node.outputs.some((name) => needed.has(name))) continue;
    found.add(node);
    for (const name of node.call.node.inputs) needed.add(name);
  }
  return found;
}
