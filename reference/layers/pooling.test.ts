import { flatten, multiIndices } from "../../core/indexing.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { layerShapes, type PoolingLayer } from "../graph/layer-shapes.ts";
import { layerDefinition } from "./index.ts";
import { filled, tensor, type Tensor } from "./tensor.ts";
import { imagesDraw, seedDraw, windowDraw } from "./testing/draws.ts";
import { INFERENCE, realTensor } from "./testing/layer-laws.ts";

const line = (...values: number[]): Tensor => tensor([1, 1, values.length], Float64Array.from(values));
const sizes = (kernel: number, stride: number, padBegin = 0, padEnd = padBegin) => ({
  kernel: [kernel],
  stride: [stride],
  padBegin: [padBegin],
  padEnd: [padEnd],
});
const maximum = (...given: Parameters<typeof sizes>): PoolingLayer => ({
  kind: "max-pooling",
  ...sizes(...given),
  ceil: false,
});
const average = (...given: Parameters<typeof sizes>): PoolingLayer => ({
  kind: "average-pooling",
  ...sizes(...given),
  ceil: false,
  countsPadding: false,
});

const pooled = (layer: PoolingLayer, x: Tensor): number[] => [
  ...layerDefinition(layer).forward({ inputs: [x], parameters: [] }, INFERENCE).values,
];
const gradient = (layer: PoolingLayer, x: Tensor, dy: Tensor): number[] => [
  ...layerDefinition(layer).vjp({ inputs: [x], parameters: [] }, dy, INFERENCE).inputs[0]!.values,
];

test("the gradient of a maximum goes to the winner alone, and adds up where windows overlap", () => {
  const x = line(3, 1, 2, 9, 4);
  expect(pooled(maximum(3, 1), x)).toEqual([3, 9, 9]);
  expect(gradient(maximum(3, 1), x, line(1, 10, 100))).toEqual([1, 0, 0, 110, 0]);
});

test("among equal elements the first in row-major order wins", () => {
  const square = { kernel: [2, 2], stride: [2, 2], padBegin: [0, 0], padEnd: [0, 0] };
  const x = tensor([1, 1, 2, 2], Float64Array.of(1, 5, 5, 5));
  const dy = tensor([1, 1, 1, 1], Float64Array.of(7));
  expect(gradient({ kind: "max-pooling", ...square, ceil: false }, x, dy)).toEqual([0, 7, 0, 0]);
  expect(gradient(maximum(3, 3), line(-Infinity, -Infinity, -Infinity), line(7))).toEqual([7, 0, 0]);
});

test("padding never wins, however small the input is", () => {
  expect(pooled(maximum(3, 2, 1), line(-5, -7, -6))).toEqual([-5, -6]);
  expect(gradient(maximum(3, 2, 1), line(-5, -7, -6), line(1, 2))).toEqual([1, 0, 2]);
  expect(pooled(maximum(2, 1, 1), line(-Infinity))).toEqual([-Infinity, -Infinity]);
});

test("NaN wins over every number, and nothing else becomes NaN", () => {
  expect(pooled(maximum(2, 1), line(1, Number.NaN, 3, 4))).toEqual([Number.NaN, Number.NaN, 4]);
});

test("a window that sticks out counts with ceil, but not one that starts in the end's padding", () => {
  const x = line(1, 2, 3, 4, 5);
  expect(pooled(maximum(2, 2), x)).toEqual([2, 4]);
  expect(pooled({ ...maximum(2, 2), ceil: true }, x)).toEqual([2, 4, 5]);
  // With one of padding at either end, a fourth window would begin at 5, after the input.
  expect(pooled({ ...maximum(2, 2, 1), ceil: true }, x)).toEqual([1, 3, 5]);
  expect(pooled({ ...maximum(2, 2, 1), ceil: true }, line(1, 2, 3, 4))).toEqual([1, 3, 4]);
});

