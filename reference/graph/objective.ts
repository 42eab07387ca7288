import type { Uniforms } from "../layers/layer-definition.ts";
import { softmaxCrossEntropy } from "../layers/softmax-cross-entropy.ts";
import { innerProduct, mapped, type Tensor } from "../layers/tensor.ts";
import type { Network } from "../../core/network.ts";

/** A scalar of a network's output, with its gradient. */
export type Objective = (y: Tensor) => { readonly value: number; readonly gradient: Tensor };

/** ⟨y, c⟩ with a random c of values in [−1, 1): all outputs count, each with its own weight. */
export function randomProjection(stream: () => Uniforms): Objective {
  return (y) => {
    const uniform = stream();
    const gradient = mapped(y, () => 2 * uniform() - 1);
    return { value: innerProduct(y, gradient), gradient };
  };
}

/** The network without a softmax at its end, so that it gives the scores that `crossEntropy` takes. */
export function withoutSoftmax(network: Network): Network {
  const endsWithSoftmax = network.nodes.length > 1 && network.nodes.at(-1)!.layer.kind === "softmax";
  return endsWithSoftmax ? { ...network, nodes: network.nodes.slice(0, -1) } : network;
}

/**
 * The softmax cross-entropy of the network's output as logits, N C, with the right classes: the loss of a training
 * step.
 */
export function crossEntropy(labels: readonly number[]): Objective {
  return (y) => {
    const { loss, gradient } = softmaxCrossEntropy(y, labels);
    return { value: loss, gradient };
  };
}
