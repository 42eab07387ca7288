import { expect, test } from "vitest";
import type { NetworkLayer } from "../../core/network.ts";
import { layerDefinition } from "../../reference/layers/index.ts";
import { batchStatistics } from "../../reference/layers/batch-normalisation.ts";
import type { Phase } from "../../reference/layers/layer-definition.ts";
import { addInto, filled, mapped, tensor, type Tensor } from "../../reference/layers/tensor.ts";
import { realTensor } from "../../reference/layers/testing/layer-laws.ts";
import { BATCH_NORMALISATION, LOCAL_CONTRAST } from "./normalisation.ts";

// What lectures say of normalisation: ECE 884 (lecture 13-14), CMU 10707 (Convolutional Networks I).

const TRAINING: Phase = { name: "training", stream: () => () => 0 };
const INFERENCE: Phase = { name: "inference" };

const normalise = (layer: NetworkLayer, x: Tensor, parameters: readonly Tensor[], phase: Phase): Tensor =>
  layerDefinition(layer).forward({ inputs: [x], parameters }, phase);

test("γ = σ and β = μ recover the identity (ECE 884, Batch Normalization)", () => {
  const epsilon = 1e-9;
  const x = realTensor([8, 5], 1);
  const { mean, variance } = batchStatistics(x);
  // Exactly so where σ is taken with the ε that it is divided with.
  const deviation = mapped(variance, (value) => Math.sqrt(value + epsilon));
  const y = normalise({ kind: "batch-normalisation", epsilon }, x, [deviation, mean, mean, variance], TRAINING);
  y.values.forEach((value, index) => expect(value).toBeCloseTo(x.values[index]!, 14));
});

test("at test time it is a linear operator: an affine map of each image (ECE 884, Batch Normalization: Test-Time)", () => {
  const layer = { kind: "batch-normalisation", epsilon: 1e-5 } as const;
  const parameters = [realTensor([3], 1), realTensor([3], 2), realTensor([3], 3), filled([3], 2)];
  const [a, b] = [realTensor([2, 3, 4], 4), realTensor([2, 3, 4], 5)];
  const sum = mapped(a, (value) => value);
  addInto(sum, b);
  const at = (x: Tensor): Float64Array => normalise(layer, x, parameters, INFERENCE).values;
  const [atSum, atA, atB, atZero] = [at(sum), at(a), at(b), at(filled(a.shape))];
  atSum.forEach((value, index) => expect(value).toBeCloseTo(atA[index]! + atB[index]! - atZero[index]!, 13));
});

test("in training it is none: an image's output depends on the others of its batch", () => {
  const layer = { kind: "batch-normalisation", epsilon: BATCH_NORMALISATION.epsilon } as const;
  const parameters = [filled([1], 1), filled([1]), filled([1]), filled([1], 1)];
  const batch = (values: readonly number[]): Tensor => tensor([values.length, 1], Float64Array.from(values));
  const first = (x: Tensor): number => normalise(layer, x, parameters, TRAINING).values[0]!;
  const [above, below] = BATCH_NORMALISATION.batches;
  expect(first(batch(above))).toBeCloseTo(-1, 4);
  expect(first(batch(below))).toBeCloseTo(1, 4);
});

test("local contrast normalisation leaves local mean 0 and local deviation 1 where there is contrast (CMU 10707)", () => {
  // Stripes in the upper half of an image that is flat below: there the deviation is above the image's mean, and so it
  // is the divisor.
  const x = mapped(filled([1, 1, 40, 25]), (_, index) => 5 + (index < 500 ? 3 * ((index % 25) % 2 === 0 ? 1 : -1) : 0));
  const layer = {
    kind: "local-contrast-normalisation",
    size: LOCAL_CONTRAST.size,
    sigma: LOCAL_CONTRAST.sigma,
  } as const;
  const y = normalise(layer, x, [], INFERENCE);
  // Far enough from all borders that neither the mean's window of 7 nor the deviation's on top of it sees one.
  const stripes = y.values.subarray(10 * 25 + 8, 10 * 25 + 16);
  stripes.forEach((value, index) => expect(value).toBeCloseTo(index % 2 === 0 ? 1 : -1, 13));
  expect(y.values.subarray(35 * 25).every((value) => Math.abs(value) < 2 ** -48)).toBe(true);
});
