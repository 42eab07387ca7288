import { expect, test } from "vitest";
import type { NetworkLayer } from "../../core/network.ts";
import { layerDefinition } from "./index.ts";
import { tensor } from "./tensor.ts";
import { INFERENCE } from "./testing/layer-laws.ts";

const clip: NetworkLayer = { kind: "clip", min: 0, max: 6 };

/** Values and derivatives at some x. */
function at(
  layer: NetworkLayer | "relu" | "absolute-value" | "sigmoid" | "tanh",
  ...xs: number[]
): { values: number[]; slopes: number[] } {
  const definition = layerDefinition(typeof layer === "string" ? { kind: layer } : layer);
  const x = tensor([1, xs.length], Float64Array.from(xs));
  const operands = { inputs: [x], parameters: [] };
  const ones = tensor([1, xs.length], new Float64Array(xs.length).fill(1));
  return {
    values: [...definition.forward(operands, INFERENCE).values],
    slopes: [...definition.vjp(operands, ones, INFERENCE).inputs[0]!.values],
  };
}

test("ReLU: max(0, x), with slope 0 at 0", () => {
  expect(at("relu", -2, -0.5, 0, 3)).toEqual({ values: [0, 0, 0, 3], slopes: [0, 0, 0, 1] });
  expect(at("relu", Number.NaN, Infinity, -Infinity).values).toEqual([Number.NaN, Infinity, 0]);
});

test("clip: between its bounds, with slope 0 at and beyond them", () => {
  expect(at(clip, -2, 0, 1.5, 6, 7)).toEqual({ values: [0, 0, 1.5, 6, 6], slopes: [0, 0, 1, 0, 0] });
  expect(at(clip, Number.NaN, Infinity, -Infinity).values).toEqual([Number.NaN, 6, 0]);
});

test("absolute value: the slope is the sign", () => {
  expect(at("absolute-value", -2, 0, 3)).toEqual({ values: [2, 0, 3], slopes: [-1, 0, 1] });
});

test("sigmoid: known values, and no digit is lost far out on either side", () => {
  const { values, slopes } = at("sigmoid", 0, Math.log(3), -Math.log(3), -800, 800, -40, 40);
  expect(values[0]).toBe(0.5);
  expect(values[1]).toBeCloseTo(0.75, 15);
  expect(values[2]).toBeCloseTo(0.25, 15);
  expect(values.slice(3, 5)).toEqual([0, 1]);
  expect(slopes[0]).toBe(0.25);
  expect(slopes[1]).toBeCloseTo(3 / 16, 15);
  expect(slopes.slice(3, 5)).toEqual([0, 0]);
  // σ'(±40) = e^−40 to all digits; y·(1 − y) would give 0 at 40.
  expect(slopes[5]! / Math.exp(-40)).toBeCloseTo(1, 14);
  expect(slopes[6]! / Math.exp(-40)).toBeCloseTo(1, 14);
});

test("tanh: known values, and no digit is lost far out on either side", () => {
  const { values, slopes } = at("tanh", 0, Math.log(2), 20, 800);
  expect(values[0]).toBe(0);
  expect(values[1]).toBeCloseTo(0.6, 15);
  expect(values[3]).toBe(1);
  expect(slopes[0]).toBe(1);
  expect(slopes[1]).toBeCloseTo(0.64, 15);
  // 1 − tanh² x tends to 4·e^−2x; 1 − y² would give 0 at 20.
  expect(slopes[2]! / (4 * Math.exp(-40))).toBeCloseTo(1, 14);
  expect(slopes[3]).toBe(0);
});
