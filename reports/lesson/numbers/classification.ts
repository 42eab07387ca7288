import { layerDefinition } from "../../../reference/layers/index.ts";
import { softmaxCrossEntropy } from "../../../reference/layers/softmax-cross-entropy.ts";
import { tensor } from "../../../reference/layers/tensor.ts";
import type { Rows } from "../../../suites/lectures/example.ts";
import { INFERENCE } from "./layers.ts";

/** W·x + b. */
export function scoresOf(weights: Rows, image: readonly number[], bias: readonly number[]): readonly number[] {
  const layer = layerDefinition({ kind: "fully-connected", outFeatures: weights.length, bias: true });
  const parameters = [
    tensor([weights.length, image.length], Float64Array.from(weights.flat())),
    tensor([weights.length], Float64Array.from(bias)),
  ];
  const inputs = [tensor([1, image.length], Float64Array.from(image))];
  return [...layer.forward({ inputs, parameters }, INFERENCE).values];
}

/** Probabilities of scores, the loss of a class, and its gradient by the scores. */
export function lossOf(scores: readonly number[], label: number) {
  const logits = tensor([1, scores.length], Float64Array.from(scores));
  const { values } = layerDefinition({ kind: "softmax" }).forward({ inputs: [logits], parameters: [] }, INFERENCE);
  const { loss, gradient } = softmaxCrossEntropy(logits, [label]);
  return { probabilities: [...values], loss, gradient: [...gradient.values] };
}
