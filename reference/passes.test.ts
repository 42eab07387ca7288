import fc from "fast-check";
import { expect, test } from "vitest";
import type { ConvProblem } from "../core/problem.ts";
import { backwardDataAt, dBiasAt, dWeightsAt, forwardAt, type Element } from "./definition.ts";
import * as reference from "./passes.ts";
import { problemDraw, seedDraw } from "./testing/draws.ts";
import { forEachProduct } from "./testing/every-product.ts";
import { layer } from "./testing/layer.ts";
import { reals, smallIntegers, specials, tensors } from "./testing/tensors.ts";

type Drawn = ReturnType<typeof tensors>;

/** Every output of every pass: the fast sums beside the definition of one element. */
function outputs(
  problem: ConvProblem,
  operands: Drawn,
): (readonly [string, reference.Sums, (index: number) => Element])[] {
  const gradients = reference.backwardWeightsWithMagnitude(problem, operands);
  return [
    ["y", reference.forwardWithMagnitude(problem, operands), (index) => forwardAt(problem, operands, index)],
    ["dX", reference.backwardDataWithMagnitude(problem, operands), (index) => backwardDataAt(problem, operands, index)],
    ["dWeights", gradients.dWeights, (index) => dWeightsAt(problem, operands, index)],
    ["dBias", gradients.dBias, (index) => dBiasAt(problem, operands, index)],
  ];
}

/** The elements, every `stride`-th looked at, that differ from their definition by more than a bound. */
function misfits(
  problem: ConvProblem,
  operands: Drawn,
  bound: (element: Element) => number = () => 0,
  stride = 1,
): object[] {
  return outputs(problem, operands).flatMap(([tensor, { value, magnitude }, at]) => {
    const found: object[] = [];
    for (let index = 0; index < value.length; index += stride) {
      const element = at(index);
      const got = { value: value[index]!, magnitude: magnitude[index]! };
      const error = Math.max(Math.abs(got.value - element.value), Math.abs(got.magnitude - element.magnitude));
      if (!(error <= bound(element))) found.push({ tensor, index, got, element });
    }
    return found;
  });
}

test("on integers, every pass equals its definition exactly, values and magnitudes", () => {
  fc.assert(
    fc.property(problemDraw, seedDraw, (problem, seed) => {
      expect(misfits(problem, tensors(problem, seed, smallIntegers))).toEqual([]);
    }),
    { numRuns: 200 },
  );
});

test("on reals, every pass is within twice the rounding bound of float64 of its definition", () => {
  fc.assert(
    fc.property(problemDraw, seedDraw, (problem, seed) => {
      // Either sum is within n·u·Σ|terms| of the truth in any order (Jeannerod and Rump 2013), n = products + bias, u =
      // 2^-53; Σ|terms| itself is only known to a relative n·u, so the bound is raised by 1 / (1 − n·u).
      const bound = ({ products, magnitude }: Element): number => {
        const relative = (products + 1) * 2 ** -53;
        return (2 * relative * magnitude) / (1 - relative);
      };
      expect(misfits(problem, tensors(problem, seed, reals), bound)).toEqual([]);
    }),
    { numRuns: 200 },
  );
});

test("blocks and tiles that are full, cut short and just exceeded give the definition", () => {
  const spread = { padBegin: [1, 2], padEnd: [2, -1], dilation: [2, 1], stride: [1, 2] };
  const problems = [
    layer({ inChannels: 29, outChannels: 7, input: [14, 27], kernel: [3, 3], bias: true, ...spread }),
    layer({ inChannels: 1, outChannels: 257, input: [13], kernel: [3], batch: 3 }),
    layer({ inChannels: 6, outChannels: 4, groups: 2, input: [3, 9, 10], kernel: [2, 3, 3], batch: 2, bias: true }),
    layer({ inChannels: 300, outChannels: 130, input: [1], kernel: [1], batch: 5 }),
  ];
  for (const problem of problems) {
    expect(misfits(problem, tensors(problem, 7, smallIntegers), () => 0, 17)).toEqual([]);
  }
});

test("a batch that fills more than one slab of padded images gives the definition", () => {
  const problem = layer({ batch: 5, input: [1100, 1000], kernel: [2, 1], stride: [5, 7], padEnd: [0, 3] });
  expect(misfits(problem, tensors(problem, 8, smallIntegers), () => 0, 9973)).toEqual([]);
});

test("padding too large to be stored gives the definition", () => {
  const far = [2 ** 31 - 1];
  const problem = layer({ input: [5], kernel: [2], stride: far, padBegin: far, padEnd: far, bias: true });
  const x = [1, 2, 3, 4, 5];
  const weights = [3, 100];
  expect([...reference.forward(problem, { x, weights, bias: [1] })]).toEqual([1, 204, 1]);
  expect([...reference.backwardData(problem, { dy: [9, 2, 9], weights })]).toEqual([6, 200, 0, 0, 0]);
  expect([...reference.backwardWeights(problem, { x, dy: [9, 2, 9] }).dWeights]).toEqual([2, 4]);
});

