import { expect, test } from "vitest";
import { realTensor } from "../layers/testing/layer-laws.ts";
import { keyedUniforms } from "../testing/uniforms.ts";
import { mapped } from "../layers/tensor.ts";
import { evaluateNetwork, type Evaluation } from "./evaluate.ts";
import { checkNetworkGradients } from "./gradient-check.ts";
import { crossEntropy, randomProjection } from "./objective.ts";
import { initialParameters } from "./parameters.ts";
import { networkShapes } from "./shapes.ts";
import { everyLayer } from "./testing/every-layer.ts";

const stream = keyedUniforms(11);

function pointOf(phase: "training" | "inference"): Evaluation {
  // Biases of 0 would put the rows that a transposed convolution adds onto the kink of the absolute value.
  const parameters = new Map(
    [...initialParameters(everyLayer, stream)].map(([node, tensors]) => [
      node,
      tensors.map((initial) => mapped(initial, (value, index) => value + 0.1 * Math.cos(index))),
    ]),
  );
  const x = realTensor([3, 2, 8, 8], 5);
  return evaluateNetwork(everyLayer, parameters, x, phase === "training" ? { name: phase, stream } : { name: phase });
}

test("a network of every kind of layer: reverse mode, forward mode and differences agree, in inference and in training", () => {
  expect(new Set(everyLayer.nodes.map(({ layer }) => layer.kind)).size).toBe(20);
  for (const phase of ["inference", "training"] as const) {
    for (const objective of [randomProjection(() => stream("projection")), crossEntropy([0, 4, 2])]) {
      const agreements = checkNetworkGradients(pointOf(phase), objective, stream);
      expect(agreements.filter(({ agrees }) => !agrees)).toEqual([]);
      const parameters = [...networkShapes(everyLayer, 1)].flatMap(([node, shapes]) =>
        Object.keys(shapes.parameters).map((name) => `${node}.${name}`),
      );
      expect(agreements.map(({ moved }) => moved)).toEqual(["input", ...parameters, "everything"]);
    }
  }
});

test("differences of values notice an objective whose gradient is not its own", () => {
  const objective = randomProjection(() => stream("projection"));
  const agreements = checkNetworkGradients(
    pointOf("inference"),
    (y) => ({
      value: objective(y).value,
      gradient: mapped(objective(y).gradient, (slope, index) => slope * (index === 7 ? 1.01 : 1)),
    }),
    stream,
  );
  expect(agreements.filter(({ agrees }) => !agrees).map(({ moved }) => moved)).toEqual(["everything"]);
});

test("forward mode notices a reverse mode that differentiates another function: here, dropouts that drop other elements", () => {
  let calls = 0;
  const at = pointOf("training");
  const unsteady: Evaluation = { ...at, phase: { name: "training", stream: () => keyedUniforms(calls++)("drop") } };
  const agreements = checkNetworkGradients(
    unsteady,
    randomProjection(() => stream("projection")),
    stream,
  );
  const moved = new Set(agreements.filter(({ agrees }) => !agrees).map((agreement) => agreement.moved));
  expect(moved).toContain("conv.weights");
  expect(moved).toContain("local.weights");
  expect(moved).not.toContain("fc.weights");
  expect(moved).not.toContain("scores.weights");
});
