import { expect, test } from "vitest";
import type { ConvProblem } from "../../core/problem.ts";
import { backwardWeights, forward } from "../../reference/index.ts";
import { elementCount, outputShape, tensorShapes } from "../../core/shape.ts";
import { layer } from "../../reference/testing/layer.ts";
import { CONNECTIONS, VOLUME } from "./connections.ts";
import { BINARY, BOXES, FLIPPED, MISPRINTED, SENSOR } from "./convolution.ts";
import type { Rows } from "./example.ts";
import { SEVEN } from "./sizes.ts";

// Worked examples of university lectures on convolutional networks, each first done by hand.

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

test("discrete convolution with a flipped kernel (CMU 10707); not flipped it is something else", () => {
  expect(trueConvolution(FLIPPED.image, FLIPPED.kernel)).toEqual(FLIPPED.convolution);
  expect(crossCorrelation(FLIPPED.image, FLIPPED.kernel)).toEqual(FLIPPED.correlation);
});

test("the last slide of that example prints another image beside the same result, which does not follow", () => {
  expect(trueConvolution(MISPRINTED.image, MISPRINTED.kernel)).toEqual(MISPRINTED.convolution);
  expect(MISPRINTED.convolution).not.toEqual(MISPRINTED.printed);
});

test("a 3 × 3 kernel sliding over a binary 5 × 5 image", () => {
  expect(crossCorrelation(BINARY.image, BINARY.kernel)).toEqual(BINARY.correlation);
});

test("a box convolved with itself is a triangle (CS 4803): sums over ever finer boxes come to it", () => {
  const steps = 1000;
  const box = [Array.from({ length: steps }, () => 1)];
  const padded = [[...Array.from({ length: steps }, () => 0), ...box[0]!, ...Array.from({ length: steps }, () => 0)]];
  // Element j of the valid convolution of the padded box is y at t = (j − steps) / steps.
  const [y = []] = trueConvolution(padded, box);
  for (const [t, value] of BOXES.values) expect(y[Math.round((t + 1) * steps)]! / steps).toBe(value);
});

test("the noisy sensor: a weighted average of the last three readings, the newest first (IIT Patna)", () => {
  expect(trueConvolution([SENSOR.readings], [SENSOR.weights])).toEqual([[...SENSOR.smoothed]]);
});

test("7 × 7 with a 3 × 3 filter: 5 × 5 at stride 1, 3 × 3 at stride 2, 7 × 7 again with padding 1", () => {
  for (const { input, kernel, stride, padding, output } of SEVEN.sizes) {
    const both = (value: number): readonly number[] => [value, value];
    const given = { input: both(input), kernel: both(kernel), stride: both(stride) };
    expect(outputShape(layer({ ...given, padBegin: both(padding), padEnd: both(padding) }))).toEqual(both(output));
  }
});

test("six 5 × 5 filters over 32 × 32 × 3 stack up to 28 × 28 × 6", () => {
  const [channels, ...input] = VOLUME.input;
  const kernel = [VOLUME.kernel, VOLUME.kernel];
  const problem = layer({ inChannels: channels, outChannels: VOLUME.filters, input, kernel });
  expect(tensorShapes(problem).y).toEqual([1, ...VOLUME.output]);
  const ones = (length: number): Float32Array => new Float32Array(length).fill(1);
  const y = forward(problem, { x: ones(3 * 32 * 32), weights: ones(6 * 75) });
  expect(y).toEqual(new Float64Array(28 * 28 * 6).fill(VOLUME.products));
});

test("weights for a 200 × 200 image: 10 K in 100 filters of 10 × 10, 1.6 G (“~2B”) with 40 K fully connected units", () => {
  const { size, units, kernel, filters } = CONNECTIONS;
  const shared = layer({ outChannels: filters, input: [size, size], kernel: [kernel, kernel] });
  expect(elementCount(tensorShapes(shared).weights)).toBe(CONNECTIONS.convolution);
  const x = new Float32Array(size * size).fill(1);
  const { dWeights } = backwardWeights(shared, { x, dy: new Float32Array(filters * 191 * 191).fill(1) });
  expect(dWeights).toEqual(new Float64Array(10_000).fill(191 * 191));
  const fullyConnected = layer({ outChannels: units, input: [size, size], kernel: [size, size] });
  expect(elementCount(tensorShapes(fullyConnected).weights)).toBe(CONNECTIONS.fullyConnected);
  // Each unit a window of its own.
  expect(units * kernel * kernel).toBe(CONNECTIONS.locallyConnected);
});
