import type { Uniforms } from "../layers/layer-definition.ts";
import { filled, sameShape, type Tensor } from "../layers/tensor.ts";
import { elementCount } from "../../core/shape.ts";
import type { Network, NetworkLayer } from "../../core/network.ts";
import { networkShapes, type Shape } from "./shapes.ts";

/**
 * Numbers for every parameter of a network: by the node's name, in the order of `layerShapes`. Nodes without any may be
 * absent.
 */
export type NetworkParameters = ReadonlyMap<string, readonly Tensor[]>;

/**
 * Parameters to start from: biases, shifts and means 0, scales and variances 1, weights uniform with mean 0 and
 * variance 2 / fan-in, which keeps the size of activations through layers with ReLU.
 * @param stream the random numbers for a key such as `conv1.weights`: of a seeded generator, so that networks start the
 * same everywhere
 * @throws RangeError where the network breaks a rule
 * Source: He, Zhang, Ren and Sun, "Delving deep into rectifiers", https://arxiv.org/abs/1502.01852 (there with normal
 * random numbers).
 */
export function initialParameters(network: Network, stream: (key: string) => Uniforms): NetworkParameters {
  const shapes = networkShapes(network, 1);
  return new Map(
    network.nodes.map(({ name: node, layer }) => {
      const tensors = Object.entries(shapes.get(node)!.parameters).map(([name, shape]) =>
        name === "weights"
          ? initialWeights(shape, fanIn(layer, shape), stream(`${node}.${name}`))
          : filled(shape, name === "scale" || name === "variance" ? 1 : 0),
      );
      return [node, tensors];
    }),
  );
}

/** Uniform between −a and a has the variance a²/3. */
function initialWeights(shape: Shape, products: number, uniform: Uniforms): Tensor {
  const largest = Math.sqrt(6 / products);
  const weights = filled(shape);
  for (let index = 0; index < weights.values.length; index++) weights.values[index] = (2 * uniform() - 1) * largest;
  return weights;
}

/**
 * How many products the sum has that is one element of a layer's output (for a transposed convolution, at stride 1 and
 * off the border).
 */
function fanIn(layer: NetworkLayer, weights: Shape): number {
  switch (layer.kind) {
    case "transposed-convolution":
      return (weights[0]! / layer.groups) * elementCount(layer.kernel);
    case "locally-connected":
      return elementCount(weights.slice(-1 - layer.kernel.length));
    default:
      return elementCount(weights.slice(1));
  }
}

/** @throws RangeError where a node's parameters are missing or have other shapes than the network's */
export function checkParameters(network: Network, parameters: NetworkParameters): void {
  for (const [node, shapes] of networkShapes(network, 1)) {
    const given = parameters.get(node) ?? [];
    const expected = Object.entries(shapes.parameters);
    if (given.length !== expected.length) {
      const names = expected.map(([name]) => name).join(", ") || "none";
      throw new RangeError(`node "${node}" has ${expected.length} parameters (${names}), got ${given.length}`);
    }
    expected.forEach(([name, shape], index) => {
      const got = given[index]!.shape;
      if (!sameShape(got, shape)) {
        throw new RangeError(`${node}.${name} has the shape ${shape.join("×")}, got ${got.join("×")}`);
      }
    });
  }
}
