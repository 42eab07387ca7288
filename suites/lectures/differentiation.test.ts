import { expect, test } from "vitest";
import { layerDefinition } from "../../reference/layers/index.ts";
import { numericalDerivative } from "../../reference/layers/numerical-derivative.ts";
import { tensor, type Tensor } from "../../reference/layers/tensor.ts";
import { evaluateNetwork } from "../../reference/graph/evaluate.ts";
import { reverseMode } from "../../reference/graph/reverse-mode.ts";
import { backwardData, backwardWeights, forward } from "../../reference/index.ts";
import { layer } from "../../reference/testing/layer.ts";
import { outputShape } from "../../core/shape.ts";
import { BRANCHES, GRADIENT, JACOBIANS, SIGMOID_LAYER, SINE_AND_PRODUCT } from "./differentiation.ts";

const row = (values: readonly number[]): Tensor => tensor([1, 1, values.length], Float64Array.from(values));
const INFERENCE = { name: "inference" } as const;

test("f = sin(x₁) + x₁·x₂: differences give cos(x₁) + x₂ and x₁ (CS 4803, Forward and Reverse mode AD)", () => {
  const [a, b] = SINE_AND_PRODUCT.at;
  const f = (x1: number, x2: number): number => Math.sin(x1) + x1 * x2;
  expect(numericalDerivative((step) => f(a + step, b))).toBeCloseTo(Math.cos(a) + b, 8);
  expect(numericalDerivative((step) => f(a, b + step))).toBeCloseTo(a, 8);
});

test("a Caffe-like sigmoid layer: bottom_diff = top_diff · σ(1 − σ)", () => {
  const { x, topDiff } = SIGMOID_LAYER;
  const sigmoid = layerDefinition({ kind: "sigmoid" });
  const y = sigmoid.forward({ inputs: [row(x)], parameters: [] }, INFERENCE);
  const { inputs } = sigmoid.vjp({ inputs: [row(x)], parameters: [] }, row(topDiff), INFERENCE);
  topDiff.forEach((slope, index) => {
    const value = y.values[index]!;
    expect(inputs[0]!.values[index]).toBeCloseTo(slope * value * (1 - value), 15);
  });
  expect([y.values[1], inputs[0]!.values[1]]).toEqual([0.5, 1]);
});

test("gradients add at branches: of |x| + relu(x) + |x|", () => {
  const network = {
    name: "branches",
    description: "",
    source: "",
    input: { channels: 1, spatial: [3] },
    nodes: [
      { name: "absolute", layer: { kind: "absolute-value" }, inputs: ["input"] },
      { name: "relu", layer: { kind: "relu" }, inputs: ["input"] },
      { name: "sum", layer: { kind: "addition" }, inputs: ["absolute", "relu", "absolute"] },
    ],
  } as const;
  const at = evaluateNetwork(network, new Map(), row(BRANCHES.x));
  expect([...reverseMode(at, row(BRANCHES.dy)).outputs.get("input")!.values]).toEqual([...BRANCHES.dx]);
});

test("the Jacobian of a rectifier is diagonal, 4096 of 16.8 million; 409,600 rows for 100 images", () => {
  const { features, batch } = JACOBIANS;
  expect([features ** 2, batch * features]).toEqual([16_777_216, 409_600]);
  const x = row([-1, 2, -3, 4]);
  const rows = [0, 1, 2, 3].map((at) => {
    const unit = row([0, 1, 2, 3].map((index) => (index === at ? 1 : 0)));
    return [
      ...layerDefinition({ kind: "relu" }).vjp({ inputs: [x], parameters: [] }, unit, INFERENCE).inputs[0]!.values,
    ];
  });
  expect(rows).toEqual([
    [0, 0, 0, 0],
    [0, 1, 0, 0],
    [0, 0, 0, 0],
    [0, 0, 0, 1],
  ]);
});

const { x, weights, bias, y, dy, dx, dWeights, dBias } = GRADIENT;
const problem = layer({ input: [3, 3], kernel: [2, 2], bias: true });
const operands = { x: x.flat(), weights: weights.flat(), bias: [bias], dy: dy.flat() };

test("the gradient of a convolution, worked out by hand: y, dX, dW and dB", () => {
  expect([...forward(problem, operands)]).toEqual(y.flat());
  expect([...backwardData(problem, operands)]).toEqual(dx.flat());
  const gradients = backwardWeights(problem, operands);
  expect([[...gradients.dWeights], [...gradients.dBias]]).toEqual([dWeights.flat(), [dBias]]);
});

test("dX is the full correlation of dY with the flipped kernel, and dW the correlation of x with dY", () => {
  const full = layer({ input: outputShape(problem), kernel: [2, 2], padBegin: [1, 1], padEnd: [1, 1] });
  const flipped = weights.flat().toReversed();
  expect([...forward(full, { x: operands.dy, weights: flipped })]).toEqual(dx.flat());
  const byWeights = layer({ input: [3, 3], kernel: [2, 2] });
  expect([...forward(byWeights, { x: operands.x, weights: operands.dy })]).toEqual(dWeights.flat());
});

test("differences of ⟨y, dy⟩ agree with every one of these gradients", () => {
  const moved = (name: "x" | "weights" | "bias", at: number) =>
    numericalDerivative((step) => {
      const values = operands[name].map((value, index) => (index === at ? value + step : value));
      const out = forward(problem, { ...operands, [name]: values });
      return out.reduce((sum, value, index) => sum + value * operands.dy[index]!, 0);
    });
  dx.flat().forEach((slope, at) => expect(moved("x", at)).toBeCloseTo(slope, 8));
  dWeights.flat().forEach((slope, at) => expect(moved("weights", at)).toBeCloseTo(slope, 8));
  expect(moved("bias", 0)).toBeCloseTo(dBias, 8);
});
