import type { Uniforms } from "../../../reference/layers/layer-definition.ts";
import { filled, mapped, type Tensor } from "../../../reference/layers/tensor.ts";
import type { Network } from "../../../core/network.ts";
import { withoutSoftmax } from "../../../reference/graph/objective.ts";
import { initialParameters } from "../../../reference/graph/parameters.ts";
import { offTheKinks } from "../../../reference/graph/random-check.ts";
import { inputShape, networkShapes } from "../../../reference/graph/shapes.ts";
import { elementCount } from "../../../core/shape.ts";
import { randomStream } from "../../../suites/data/random.ts";
import { UsageError } from "../../../core/usage-error.ts";
import type { TrainingPoint } from "./step.ts";

/**
 * A random point for a training step, the same for the same seed: initial parameters (constants moved by up to a
 * tenth), an input between −1 and 1, random classes, dropout as in training. All values are float32 numbers, so that
 * every implementation starts at the same point as the reference. A last softmax belongs to the loss and is left out.
 * @throws {UsageError} where the network does not end with one score a class
 */
export function trainingPoint(whole: Network, batch: number, seed: number): TrainingPoint {
  const network = withoutSoftmax(whole);
  const stream = (key: string): Uniforms => {
    const words = randomStream("training", seed, network.name, key);
    return () => words.nextUint32() / 2 ** 32;
  };
  const classes = classesOf(network);
  const parameters = offTheKinks(initialParameters(network, stream), stream("constants"));
  const [pixel, label] = [stream("image"), stream("labels")];
  return {
    network,
    parameters: new Map([...parameters].map(([node, tensors]) => [node, tensors.map(rounded)])),
    x: rounded(mapped(filled(inputShape(network, batch)), () => 2 * pixel() - 1)),
    labels: Array.from({ length: batch }, () => Math.floor(label() * classes)),
    phase: { name: "training", stream },
  };
}

/**
 * How many classes a network scores.
 * @throws {UsageError} where it does not end with one score a class
 */
export function classesOf(network: Network): number {
  const scores = networkShapes(network, 1).get(network.nodes.at(-1)?.name ?? "")?.output ?? [];
  const [, classes = 0, ...positions] = scores;
  if (elementCount(positions) === 1 && classes > 1) return classes;
  const ends = `${network.name} ends with ${scores.slice(1).join("×")}`;
  throw new UsageError(`a training step needs a network that ends with one score a class; ${ends}`);
}

function rounded(tensor: Tensor): Tensor {
  return mapped(tensor, Math.fround);
}
