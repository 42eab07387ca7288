import { expect, test } from "vitest";
import type { NetworkLayer } from "../../../core/network.ts";
import { layerDefinition } from "../../../reference/layers/index.ts";
import type { Tensor } from "../../../reference/layers/tensor.ts";
import { randomStream } from "../../../suites/data/random.ts";
import { layerErrors } from "./layer-errors.ts";

const f32 = Math.fround;

/** Float32 numbers of both signs up to `size`. */
function drawn(shape: readonly number[], size: number, key: string): Tensor {
  const stream = randomStream("layer-errors", key);
  const count = shape.reduce((product, extent) => product * extent, 1);
  return { shape, values: Float64Array.from({ length: count }, () => f32((stream.nextUint32() / 2 ** 31 - 1) * size)) };
}

/** The worst error ÷ bound of values computed in float32. */
function worstRatio(
  layer: NetworkLayer,
  x: Tensor,
  parameters: readonly Tensor[],
  float32: (index: number) => number,
): number {
  const operands = { inputs: [x], parameters };
  const values = layerDefinition(layer).forward(operands, { name: "inference" }).values;
  const errors = layerErrors(layer, operands, values);
  return values.reduce(
    (worst, value, index) => Math.max(worst, Math.abs(float32(index) - value) / errors(index).bound),
    0,
  );
}

/** A plain float32 implementation rounds within the bound, and not so far within that the bound says nothing. */
function expectSnug(ratio: number): void {
  expect(ratio).toBeLessThanOrEqual(1);
  expect(ratio).toBeGreaterThan(0.02);
}

test("batch normalisation in float32, with cancellation between x and the mean", () => {
  const x = drawn([1, 3, 200], 4, "x");
  const [scale, shift, mean] = ["scale", "shift", "mean"].map((key) => drawn([3], 4, key));
  const variance = { shape: [3], values: Float64Array.of(0.5, 3, 40) };
  const epsilon = f32(1e-3);
  expectSnug(
    worstRatio({ kind: "batch-normalisation", epsilon }, x, [scale!, shift!, mean!, variance], (index) => {
      const c = Math.floor(index / 200);
      const deviation = f32(Math.sqrt(f32(variance.values[c]! + epsilon)));
      const standard = f32(f32(x.values[index]! - mean!.values[c]!) / deviation);
      return f32(f32(scale!.values[c]! * standard) + shift!.values[c]!);
    }),
  );
});

test("softmax in float32", () => {
  const x = drawn([40, 30], 6, "softmax");
  expectSnug(
    worstRatio({ kind: "softmax" }, x, [], (index) => {
      const row = Array.from(x.values.subarray(index - (index % 30), index - (index % 30) + 30));
      const most = Math.max(...row);
      const powers = row.map((value) => f32(Math.exp(f32(value - most))));
      return f32(powers[index % 30]! / powers.reduce((sum, power) => f32(sum + power), 0));
    }),
  );
});

test("local response normalisation in float32", () => {
  const x = drawn([1, 12, 50], 3, "lrn");
  const layer = { kind: "local-response-normalisation", size: 5, alpha: 0.5, beta: 0.75, k: 1 } as const;
  expectSnug(
    worstRatio(layer, x, [], (index) => {
      const [c, p] = [Math.floor(index / 50), index % 50];
      let sum = 0;
      for (let other = Math.max(0, c - 2); other <= Math.min(11, c + 2); other++)
        sum = f32(sum + f32(x.values[other * 50 + p]! ** 2));
      const base = f32(layer.k + f32(f32(layer.alpha / layer.size) * sum));
      return f32(x.values[index]! / f32(base ** layer.beta));
    }),
  );
});

test("average pooling in float32, with cancellation in the sum", () => {
  const x = drawn([1, 2, 90], 5, "average");
  const layer = {
    kind: "average-pooling",
    kernel: [9],
    stride: [9],
    padBegin: [0],
    padEnd: [0],
    ceil: false,
    countsPadding: false,
  } as const;
  expectSnug(
    worstRatio(layer, x, [], (index) => {
      const window = x.values.subarray(index * 9, index * 9 + 9);
      return f32(window.reduce((sum, value) => f32(sum + value), 0) / 9);
    }),
  );
});
