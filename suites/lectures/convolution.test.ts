import { expect, test } from "vitest";
import type { ConvProblem } from "../../core/problem.ts";
import { backwardWeights, forward } from "../../reference/index.ts";
import { elementCount, outputShape, tensorShapes } from "../../core/shape.ts";
import { layer } from "../../reference/testing/layer.ts";

// Worked examples of university lectures on convolutional networks, each first done by hand.

type Rows = readonly (readonly number[])[];

function crossCorrelation(image: Rows, kernel: Rows, given: Partial<ConvProblem> = {}): number[][] {
  const size = (rows: Rows): number[] => [rows.length, rows[0]?.length ?? 0];
  const problem = layer({ input: size(image), kernel: size(kernel), ...given });
  const y = [...forward(problem, { x: image.flat(), weights: kernel.flat() })];
  const [height, width] = outputShape(problem);
  return Array.from({ length: height ?? 0 }, (_, row) => y.slice(row * (width ?? 0), (row + 1) * (width ?? 0)));
}

/** Convolution as mathematicians have it: the kernel's rows and columns are flipped. */
function trueConvolution(image: Rows, kernel: Rows): number[][] {
  return crossCorrelation(
    image,
    kernel.toReversed().map((row) => row.toReversed()),
  );
}

const smallKernel = [
  [0, 0.25],
  [0.5, 1],
];

test("discrete convolution with a flipped kernel (CMU 10707)", () => {
  const image = [
    [0, 80, 40],
    [20, 40, 0],
    [0, 0, 40],
  ];
  // 1·0 + 0.5·80 + 0.25·20 + 0·40 = 45, 1·80 + 0.5·40 + 0.25·40 = 110, 1·20 + 0.5·40 = 40, 1·40 = 40.
  expect(trueConvolution(image, smallKernel)).toEqual([
    [45, 110],
    [40, 40],
  ]);
  // Not flipped they give something else, so the example does tell the two apart: 0.25·80 + 0.5·20 + 1·40 = 70, ….
  expect(crossCorrelation(image, smallKernel)).toEqual([
    [70, 30],
    [10, 40],
  ]);
});

test("the last slide of that example prints another image beside the same result, which does not follow", () => {
  const printed = [
    [0, 80, 40],
    [20, 10, 0],
    [0, 0, 0],
  ];
  // 45 is right; then 80 + 20 + 2.5, 20 + 5 and 10, where the slide has 110, 40 and 40.
  expect(trueConvolution(printed, smallKernel)).toEqual([
    [45, 102.5],
    [25, 10],
  ]);
});

test("a 3 × 3 kernel sliding over a binary 5 × 5 image", () => {
  const image = ["11100", "01110", "00111", "00110", "01100"].map((row) => row.split("").map(Number));
  const kernel = ["101", "010", "101"].map((row) => row.split("").map(Number));
  expect(crossCorrelation(image, kernel)).toEqual([
    [4, 3, 4],
    [2, 4, 3],
    [2, 3, 4],
  ]);
});

test("7 × 7 with a 3 × 3 filter: 5 × 5 at stride 1, 3 × 3 at stride 2, 7 × 7 again with padding 1", () => {
  const given = { input: [7, 7], kernel: [3, 3] };
  expect(outputShape(layer(given))).toEqual([5, 5]);
  expect(outputShape(layer({ ...given, stride: [2, 2] }))).toEqual([3, 3]);
  expect(outputShape(layer({ ...given, padBegin: [1, 1], padEnd: [1, 1] }))).toEqual([7, 7]);
});

test("six 5 × 5 filters over 32 × 32 × 3 stack up to 28 × 28 × 6", () => {
  const problem = layer({ inChannels: 3, outChannels: 6, input: [32, 32], kernel: [5, 5] });
  expect(tensorShapes(problem).y).toEqual([1, 6, 28, 28]);
  const y = forward(problem, { x: new Float32Array(3 * 32 * 32).fill(1), weights: new Float32Array(6 * 75).fill(1) });
  expect(y).toEqual(new Float64Array(28 * 28 * 6).fill(75));
});

test("weights for a 200 × 200 image: 10 K in 100 filters of 10 × 10, 1.6 G (“~2B”) with 40 K fully connected units", () => {
  const filters = layer({ outChannels: 100, input: [200, 200], kernel: [10, 10] });
  expect(elementCount(tensorShapes(filters).weights)).toBe(10_000);
  const x = new Float32Array(200 * 200).fill(1);
  const { dWeights } = backwardWeights(filters, { x, dy: new Float32Array(100 * 191 * 191).fill(1) });
  expect(dWeights).toEqual(new Float64Array(10_000).fill(191 * 191));
  const fullyConnected = layer({ outChannels: 40_000, input: [200, 200], kernel: [200, 200] });
  expect(elementCount(tensorShapes(fullyConnected).weights)).toBe(1.6e9);
});
