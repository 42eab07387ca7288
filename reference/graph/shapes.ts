import { elementCount } from "../../core/shape.ts";
import { integerFault, layerFault } from "./layer-rules.ts";
import { layerShapes, type LayerShapes, type Shape } from "./layer-shapes.ts";
import type { Network, NetworkNode } from "../../core/network.ts";

export { isTrained, type LayerShapes, type Shape } from "./layer-shapes.ts";

/** The name by which nodes refer to the network's own input. */
export const INPUT = "input";

/** The shape of a network's input: N C spatial…, or N F where it has no spatial axes. */
export function inputShape({ input }: Network, batch: number): Shape {
  return [batch, input.channels, ...input.spatial];
}

/** The output of every node and its parameters, by the node's name, in the order of the nodes. */
export type NetworkShapes = ReadonlyMap<string, LayerShapes>;

/**
 * The shapes of every node's output (N C spatial…, or N F once flat) and parameters (`layerShapes` names them), for N
 * images.
 * @throws RangeError one line: the network, the node, the rule that it breaks and the values
 */
export function networkShapes(network: Network, batch: number): NetworkShapes {
  const fault = inputFault(network, batch);
  if (fault !== undefined) throw new RangeError(`network "${network.name}": ${fault}`);
  const shapes = new Map<string, LayerShapes>();
  for (const node of network.nodes) {
    const found = node.inputs.map((name) => (name === INPUT ? inputShape(network, batch) : shapes.get(name)?.output));
    const inputs = found.filter((shape) => shape !== undefined);
    const missing = node.inputs[found.indexOf(undefined)];
    const broken = nodeFault(node, network, shapes, missing) ?? layerFault(node.layer, inputs);
    if (broken !== undefined)
      throw new RangeError(`network "${network.name}", node "${node.name}" (${node.layer.kind}): ${broken}`);
    shapes.set(node.name, sized(node, network, layerShapes(node.layer, inputs)));
  }
  return shapes;
}

/** The shapes of a node's inputs, in their order, by the network's shapes. */
export function shapesOfInputs(
  node: NetworkNode,
  network: Network,
  batch: number,
  shapes: NetworkShapes,
): readonly Shape[] {
  return node.inputs.map((name) => {
    const shape = name === INPUT ? inputShape(network, batch) : shapes.get(name)?.output;
    if (shape === undefined) throw new RangeError(`node "${node.name}": there are no shapes for its input "${name}"`);
    return shape;
  });
}

function inputFault({ input, nodes }: Network, batch: number): string | undefined {
  const rank = input.spatial.length;
  if (rank > 3) return `the input must have at most 3 spatial axes, got spatial=[${input.spatial.join(",")}]`;
  if (nodes.length === 0) return "a network has at least one node, got none";
  return (
    integerFault("batch", [batch], 1) ??
    integerFault("channels", [input.channels], 1) ??
    integerFault("spatial", input.spatial, 1)
  );
}

function nodeFault(
  { name }: NetworkNode,
  network: Network,
  earlier: NetworkShapes,
  missing: string | undefined,
): string | undefined {
  if (name === INPUT) return `a node may not be called "${INPUT}", which is the network's own input`;
  if (earlier.has(name)) return "a node's name must be unique in the network";
  if (missing === undefined) return undefined;
  const isLater = network.nodes.some((node) => node.name === missing);
  return isLater
    ? `a node must come after its inputs, but "${missing}" does not come before it`
    : `there is no node "${missing}" for its input`;
}

/** Beyond 2^53 elements a double no longer holds a size exactly. */
function sized(node: NetworkNode, network: Network, shapes: LayerShapes): LayerShapes {
  for (const [name, shape] of [["output", shapes.output] as const, ...Object.entries(shapes.parameters)]) {
    if (Number.isSafeInteger(elementCount(shape))) continue;
    const rule = `${name} must have at most 2^53 elements, got ${shape.join("×")}`;
    throw new RangeError(`network "${network.name}", node "${node.name}" (${node.layer.kind}): ${rule}`);
  }
  return shapes;
}
