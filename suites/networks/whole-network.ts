import { layerProblem } from "../../reference/graph/layer-problem.ts";
import type { Network } from "../../core/network.ts";
import { networkShapes, shapesOfInputs } from "../../reference/graph/shapes.ts";
import { END_TO_END, type EndToEnd, type Layer, type OtherLayer } from "../suite.ts";
import { convolutionsOf } from "./suite-of.ts";

/**
 * Every layer of a network that costs time, each distinct one once with how often the network uses it, and all of them
 * end to end.
 */
export interface WholeNetwork {
  readonly layers: readonly (Layer | OtherLayer)[];
  readonly endToEnd: EndToEnd;
}

/**
 * A whole network for N images, in its order. Fully connected layers are convolutions whose kernel is their input, as
 * in `suiteOf`; all layers are in their inference form, so that dropout and flattening are the identity and are left
 * out.
 * @throws RangeError where the network has no shapes (`networkShapes`)
 */
export function wholeNetwork(network: Network, batch: number): WholeNetwork {
  const shapes = networkShapes(network, batch);
  const problems = new Map(convolutionsOf(network).map(({ name, problem }) => [name, { ...problem, batch }]));
  const parts = new Map<string, { layer: Layer | OtherLayer; index: number }>();
  const order: number[] = [];
  for (const node of network.nodes) {
    const problem = problems.get(node.name);
    const layer = layerProblem(node.layer, shapesOfInputs(node, network, batch, shapes));
    if (problem === undefined && layer === undefined) continue;
    const key = JSON.stringify(problem ?? layer);
    const known = parts.get(key);
    const { name, multiplicity } = known?.layer ?? { name: node.name, multiplicity: 0 };
    const counted = { name, multiplicity: multiplicity + 1 };
    const index = known?.index ?? parts.size;
    if (problem !== undefined) {
      const named = { ...problem, name: `${network.name}:${name}` };
      parts.set(key, { index, layer: { kind: "convolution", ...counted, problem: named } });
    } else if (layer !== undefined) parts.set(key, { index, layer: { kind: "other", ...counted, layer } });
    order.push(index);
  }
  const layers = [...parts.values()].map(({ layer }) => layer);
  return { layers, endToEnd: { kind: END_TO_END, name: END_TO_END, multiplicity: 1, parts: layers, order } };
}

/** The end-to-end call of some of its layers, in the same order. */
export function endToEndOf(endToEnd: EndToEnd, takes: (part: Layer | OtherLayer) => boolean): EndToEnd {
  const parts = endToEnd.parts.filter(takes);
  const places = endToEnd.parts.map((part) => parts.indexOf(part));
  return {
    ...endToEnd,
    parts,
    order: endToEnd.order.map((index) => places[index] ?? -1).filter((place) => place >= 0),
  };
}
