import fc from "fast-check";
import { expect, test } from "vitest";
import type { NetworkLayer } from "../../core/network.ts";
import { layerShapes } from "../../reference/graph/layer-shapes.ts";
import { layerDefinition } from "../../reference/layers/index.ts";
import { tensor, type Tensor } from "../../reference/layers/tensor.ts";
import { RECTIFICATION } from "./normalisation.ts";
import { AVERAGES, MAX_POOL, SHIFTED, WINNERS } from "./pooling.ts";

// What lectures say of pooling: CMU 10707 (Convolutional Networks I), ECE 884 (lecture 13-14), IIT Patna (Introduction
// to Deep Learning).

const square = (kernel: number, stride: number) => ({
  kernel: [kernel, kernel],
  stride: [stride, stride],
  padBegin: [0, 0],
  padEnd: [0, 0],
  ceil: false,
});
const maximum: NetworkLayer = { kind: "max-pooling", ...square(2, 2) };
const average: NetworkLayer = { kind: "average-pooling", ...square(2, 2), countsPadding: false };
const inference = { name: "inference" } as const;

/** One image of one channel. */
function image(rows: readonly (readonly number[])[]): Tensor {
  return tensor([1, 1, rows.length, rows[0]!.length], Float64Array.from(rows.flat()));
}

/** The rows of an image of one channel. */
function rowsOf({ shape, values }: Tensor): number[][] {
  const width = shape[3]!;
  return Array.from({ length: shape[2]! }, (_, row) => Array.from(values.subarray(row * width, (row + 1) * width)));
}

const pooled = (layer: NetworkLayer, x: Tensor): number[][] =>
  rowsOf(layerDefinition(layer).forward({ inputs: [x], parameters: [] }, inference));
const gradient = (layer: NetworkLayer, x: Tensor, dy: Tensor): number[][] =>
  rowsOf(layerDefinition(layer).vjp({ inputs: [x], parameters: [] }, dy, inference).inputs[0]!);

test("max pooling of the slide's 4 × 4 image with 2 × 2 and stride 2 (IIT Patna, Max Pool)", () => {
  expect(pooled(maximum, image(MAX_POOL.image))).toEqual(MAX_POOL.pooled);
});

test("only the winning units get the gradient (CMU 10707, Gradient of Convolutional Layer)", () => {
  expect(gradient(maximum, image(WINNERS.image), image(WINNERS.dy))).toEqual(WINNERS.dx);
});

test("average pooling spreads the gradient: 1/m² · upsample(dy) (CMU 10707, Gradient of Convolutional Layer)", () => {
  expect(pooled(average, image(AVERAGES.image))).toEqual(AVERAGES.pooled);
  expect(gradient(average, image(AVERAGES.image), image(AVERAGES.dy))).toEqual(AVERAGES.dx);
});

test("pooling has no learnable parameters, and its output is (H − K) / S + 1 (ECE 884, Pooling Summary)", () => {
  expect(layerShapes(maximum, [[1, 64, 224, 224]])).toEqual({ output: [1, 64, 112, 112], parameters: {} });
  expect(layerShapes({ kind: "max-pooling", ...square(3, 2) }, [[1, 96, 55, 55]]).output).toEqual([1, 96, 27, 27]);
});

test("invariance to small shifts: a feature that moves inside its window is pooled to the same (ECE 884, Max Pooling)", () => {
  // A feature a window of 4 × 4, each moved by its own shift.
  const features = fc.array(
    fc.record({
      strength: fc.integer({ min: 1, max: 99 }),
      down: fc.nat(3),
      right: fc.nat(3),
      downTo: fc.nat(3),
      rightTo: fc.nat(3),
    }),
    { minLength: 9, maxLength: 9 },
  );
  const layer: NetworkLayer = { kind: "max-pooling", ...square(4, 4) };
  fc.assert(
    fc.property(features, (drawn) => {
      const at = (place: (feature: (typeof drawn)[number]) => readonly [number, number]): Tensor => {
        const rows = Array.from({ length: 12 }, () => Array.from({ length: 12 }, () => 0));
        drawn.forEach((feature, index) => {
          const [down, right] = place(feature);
          rows[Math.floor(index / 3) * 4 + down]![(index % 3) * 4 + right] = feature.strength;
        });
        return image(rows);
      };
      const moved = pooled(
        layer,
        at(({ downTo, rightTo }) => [downTo, rightTo]),
      );
      expect(moved).toEqual(
        pooled(
          layer,
          at(({ down, right }) => [down, right]),
        ),
      );
      expect(moved.flat()).toEqual(drawn.map(({ strength }) => strength));
    }),
    { numRuns: 50 },
  );
});

test("when a row moves by one, every value is another, but only half of the maxima are (IIT Patna, Invariance of maxpooling)", () => {
  // Maxima of three neighbours, one for each element, as in Goodfellow, Bengio and Courville, Deep Learning, 2016,
  // figure 9.8.
  const layer: NetworkLayer = {
    kind: "max-pooling",
    kernel: [1, 3],
    stride: [1, 1],
    padBegin: [0, 1],
    padEnd: [0, 1],
    ceil: false,
  };
  const [before, after] = [image([SHIFTED.before]), image([SHIFTED.after])];
  expect(before.values.every((value, index) => value !== after.values[index])).toBe(true);
  expect(pooled(layer, before)).toEqual([SHIFTED.pooledBefore]);
  expect(pooled(layer, after)).toEqual([SHIFTED.pooledAfter]);
});

test("a rectified image has no sign: white on black is as black on white (CMU 10707, Rectification)", () => {
  const rectified = (x: Tensor): number[][] => pooled({ kind: "absolute-value" }, x);
  const edge = image([RECTIFICATION.edge]);
  expect(rectified(image([RECTIFICATION.edge.map((value) => -value)]))).toEqual(rectified(edge));
});
