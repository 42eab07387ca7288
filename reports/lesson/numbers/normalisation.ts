import { batchStatistics } from "../../../reference/layers/batch-normalisation.ts";
import { foldBatchNormalisation } from "../../../reference/layers/batch-normalisation-folding.ts";
import { layerDefinition } from "../../../reference/layers/index.ts";
import { tensor, type Tensor } from "../../../reference/layers/tensor.ts";
import { INFERENCE } from "./layers.ts";
import type { Picture } from "./pictures.ts";

export const EPSILON = 1e-5;

/** What batch normalisation measures, and learns. */
export interface Normaliser {
  readonly scale: number;
  readonly shift: number;
  readonly mean: number;
  readonly variance: number;
}

const one = (value: number): Tensor => tensor([1], Float64Array.of(value));

/** Mean and variance of one feature over a batch. */
export function statisticsOf(batch: readonly number[]): { readonly mean: number; readonly variance: number } {
  const { mean, variance } = batchStatistics(tensor([batch.length, 1], Float64Array.from(batch)));
  return { mean: mean.values[0] ?? 0, variance: variance.values[0] ?? 0 };
}

/** A batch of one feature: with its own statistics in training, with those given in inference. */
export function normalised(
  batch: readonly number[],
  by: Normaliser,
  phase: "training" | "inference",
): readonly number[] {
  const x = tensor([batch.length, 1], Float64Array.from(batch));
  const parameters = [one(by.scale), one(by.shift), one(by.mean), one(by.variance)];
  const layer = layerDefinition({ kind: "batch-normalisation", epsilon: EPSILON });
  const y = layer.forward(
    { inputs: [x], parameters },
    phase === "training" ? { name: "training", stream: () => () => 0 } : INFERENCE,
  );
  return [...y.values];
}

/** The weight and bias that alone do what w·x + b and then the normalisation do. */
export function folded(
  weight: number,
  bias: number,
  by: Normaliser,
): { readonly weight: number; readonly bias: number } {
  const result = foldBatchNormalisation(
    [tensor([1, 1], Float64Array.of(weight)), one(bias)],
    [one(by.scale), one(by.shift), one(by.mean), one(by.variance)],
    EPSILON,
  );
  return { weight: result.weights.values[0] ?? 0, bias: result.bias.values[0] ?? 0 };
}

/** Local contrast normalisation of a picture, with a Gaussian window. */
export function localContrast(picture: Picture, size: number, sigma: number): Picture {
  const x = tensor([1, 1, picture.height, picture.width], picture.values);
  const layer = layerDefinition({ kind: "local-contrast-normalisation", size, sigma });
  return { ...picture, values: layer.forward({ inputs: [x], parameters: [] }, INFERENCE).values };
}
