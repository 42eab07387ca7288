import { expect, test } from "vitest";
import { evaluateModel } from "../../../reference/model/evaluate-model.ts";
import { readWholeModel } from "../../../suites/onnx/index.ts";
import { modelFile, type PlainModel } from "../../../suites/onnx/testing/build-model.ts";
import { checkModel } from "./check-model.ts";
import { modelInputs, modelMultiplyAdds } from "./model-data.ts";

const WEIGHTS = Array.from({ length: 54 }, (_, at) => Math.sin(at + 1));

const MODEL: PlainModel = {
  inputs: { x: [1, 2, 6, 6] },
  outputs: ["y", "z"],
  constants: {
    w: { dims: [3, 2, 3, 3], floats: WEIGHTS },
    b: { dims: [3], floats: [0.1, -0.2, 0.3] },
  },
  nodes: [
    { op: "Conv", inputs: ["x", "w", "b"], outputs: ["c"], attributes: { pads: [1, 1, 1, 1] } },
    { op: "Relu", inputs: ["c"], outputs: ["y"] },
    { op: "GlobalAveragePool", inputs: ["y"], outputs: ["z"] },
  ],
};

const { graph } = readWholeModel(modelFile(MODEL));
const inputs = modelInputs(graph, 1);
const { x0 = new Float32Array(0) } = inputs;
const exact = evaluateModel(graph, [Float64Array.from(x0)]);
const right = { y0: Float32Array.from(exact[0] ?? []), y1: Float32Array.from(exact[1] ?? []) };

test("right outputs hold, and tell", () => {
  const { margin, fault, tellingElements } = checkModel(graph, inputs, right, 1);
  expect(fault).toBeUndefined();
  expect(margin).toBeLessThan(0.1);
  expect(tellingElements).toBe(1);
});

test.each([
  ["an element that is off by a thousandth", 1.001],
  ["a NaN", NaN],
  ["a zero", 0],
])("%s is a fault, with its place", (_, factor) => {
  const at = right.y0.findIndex((value) => value > 1);
  const { fault, margin } = checkModel(graph, inputs, { ...right, y0: right.y0.with(at, right.y0[at]! * factor) }, 1);
  expect(margin).toBeGreaterThan(1);
  expect(fault?.element).toMatchObject({ tensor: "y0" });
  expect(fault?.message).toMatch(/^y0\[0, \d, \d, \d\] is /);
});

test("the outputs for other inputs do not hold", () => {
  const other = evaluateModel(graph, [Float64Array.from(x0).toReversed()]);
  const outputs = { y0: Float32Array.from(other[0] ?? []), y1: Float32Array.from(other[1] ?? []) };
  expect(checkModel(graph, inputs, outputs, 1).margin).toBeGreaterThan(1);
});

test("a model whose answer is always the same tells nothing", () => {
  const same = readWholeModel(
    modelFile({ ...MODEL, constants: { ...MODEL.constants, w: { dims: [3, 2, 3, 3], floats: WEIGHTS.map(() => 0) } } }),
  ).graph;
  const [y0, y1] = evaluateModel(same, [Float64Array.from(x0)]).map((values) => Float32Array.from(values));
  expect(checkModel(same, inputs, { y0: y0!, y1: y1! }, 1)).toMatchObject({ margin: 0, tellingElements: 0 });
});

test("multiply-adds are those of convolutions and products", () => {
  expect(modelMultiplyAdds(graph)).toBe(3 * 36 * 18);
});
