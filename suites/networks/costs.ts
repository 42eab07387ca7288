import { convolutionProblem, sharedProblem, type Shape } from "../../reference/graph/layer-shapes.ts";
import type { Network, NetworkLayer, NetworkNode } from "../../core/network.ts";
import { INPUT, isTrained, networkShapes, shapesOfInputs } from "../../reference/graph/shapes.ts";
import { elementCount, multiplyAdds } from "../../core/shape.ts";
import { receptiveFields, type SeenInput } from "./receptive-field.ts";

/** What can be summed over layers. */
export interface Costs {
  /** Trained factors: the weights of products, and the scales of batch normalisation. */
  readonly weights: number;
  /** Trained terms: biases, and the shifts of batch normalisation. */
  readonly biases: number;
  /**
   * Of convolution and fully connected layers in a forward pass, products with padding included; those of other layers
   * are not counted.
   */
  readonly multiplyAdds: number;
  /** Of the output as float32; none for `flatten`, whose output is its input. */
  readonly activationBytes: number;
}

export interface LayerCosts extends Costs {
  readonly node: NetworkNode;
  readonly output: Shape;
  readonly seen: SeenInput;
}

export interface NetworkCosts {
  readonly layers: readonly LayerCosts[];
  readonly total: Costs;
}

/**
 * What each layer of a network holds, computes and sees for N images, and the sums. Parameters are the trained ones:
 * without the mean and variance that batch normalisation measures. The sum of the activations is what a training step
 * keeps when nothing is computed in place.
 * @throws RangeError where the network has no shapes (`networkShapes`)
 */
export function networkCosts(network: Network, batch: number): NetworkCosts {
  const shapes = networkShapes(network, batch);
  const seen = receptiveFields(network);
  const layers = network.nodes.map((node): LayerCosts => {
    const { output = [], parameters = {} } = shapes.get(node.name) ?? {};
    const trained = Object.entries(parameters).filter(([name]) => isTrained(name));
    const countOf = (isBias: boolean): number =>
      trained.reduce(
        (sum, [name, shape]) => ((name === "bias" || name === "shift") === isBias ? sum + elementCount(shape) : sum),
        0,
      );
    return {
      node,
      output,
      weights: countOf(false),
      biases: countOf(true),
      multiplyAdds: layerMultiplyAdds(node.layer, shapesOfInputs(node, network, batch, shapes)[0] ?? []),
      activationBytes: node.layer.kind === "flatten" ? 0 : elementCount(output) * Float32Array.BYTES_PER_ELEMENT,
      seen: seen.get(node.name) ?? "all",
    };
  });
  const sum = (key: keyof Costs): number => layers.reduce((total, layer) => total + layer[key], 0);
  return {
    layers,
    total: {
      weights: sum("weights"),
      biases: sum("biases"),
      multiplyAdds: sum("multiplyAdds"),
      activationBytes: sum("activationBytes"),
    },
  };
}

/** The multiply-adds of a layer in a forward pass over x of N C spatial…. */
function layerMultiplyAdds(layer: NetworkLayer, x: Shape): number {
  switch (layer.kind) {
    case "convolution":
      return multiplyAdds(convolutionProblem(layer, x));
    case "locally-connected":
      return multiplyAdds(sharedProblem(layer, x));
    case "transposed-convolution":
      return elementCount(x) * (layer.outChannels / layer.groups) * elementCount(layer.kernel);
    case "fully-connected":
      return elementCount(x) * layer.outFeatures;
    default:
      return 0;
  }
}

/**
 * A network's depth as it is quoted: the convolution and fully connected layers on the longest way from input to
 * output.
 */
export function depthOf({ nodes }: Network): number {
  const depths = new Map([[INPUT, 0]]);
  for (const { name, layer, inputs } of nodes) {
    const before = Math.max(...inputs.map((from) => depths.get(from) ?? 0));
    depths.set(name, before + (hasProducts(layer) ? 1 : 0));
  }
  return Math.max(...depths.values());
}

function hasProducts({ kind }: NetworkLayer): boolean {
  const kinds: readonly string[] = ["convolution", "transposed-convolution", "locally-connected", "fully-connected"];
  return kinds.includes(kind);
}