test("NaN and infinities come out as the products that exist make them; padding makes none", () => {
  fc.assert(
    fc.property(problemDraw, seedDraw, (problem, seed) => {
      const operands = tensors(problem, seed, specials);
      const { x, weights, dy, bias } = operands;
      const dX = new Float64Array(x.length);
      const dWeights = new Float64Array(weights.length);
      const plane = dy.length / (problem.batch * problem.outChannels);
      const y = Float64Array.from(dy, (_, index) => bias?.[Math.floor(index / plane) % problem.outChannels] ?? 0);
      forEachProduct(problem, (xIndex, wIndex, yIndex) => {
        y[yIndex]! += x[xIndex]! * weights[wIndex]!;
        dX[xIndex]! += dy[yIndex]! * weights[wIndex]!;
        dWeights[wIndex]! += x[xIndex]! * dy[yIndex]!;
      });
      const positive = (values: Float64Array): Float64Array => values.map((value) => value + 0);
      expect(positive(reference.forward(problem, operands))).toEqual(positive(y));
      expect(positive(reference.backwardData(problem, operands))).toEqual(positive(dX));
      expect(positive(reference.backwardWeights(problem, operands).dWeights)).toEqual(positive(dWeights));
    }),
    { numRuns: 200 },
  );
});

test("an infinite weight over padding gives no NaN, over a zero of the image it does", () => {
  const padded = layer({ input: [2], kernel: [3], padBegin: [1], padEnd: [1], bias: true });
  expect([...reference.forward(padded, { x: [1, 2], weights: [Infinity, 1, 0], bias: [5] })]).toEqual([6, Infinity]);
  const zero = layer({ input: [2], kernel: [1] });
  expect([...reference.forward(zero, { x: [0, 2], weights: [Infinity] })]).toEqual([NaN, Infinity]);
});

test("an empty receptive field gives exactly the bias, and a pixel that nothing reads has gradient 0", () => {
  const problem = layer({ input: [1], kernel: [1], stride: [2], padBegin: [1], padEnd: [2], bias: true });
  const { value, magnitude } = reference.forwardWithMagnitude(problem, { x: [3], weights: [Infinity], bias: [-0.1] });
  expect([[...value], [...magnitude]]).toEqual([
    [-0.1, -0.1],
    [0.1, 0.1],
  ]);
  expect([...reference.backwardData(problem, { dy: [1, 1], weights: [NaN] })]).toEqual([0]);
});

test("number arrays, Float32Array and Float64Array give the same, with and without magnitudes", () => {
  const problem = layer({ inChannels: 2, outChannels: 3, input: [4, 5], kernel: [2, 3], bias: true });
  const { x, weights, dy, bias } = tensors(problem, 3, smallIntegers);
  expect(bias).toBeDefined();
  const lists = { x: [...x], weights: [...weights], dy: [...dy], bias: [...(bias ?? [])] };
  const singles = { x: Float32Array.from(x), weights: Float32Array.from(weights), dy: Float32Array.from(dy), bias };
  for (const operands of [lists, singles]) {
    expect(reference.forward(problem, operands)).toEqual(
      reference.forwardWithMagnitude(problem, { x, weights, bias }).value,
    );
    expect(reference.backwardData(problem, operands)).toEqual(
      reference.backwardDataWithMagnitude(problem, { dy, weights }).value,
    );
    const doubles = reference.backwardWeightsWithMagnitude(problem, { x, dy });
    const { dWeights, dBias } = reference.backwardWeights(problem, operands);
    expect([dWeights, dBias]).toEqual([doubles.dWeights.value, doubles.dBias.value]);
  }
});

test("operands that do not fit the problem are refused with the shapes", () => {
  const problem = layer({ input: [2, 2], kernel: [1, 1], bias: true });
  const x = [1, 2, 3, 4];
  expect(() => reference.forward(problem, { x: [1], weights: [1], bias: [0] })).toThrow(
    "x has 1 values, its shape [1, 1, 2, 2] needs 4",
  );
  expect(() => reference.forward(problem, { x, weights: [1] })).toThrow("bias is true, but none was given");
  expect(() => reference.forward({ ...problem, bias: false }, { x, weights: [1], bias: [1] })).toThrow(
    "bias is false, but one of 1 values was given",
  );
  expect(() => reference.backwardData(problem, { dy: x, weights: [1, 2] })).toThrow("weights has 2 values");
  expect(() => reference.backwardWeights(problem, { x, dy: [1] })).toThrow("dy has 1 values");
});