test("an average counts elements of the input, or padding too, but never what lies beyond the padding", () => {
  const x = line(6, 12, 18);
  const counting = (layer: PoolingLayer): PoolingLayer =>
    layer.kind === "average-pooling" ? { ...layer, countsPadding: true } : layer;
  expect(pooled(average(3, 2, 1), x)).toEqual([9, 15]);
  expect(pooled(counting(average(3, 2, 1)), x)).toEqual([6, 10]);
  // Windows 0…1 and 2…3: the second has one element of the input, and no padding to count.
  expect(pooled({ ...average(2, 2), ceil: true }, x)).toEqual([9, 18]);
  expect(pooled({ ...counting(average(2, 2)), ceil: true }, x)).toEqual([9, 18]);
  // One of padding at the end: windows −1…1 and 2…4, of which 4 is beyond the padding.
  expect(pooled({ ...counting(average(3, 3, 1)), ceil: true }, x)).toEqual([6, 9]);
  expect(gradient({ ...counting(average(3, 3, 1)), ceil: true }, x, line(3, 2))).toEqual([1, 1, 1]);
});

test("global average: the mean of each plane, and the gradient spread evenly", () => {
  const definition = layerDefinition({ kind: "global-average-pooling" });
  const operands = { inputs: [tensor([1, 2, 2, 2], Float64Array.of(1, 2, 3, 6, 0, 0, 0, 8))], parameters: [] };
  const y = definition.forward(operands, INFERENCE);
  expect(y).toEqual(tensor([1, 2, 1, 1], Float64Array.of(3, 2)));
  const dy = tensor([1, 2, 1, 1], Float64Array.of(4, 8));
  expect([...definition.vjp(operands, dy, INFERENCE).inputs[0]!.values]).toEqual([1, 1, 1, 1, 2, 2, 2, 2]);
});

/**
 * The windows of a pooling in the words of the definition and in no other: every output, every tap, by multi-indices.
 */
function* windowsByDefinition(layer: PoolingLayer, x: Tensor): Generator<{ inside: number[]; padded: number }> {
  const spatial = x.shape.slice(2);
  for (const [n = 0, c = 0, ...output] of multiIndices(layerShapes(layer, [x.shape]).output)) {
    const inside: number[] = [];
    let padded = 0;
    for (const tap of multiIndices(layer.kernel)) {
      const at = tap.map((t, axis) => output[axis]! * layer.stride[axis]! - layer.padBegin[axis]! + t);
      if (at.every((i, axis) => i < spatial[axis]! + layer.padEnd[axis]!)) padded++;
      if (at.some((i, axis) => i < 0 || i >= spatial[axis]!)) continue;
      inside.push(x.values[flatten([n, c, ...at], x.shape)]!);
    }
    yield { inside, padded };
  }
}

test("every output of both poolings is what the definition says, in any rank and geometry", () => {
  const layers = imagesDraw.chain((shape) =>
    fc.tuple(fc.constant(shape), windowDraw(shape), fc.boolean(), fc.boolean(), seedDraw),
  );
  fc.assert(
    fc.property(layers, ([shape, window, ceil, countsPadding, seed]) => {
      const x = realTensor(shape, seed);
      const windows = [...windowsByDefinition({ kind: "max-pooling", ...window, ceil }, x)];
      expect(pooled({ kind: "max-pooling", ...window, ceil }, x)).toEqual(
        windows.map(({ inside }) => Math.max(...inside)),
      );
      pooled({ kind: "average-pooling", ...window, ceil, countsPadding }, x).forEach((mean, index) => {
        const { inside, padded } = windows[index]!;
        const sum = inside.reduce((total, value) => total + value, 0);
        expect(Math.abs(mean - sum / (countsPadding ? padded : inside.length))).toBeLessThanOrEqual(2 ** -47);
      });
    }),
    { numRuns: 60 },
  );
});

test("a constant image stays constant under a maximum, and under an average that does not count padding", () => {
  const x = filled([1, 1, 5], 3);
  expect(pooled({ ...maximum(3, 2, 1), ceil: true }, x)).toEqual([3, 3, 3]);
  expect(pooled({ ...average(3, 2, 1), ceil: true }, x)).toEqual([3, 3, 3]);
});
