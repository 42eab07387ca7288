import type { ConvProblem } from "../../core/problem.ts";
import { convolutionProblem, type LayerOf, type Shape } from "../../reference/graph/layer-shapes.ts";
import type { Network, NetworkNode } from "../../core/network.ts";
import { networkShapes, shapesOfInputs } from "../../reference/graph/shapes.ts";
import { leastPadEnd } from "../../core/shape.ts";
import type { Layer, Suite } from "../suite.ts";

/**
 * The convolution and fully connected layers of a network, each distinct problem once, with how often the network uses
 * it, under the name of the first node that has it, in the network's order. Batch 1. A fully connected layer is a
 * convolution whose kernel is its input.
 * @throws RangeError where the network has no shapes (`networkShapes`)
 */
export function suiteOf(network: Network): Suite {
  const layers = new Map<string, Layer>();
  for (const { name, problem } of convolutionsOf(network)) {
    const key = JSON.stringify(problem);
    const known = layers.get(key);
    layers.set(key, {
      kind: "convolution",
      name: known?.name ?? name,
      problem: known?.problem ?? { ...problem, name: `${network.name}:${name}` },
      multiplicity: (known?.multiplicity ?? 0) + 1,
    });
  }
  return { name: network.name, description: network.description, layers: [...layers.values()] };
}

/**
 * Every convolution and fully connected node in the network's order with its problem: batch 1, `padEnd` in canonical
 * form, without a name.
 */
export function convolutionsOf(network: Network): readonly { readonly name: string; readonly problem: ConvProblem }[] {
  const shapes = networkShapes(network, 1);
  const inputOf = (node: NetworkNode): Shape => shapesOfInputs(node, network, 1, shapes)[0] ?? [];
  const nodes = new Map(network.nodes.map((node) => [node.name, node]));

  /** A flattened image is the image: what a fully connected layer reads keeps its extents. */
  const unflattenedInputOf = (node: NetworkNode): Shape => {
    const before = nodes.get(node.inputs[0] ?? "");
    return before?.layer.kind === "flatten" ? unflattenedInputOf(before) : inputOf(node);
  };

  // Features without spatial axes are an image of one pixel; two axes are what most implementations have.
  const rank = network.input.spatial.length === 0 ? 2 : network.input.spatial.length;
  return network.nodes.flatMap((node) => {
    const { name, layer } = node;
    if (layer.kind === "convolution") {
      const problem = convolutionProblem(layer, inputOf(node));
      return [{ name, problem: { ...problem, padEnd: leastPadEnd(problem) } }];
    }
    if (layer.kind !== "fully-connected") return [];
    return [{ name, problem: fullyConnectedProblem(layer, unflattenedInputOf(node), rank) }];
  });
}

function fullyConnectedProblem(layer: LayerOf<"fully-connected">, x: Shape, rank: number): ConvProblem {
  const [batch = 0, inChannels = 0, ...spatial] = x;
  const same = (value: number): number[] => Array.from({ length: rank }, () => value);
  const input = spatial.length === 0 ? same(1) : spatial;
  return {
    batch,
    inChannels,
    outChannels: layer.outFeatures,
    groups: 1,
    input,
    kernel: input,
    stride: same(1),
    dilation: same(1),
    padBegin: same(0),
    padEnd: same(0),
    bias: layer.bias,
  };
}
