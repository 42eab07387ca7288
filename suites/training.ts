import { layerFault } from "../reference/graph/layer-rules.ts";
import type { Network, NetworkLayer, NetworkNode } from "../core/network.ts";
import { inputShape, networkShapes, type Shape } from "../reference/graph/shapes.ts";
import { layerShapes } from "../reference/graph/layer-shapes.ts";

/**
 * The shares of a layer's channels and features that are tried, in multiples of eight: all, where branches would not
 * fit each other.
 */
const WIDTHS = [1 / 16, 1];
const MULTIPLE = 8;
/** A network with fewer weights is not reduced. */
const SMALL = 100_000;
/**
 * The sizes of the image that are tried, smallest first. Below 64, images of networks that halve them five times end as
 * one pixel, and the variance that batch normalisation takes of a pixel from each of two images has no digits to
 * differentiate.
 */
const SIZES = [64, 67, 75, 96, 112, 128, 160, 192];

/**
 * The network with fewer channels and, where its layers allow it, a smaller image: every layer and every branch is
 * there, with the same kernels, strides and paddings, so that its gradients can be checked in seconds.
 */
export function reducedNetwork(network: Network): Network {
  if (weightsOf(network) < SMALL) return network;
  const extents = network.input.spatial;
  const smaller = SIZES.filter((size) => extents.every((extent) => size < extent)).map((size) =>
    extents.map(() => size),
  );
  for (const width of WIDTHS) {
    for (const spatial of [...smaller, extents]) {
      const reduced = narrowed(network, spatial, width);
      if (reduced !== undefined) return reduced;
    }
  }
  return network;
}

function weightsOf(network: Network): number {
  let weights = 0;
  for (const { parameters } of networkShapes(network, 1).values())
    for (const shape of Object.values(parameters)) weights += shape.reduce((product, extent) => product * extent, 1);
  return weights;
}

/** The network on an image of these extents, or undefined where one of its layers has no output then. */
function narrowed(network: Network, spatial: readonly number[], width: number): Network | undefined {
  const input = { ...network.input, spatial };
  const full = networkShapes(network, 1);
  const shapes = new Map<string, Shape>([["input", inputShape({ ...network, input }, 1)]]);
  const nodes: NetworkNode[] = [];
  for (const node of network.nodes) {
    const inputs = node.inputs.map((name) => shapes.get(name)!);
    const before = node.inputs.map((name) => full.get(name)?.output ?? inputShape(network, 1));
    const layer = narrowedLayer(node.layer, width, inputs[0]?.[1] ?? 1, before[0]?.[1] ?? 1);
    if (layerFault(layer, inputs) !== undefined) return undefined;
    nodes.push({ ...node, layer });
    shapes.set(node.name, layerShapes(layer, inputs).output);
  }
  return { ...network, input, nodes };
}

/** `channels` of the input, which were `fullChannels`. */
function narrowedLayer(layer: NetworkLayer, width: number, channels: number, fullChannels: number): NetworkLayer {
  switch (layer.kind) {
    case "convolution":
    case "transposed-convolution": {
      const isDepthwise = layer.groups === fullChannels && layer.groups > 1;
      const outChannels = isDepthwise ? (layer.outChannels / fullChannels) * channels : fewer(layer.outChannels, width);
      return {
        ...layer,
        outChannels,
        groups: isDepthwise ? channels : common(layer.groups, common(channels, outChannels)),
      };
    }
    case "locally-connected":
      return { ...layer, outChannels: fewer(layer.outChannels, width) };
    case "fully-connected":
      return { ...layer, outFeatures: fewer(layer.outFeatures, width) };
    default:
      return layer;
  }
}

function fewer(count: number, width: number): number {
  return Math.min(count, MULTIPLE * Math.ceil((count * width) / MULTIPLE));
}

/** The greatest common divisor. */
function common(a: number, b: number): number {
  return b === 0 ? a : common(b, a % b);
}
