import fc from "fast-check";
import { expect, test } from "vitest";
import { backwardDataAt, dBiasAt, dWeightsAt, forwardAt } from "./definition.ts";
import { problemDraw, seedDraw } from "./testing/draws.ts";
import { forEachProduct } from "./testing/every-product.ts";
import { layer } from "./testing/layer.ts";
import { smallIntegers, tensors } from "./testing/tensors.ts";

test("every element sums exactly the products that name it", () => {
  fc.assert(
    fc.property(problemDraw, seedDraw, (problem, seed) => {
      const operands = tensors(problem, seed, smallIntegers);
      const { x, weights, dy, bias } = operands;
      const sums = (length: number): { value: number; magnitude: number; products: number }[] =>
        Array.from({ length }, () => ({ value: 0, magnitude: 0, products: 0 }));
      const expected = { y: sums(dy.length), dX: sums(x.length), dWeights: sums(weights.length) };
      const add = (sum: { value: number; magnitude: number; products: number }, product: number): void => {
        sum.value += product;
        sum.magnitude += Math.abs(product);
        sum.products += 1;
      };
      forEachProduct(problem, (xIndex, wIndex, yIndex) => {
        add(expected.y[yIndex]!, x[xIndex]! * weights[wIndex]!);
        add(expected.dX[xIndex]!, dy[yIndex]! * weights[wIndex]!);
        add(expected.dWeights[wIndex]!, x[xIndex]! * dy[yIndex]!);
      });
      const plane = dy.length / (problem.batch * problem.outChannels);
      expected.y.forEach((sum, index) => {
        const added = bias?.[Math.floor(index / plane) % problem.outChannels] ?? 0;
        sum.value += added;
        sum.magnitude += Math.abs(added);
      });
      const positive = ({ value, ...rest }: { value: number }): object => ({ ...rest, value: value + 0 });
      expect(expected.y.map((_, index) => positive(forwardAt(problem, operands, index)))).toEqual(
        expected.y.map(positive),
      );
      expect(expected.dX.map((_, index) => positive(backwardDataAt(problem, operands, index)))).toEqual(
        expected.dX.map(positive),
      );
      expect(expected.dWeights.map((_, index) => positive(dWeightsAt(problem, operands, index)))).toEqual(
        expected.dWeights.map(positive),
      );
    }),
    { numRuns: 200 },
  );
});

test("an element of dBias sums its channel of dy over images and positions", () => {
  const problem = layer({ batch: 2, outChannels: 2, input: [2], kernel: [1] });
  const dy = [1, -2, 10, 20, 4, 8, 30, 40];
  expect(dBiasAt(problem, { dy }, 0)).toEqual({ value: 11, magnitude: 15, products: 4 });
  expect(dBiasAt(problem, { dy }, 1)).toEqual({ value: 100, magnitude: 100, products: 4 });
});

test("an element that does not exist is refused", () => {
  const problem = layer({ outChannels: 2, input: [3], kernel: [2] });
  const [x, dy, weights] = [
    [1, 2, 3],
    [1, 2, 3, 4],
    [1, 2, 3, 4],
  ];
  expect(() => forwardAt(problem, { x, weights }, 4)).toThrow("y has 4 elements, there is none at flat index 4");
  expect(() => backwardDataAt(problem, { dy, weights }, -1)).toThrow("dX has 3 elements");
  expect(() => dWeightsAt(problem, { x, dy }, 0.5)).toThrow("dWeights has 4 elements");
  expect(() => dBiasAt(problem, { dy }, 2)).toThrow("dBias has 2 elements");
});
