import fc from "fast-check";
import { expect, test } from "vitest";
import type { NetworkLayer } from "../../core/network.ts";
import { batchStatistics } from "./batch-normalisation.ts";
import { layerDefinition } from "./index.ts";
import type { Phase } from "./layer-definition.ts";
import { filled, mapped, tensor, type Tensor } from "./tensor.ts";
import { imagesDraw, seedDraw } from "./testing/draws.ts";
import { INFERENCE, realTensor } from "./testing/layer-laws.ts";

const TRAINING: Phase = { name: "training", stream: () => () => 0 };

function valuesOf(layer: NetworkLayer, x: Tensor, parameters: readonly Tensor[] = [], phase = INFERENCE): number[] {
  return [...layerDefinition(layer).forward({ inputs: [x], parameters }, phase).values];
}

const channels = (...values: number[]): Tensor => tensor([1, values.length, 1, 1], Float64Array.from(values));
const perChannel = (...values: number[]): Tensor => tensor([values.length], Float64Array.from(values));

test("local response normalisation: worked out by hand, with windows cut off at the first and last channel", () => {
  const layer = { kind: "local-response-normalisation", size: 3, alpha: 3, beta: 1, k: 1 } as const;
  // alpha / size = 1: the divisors are 1 + 1 + 4, 1 + 1 + 4 + 9, 1 + 4 + 9.
  expect(valuesOf(layer, channels(1, 2, 3))).toEqual([1 / 6, 2 / 15, 3 / 14]);
  // An even size has its extra channel after the centre: 1 + (1 + 4), 1 + (4 + 9), 1 + 9.
  expect(valuesOf({ ...layer, size: 2, alpha: 2 }, channels(1, 2, 3))).toEqual([1 / 6, 2 / 14, 3 / 10]);
  // AlexNet's own constants on five equal channels, in the middle: 10 / (2 + 10⁻⁴ · 500)^0.75.
  const alexnet = { ...layer, size: 5, alpha: 5e-4, beta: 0.75, k: 2 };
  expect(valuesOf(alexnet, channels(10, 10, 10, 10, 10))[2]).toBeCloseTo(10 / 2.05 ** 0.75, 14);
  // Positions do not see one another.
  expect(valuesOf(layer, tensor([1, 1, 2], Float64Array.of(1, 2)))).toEqual([0.5, 0.4]);
});

test("local contrast normalisation: a constant image, of any value, gives zeros; so does its gradient", () => {
  const layer = { kind: "local-contrast-normalisation", size: 7, sigma: 1.6 } as const;
  for (const value of [0, 0.1, 1e9]) {
    const x = filled([2, 3, 6, 6], value);
    expect(valuesOf(layer, x).every((normalised) => normalised === 0)).toBe(true);
    const dX = layerDefinition(layer).vjp({ inputs: [x], parameters: [] }, filled(x.shape, 1), INFERENCE).inputs[0]!;
    expect(dX.values.every((slope) => slope === 0)).toBe(true);
  }
});

test("local contrast normalisation: worked out by hand for a row of three", () => {
  // With σ² = 1 / (2 ln 3) a neighbour weighs a third of the element itself: ¾ and ¼ at the ends, 0.2, 0.6 and 0.2 in
  // the middle.
  const layer = { kind: "local-contrast-normalisation", size: 3, sigma: Math.sqrt(1 / (2 * Math.log(3))) } as const;
  // v = (0 − 1, 4 − 2.4, 0 − 1), so the deviations are √(¾ + ¼ · 1.6²) at the ends and √(0.4 + 0.6 · 1.6²) in the
  // middle.
  const [end, middle] = [Math.sqrt(1.39), Math.sqrt(1.936)];
  const mean = (end + middle + end) / 3;
  const y = valuesOf(layer, tensor([1, 1, 3], Float64Array.of(0, 4, 0)));
  [-1 / mean, 1.6 / middle, -1 / mean].forEach((value, index) => expect(y[index]).toBeCloseTo(value, 14));
});

test("local contrast normalisation does not mind brightness and contrast: a·x + b with a > 0 gives the same", () => {
  fc.assert(
    fc.property(
      imagesDraw,
      seedDraw,
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: -9, max: 9 }),
      (shape, seed, a, b) => {
        const layer = { kind: "local-contrast-normalisation", size: 3, sigma: 1 } as const;
        // Without contrast, what is left is rounding.
        fc.pre(shape.slice(1).some((extent) => extent > 2));
        const x = realTensor(shape, seed);
        const stretched = valuesOf(
          layer,
          mapped(x, (value) => a * value + b),
        );
        valuesOf(layer, x).forEach((value, index) =>
          expect(Math.abs(stretched[index]! - value)).toBeLessThan(2 ** -30),
        );
      },
    ),
    { numRuns: 40 },
  );
});

test("batch normalisation in training: mean 0 and variance 1 per channel, then scale and shift", () => {
  const layer = { kind: "batch-normalisation", epsilon: 1e-12 } as const;
  const x = realTensor([4, 3, 5], 1);
  const ignored = [perChannel(9, 9, 9), perChannel(9, 9, 9)];
  const standard = tensor(
    x.shape,
    Float64Array.from(valuesOf(layer, x, [perChannel(1, 1, 1), perChannel(0, 0, 0), ...ignored], TRAINING)),
  );
  const { mean, variance } = batchStatistics(standard);
  mean.values.forEach((value) => expect(value).toBeCloseTo(0, 14));
  variance.values.forEach((value) => expect(value).toBeCloseTo(1, 10));
  const scaled = valuesOf(layer, x, [perChannel(2, 3, 4), perChannel(-1, 0, 1), ...ignored], TRAINING);
  standard.values.forEach((value, index) => {
    const c = Math.floor(index / 5) % 3;
    expect(scaled[index]).toBeCloseTo((c + 2) * value + c - 1, 13);
  });
});

test("batch normalisation in inference: (x − mean) · scale / √(variance + ε) + shift; ε counts", () => {
  const layer = { kind: "batch-normalisation", epsilon: 1 } as const;
  const parameters = [perChannel(2, 1), perChannel(10, 0), perChannel(1, 0), perChannel(3, 8)];
  expect(valuesOf(layer, tensor([1, 2, 2], Float64Array.of(1, 5, 3, -6)), parameters)).toEqual([10, 14, 1, -2]);
  // The batch's own statistics, given as parameters, make inference what training is.
  const x = realTensor([3, 2, 4], 2);
  const { mean, variance } = batchStatistics(x);
  const affine = [perChannel(2, -1), perChannel(1, 0)];
  expect(valuesOf(layer, x, [...affine, mean, variance])).toEqual(
    valuesOf(layer, x, [...affine, perChannel(7, 7), perChannel(7, 7)], TRAINING),
  );
});

test("batch normalisation in training undoes a shift and a stretch of a channel: their gradients are 0", () => {
  const layer = { kind: "batch-normalisation", epsilon: 1e-9 } as const;
  const x = realTensor([3, 1, 5], 3);
  const parameters = [perChannel(1.5), perChannel(0), perChannel(0), perChannel(1)];
  const dX = layerDefinition(layer).vjp({ inputs: [x], parameters }, realTensor(x.shape, 4), TRAINING).inputs[0]!;
  const along = (direction: (x: number) => number): number =>
    dX.values.reduce((sum, slope, index) => sum + slope * direction(x.values[index]!), 0);
  expect(along(() => 1)).toBeCloseTo(0, 13);
  expect(along((value) => value)).toBeCloseTo(0, 7);
});
