import fc from "fast-check";
import { expect, test } from "vitest";
import type { ConvProblem } from "../../core/problem.ts";
import { forward } from "../../reference/index.ts";
import { problemFault } from "../../core/problem-rules.ts";
import { elementCount, outputShape, tensorShapes } from "../../core/shape.ts";
import { layer } from "../../reference/testing/layer.ts";
import { smallIntegers, tensors } from "../../reference/testing/tensors.ts";
import { LINEAR_CLASSIFIER } from "./classification.ts";
import { ONE_BY_ONE, VOLUME } from "./connections.ts";
import { DIFFERENCE, UPRIGHT_EDGES } from "./kernels.ts";
import { SHRINKING } from "./sizes.ts";

// What lectures say of convolution as a linear map that moves with its input. Small integers throughout: every sum is
// exact.

test("edges: [−1 1] gives the difference to the neighbour on the right (IIT Patna, Edge detection)", () => {
  const problem = layer({ input: [3, 6], kernel: [1, 2] });
  const { image, kernel, correlation } = DIFFERENCE;
  expect([...forward(problem, { x: image.flat(), weights: kernel.flat() })]).toEqual(correlation.flat());
});

test("edges: rows of [−1 0 1] see upright edges and no lying ones (CMU 10707, Example)", () => {
  const problem = layer({ input: [4, 6], kernel: [3, 3] });
  const weights = UPRIGHT_EDGES.kernel.flat();
  const upright = Array.from({ length: 24 }, (_, index) => (index % 6 < 3 ? 0 : 2));
  const lying = Array.from({ length: 24 }, (_, index) => (index < 12 ? 0 : 2));
  expect([...forward(problem, { x: upright, weights })]).toEqual([0, 6, 6, 0, 0, 6, 6, 0]);
  expect([...forward(problem, { x: lying, weights })]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
});

/** A problem of two dimensions with square kernels. */
const twoDimensions = fc
  .record({
    size: fc.integer({ min: 5, max: 8 }),
    kernel: fc.integer({ min: 1, max: 3 }),
    channels: fc.integer({ min: 1, max: 2 }),
    seed: fc.integer(),
  })
  .map(({ size, kernel, channels, seed }) => ({
    problem: layer({ input: [size, size], kernel: [kernel, kernel], inChannels: channels, outChannels: 2 }),
    seed,
  }));

/** I'(x, y) = I(x − 1, y): every row moved to the right by one, with `fill` coming in. */
function movedRight(planes: Float64Array, width: number, fill: number): Float64Array {
  return planes.map((_, index) => (index % width === 0 ? fill : planes[index - 1]!));
}

test("equivariance: the convolution of a moved image is the moved convolution (IIT Patna, Equivariance)", () => {
  fc.assert(
    fc.property(twoDimensions, ({ problem, seed }) => {
      const { x, weights } = tensors(problem, seed, smallIntegers);
      const width = outputShape(problem)[1]!;
      const moved = forward(problem, { x: movedRight(x, problem.input[1]!, 3), weights });
      const expected = movedRight(forward(problem, { x, weights }), width, 0);
      // What came in at the left is seen by the first column alone.
      expect(moved.filter((_, index) => index % width > 0)).toEqual(expected.filter((_, index) => index % width > 0));
    }),
    { numRuns: 60 },
  );
});

test("with a stride, only steps of the stride are kept: a step of one is not", () => {
  const problem = layer({ input: [1, 8], kernel: [1, 2], stride: [1, 2] });
  const [image, weights] = [
    [1, 2, 4, 8, 16, 32, 64, 128],
    [1, 1],
  ];
  const responses = (by: number): number[] => [
    ...forward(problem, { x: image.map((_, index) => image[index - by] ?? 0), weights }),
  ];
  expect(responses(0)).toEqual([3, 12, 48, 192]);
  expect(responses(2)).toEqual([0, 3, 12, 48]);
  expect(responses(1)).toEqual([1, 6, 24, 96]);
});

/**
 * The kernel that two stacked layers with stride 1 come to: the true convolution of the two, summed over the channels
 * between.
 */
function composed(first: ConvProblem, second: ConvProblem, w1: Float64Array, w2: Float64Array): Float64Array {
  const size = first.kernel[0]! + second.kernel[0]! - 1;
  const weights = new Float64Array(second.outChannels * first.inChannels * size * size);
  const [k1, k2] = [first.kernel[0]!, second.kernel[0]!];
  for (let k = 0; k < second.outChannels; k++)
    for (let j = 0; j < first.outChannels; j++)
      for (let c = 0; c < first.inChannels; c++)
        for (let r1 = 0; r1 < k1 * k1; r1++)
          for (let r2 = 0; r2 < k2 * k2; r2++) {
            const row = Math.floor(r1 / k1) + Math.floor(r2 / k2);
            const column = (r1 % k1) + (r2 % k2);
            weights[((k * first.inChannels + c) * size + row) * size + column]! +=
              w1[(j * first.inChannels + c) * k1 * k1 + r1]! * w2[(k * first.outChannels + j) * k2 * k2 + r2]!;
          }
  return weights;
}

/** Two stacked layers, and the one that they come to. */
function stackOf(problem: ConvProblem, seed: number) {
  const second = layer({ input: outputShape(problem), kernel: [2, 2], inChannels: 2, outChannels: 3 });
  const one = { ...problem, kernel: problem.kernel.map((extent) => extent + 1), outChannels: 3 };
  const { x, weights: w1 } = tensors(problem, seed, smallIntegers);
  const { weights: w2 } = tensors(second, seed + 1, smallIntegers);
  const between = forward(problem, { x, weights: w1 });
  const whole = forward(one, { x, weights: composed(problem, second, w1, w2) });
  return { second, w2, between, whole };
}

test("two stacked convolutions are a convolution (ECE 884, Stacking Convolutions)", () => {
  fc.assert(
    fc.property(twoDimensions, ({ problem, seed }) => {
      const { second, w2, between, whole } = stackOf(problem, seed);
      expect(forward(second, { x: between, weights: w2 })).toEqual(whole);
    }),
    { numRuns: 60 },
  );
});

test("with a rectifier between them they are not", () => {
  const { second, w2, between, whole } = stackOf(layer({ input: [5, 5], kernel: [3, 3], outChannels: 2 }), 1);
  expect(forward(second, { x: between.map((value) => Math.max(0, value)), weights: w2 })).not.toEqual(whole);
});

test("on 28 × 28, at most 13 layers of 3 × 3 without padding: the last output is 2 × 2 (ECE 884, Problem: the output is smaller)", () => {
  let size: number = SHRINKING.input;
  let layers = 0;
  const next = (): ConvProblem => layer({ input: [size, size], kernel: [3, 3] });
  while (problemFault(next()) === undefined) {
    size = outputShape(next())[0]!;
    layers++;
  }
  expect([layers, size]).toEqual([SHRINKING.layers, SHRINKING.lastOutput]);
  expect(problemFault(next())).toContain("input=2 padBegin=0 padEnd=0 is shorter than the 3");
  // With P = (K − 1) / 2 the size stays.
  expect(outputShape(layer({ input: [28, 28], kernel: [3, 3], padBegin: [1, 1], padEnd: [1, 1] }))).toEqual([28, 28]);
});

test("parameters: 3 × 5 × 5 weights and a bias a filter, 456 in six; 30,730 to score 32 × 32 × 3 for ten classes (ECE 884, CS 4803)", () => {
  const parameters = (problem: ConvProblem): number =>
    elementCount(tensorShapes(problem).weights) + elementCount(tensorShapes(problem).bias);
  const image = { inChannels: 3, input: [32, 32], bias: true };
  expect(parameters(layer({ ...image, kernel: [5, 5] }))).toBe(76);
  expect(parameters(layer({ ...image, kernel: [5, 5], outChannels: 6 }))).toBe(VOLUME.parameters);
  expect(parameters(layer({ ...image, kernel: [32, 32], outChannels: 10 }))).toBe(LINEAR_CLASSIFIER.parameters);
  // 32 filters of 1 × 1 on 64 channels: a product of 64 numbers each.
  const { channels, filters, size } = ONE_BY_ONE;
  const pointwise = layer({ inChannels: channels, outChannels: filters, input: [size, size], kernel: [1, 1] });
  expect(tensorShapes(pointwise).weights).toEqual([filters, channels, 1, 1]);
});

test("1 × 1 convolutions are a fully connected layer at every position (ECE 884, 1x1 Convolution)", () => {
  const problem = layer({ input: [3, 4], kernel: [1, 1], inChannels: 5, outChannels: 2, bias: true });
  const { x, weights, bias } = tensors(problem, 1, smallIntegers);
  const y = forward(problem, { x, weights, bias });
  for (let position = 0; position < 12; position++) {
    const pixel = layer({ input: [1, 1], kernel: [1, 1], inChannels: 5, outChannels: 2, bias: true });
    const column = x.filter((_, index) => index % 12 === position);
    expect(forward(pixel, { x: column, weights, bias })).toEqual(y.filter((_, index) => index % 12 === position));
  }
});
