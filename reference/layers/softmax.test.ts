import fc from "fast-check";
import { expect, test } from "vitest";
import { numericalDerivative } from "./numerical-derivative.ts";
import { softmaxCrossEntropy } from "./softmax-cross-entropy.ts";
import { softmax } from "./softmax.ts";
import { innerProduct, mapped, tensor, type Tensor } from "./tensor.ts";
import { seedDraw } from "./testing/draws.ts";
import { INFERENCE, realTensor } from "./testing/layer-laws.ts";

const row = (...values: number[]): Tensor => tensor([1, values.length], Float64Array.from(values));
const probabilities = (x: Tensor): number[] => [...softmax.forward({ inputs: [x], parameters: [] }, INFERENCE).values];

test("softmax: logarithms of 1, 2, 5 give eighths; over the channels, at each position", () => {
  const logs = [Math.log(1), Math.log(2), Math.log(5)];
  probabilities(row(...logs)).forEach((p, index) => expect(p).toBeCloseTo([0.125, 0.25, 0.625][index]!, 15));
  const image = tensor([1, 2, 2], Float64Array.of(0, 7, Math.log(3), 7));
  probabilities(image).forEach((p, index) => expect(p).toBeCloseTo([0.25, 0.5, 0.75, 0.5][index]!, 15));
});

test("scores of any finite size give probabilities, a finite loss and no NaN", () => {
  expect(probabilities(row(1e308, -1e308, 0))).toEqual([1, 0, 0]);
  const { loss, gradient } = softmaxCrossEntropy(row(1000, 0, -1000), [2]);
  expect(loss).toBe(2000);
  expect([...gradient.values]).toEqual([1, 0, -1]);
});

test("cross-entropy: log of the number of classes where all are alike; the gradient is (softmax − one-hot) / N", () => {
  const { loss, gradient } = softmaxCrossEntropy(tensor([2, 4], new Float64Array(8).fill(3)), [0, 2]);
  expect(loss).toBeCloseTo(Math.log(4), 15);
  expect([...gradient.values]).toEqual([-0.375, 0.125, 0.125, 0.125, 0.125, 0.125, -0.375, 0.125]);
});

test("cross-entropy keeps the digits of a loss near 0", () => {
  // log(1 + e^−30) where the label is ahead by 30.
  expect(softmaxCrossEntropy(row(30, 0), [0]).loss / Math.exp(-30)).toBeCloseTo(1, 12);
});

test("cross-entropy's gradient is what differences of the loss tend to", () => {
  fc.assert(
    fc.property(seedDraw, fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 6 }), (seed, batch, classes) => {
      const logits = realTensor([batch, classes], seed);
      const labels = Array.from({ length: batch }, (_, n) => (n * 5 + 1) % classes);
      const direction = realTensor(logits.shape, seed + 1);
      const slope = innerProduct(softmaxCrossEntropy(logits, labels).gradient, direction);
      const value = numericalDerivative(
        (step) =>
          softmaxCrossEntropy(
            mapped(logits, (x, index) => x + step * direction.values[index]!),
            labels,
          ).loss,
      );
      expect(Math.abs(slope - value)).toBeLessThan(2 ** -26);
    }),
    { numRuns: 40 },
  );
});

test("labels that are no classes are told", () => {
  expect(() => softmaxCrossEntropy(row(1, 2), [2])).toThrow("a label is an integer from 0 to 1, got 2");
  expect(() => softmaxCrossEntropy(row(1, 2), [])).toThrow("1 images have 1 labels, got 0");
  expect(() => softmaxCrossEntropy(tensor([1, 1, 2], Float64Array.of(1, 2)), [0])).toThrow("logits are N C");
});
