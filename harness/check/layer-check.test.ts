import { float32Tensors } from "../../core/tensors.ts";
import { expect, test } from "vitest";
import { LAYER_CASES } from "./testing/layer-cases.ts";
import { tensorEntries } from "../runner/frames.ts";
import { InProcessChannel } from "../runner/in-process.ts";
import { layerData } from "../../suites/data/layer-data.ts";
import { hasPass, layerProblem } from "../../reference/graph/layer-problem.ts";
import plainLayers from "../../impls/plain-layers/layers.ts";
import type { FunctionImpl, LayerProblem, LayerTensors } from "../../core/plugin.ts";
import { PASSES, type Pass } from "../../core/problem.ts";
import { checkLayer } from "./layer-check.ts";

const FLOAT32 = { precision: "float32", arithmetic: "ieee" } as const;
const NO_LAYERS: FunctionImpl = { name: "convolutions-only", forward() {} };
const PLAIN: FunctionImpl = { ...NO_LAYERS, layers: plainLayers };

/** The outputs of a layer through a host. */
async function outputsOf(impl: FunctionImpl, problem: LayerProblem, pass: Pass, operands: LayerTensors) {
  const channel = new InProcessChannel("", [impl]);
  const opened = await channel.request(
    { verb: "open-layer", plan: 1, impl: impl.name, problem, pass, threads: 1 },
    1000,
  );
  if (opened.kind !== "answer" || "unsupported" in opened.answer) throw new Error(JSON.stringify(opened));
  await channel.request({ verb: "store", plan: 1, set: 0 }, 1000, operands);
  await channel.request({ verb: "load", plan: 1, set: 0, poison: "nan" }, 1000);
  await channel.request({ verb: "run", plan: 1 }, 1000);
  const read = await channel.request({ verb: "read", plan: 1, poison: "nan" }, 1000);
  if (read.kind !== "answer") throw new Error(read.reason);
  return { outputs: float32Tensors(read.tensors), touched: read.answer.touched };
}

const cases = Object.entries(LAYER_CASES).flatMap(([name, [layer, ...inputs]]) => {
  const problem = layerProblem(layer, inputs);
  if (problem === undefined) throw new Error(`${name} is no layer`);
  return PASSES.filter((pass) => hasPass(problem, pass)).map((pass) => ({ name, pass, problem }));
});

test.each(cases)("the plain layer holds, and one wrong element does not: $name, $pass", async ({ problem, pass }) => {
  const operands = layerData(problem, pass, 1);
  const { outputs, touched } = await outputsOf(PLAIN, problem, pass, operands);
  expect(touched).toEqual([]);
  const verdict = checkLayer(problem, pass, operands, outputs, FLOAT32, 1);
  expect(verdict.margin).toBeLessThanOrEqual(1);
  expect(verdict.fault).toBeUndefined();
  for (const [name, values] of tensorEntries(outputs)) {
    const at = Math.floor(values.length / 2);
    const wrong = values.slice();
    wrong[at]! += 2 ** -8 * values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
    const fault = checkLayer(problem, pass, operands, { ...outputs, [name]: wrong }, FLOAT32, 1).fault;
    expect(fault?.element).toMatchObject({ tensor: name, got: wrong[at] });
  }
});

test("a layer is the implementation's own, in its own layout; what it lacks or declines is not offered", async () => {
  const problem = layerProblem({ kind: "relu" }, [[1, 2, 1, 3]])!;
  const own: FunctionImpl = {
    ...NO_LAYERS,
    layout: "nhwc",
    layers: {
      relu: {
        unsupported: (_, pass) => (pass === "forward" ? undefined : "forward only"),
        forward: (_, { x }, { y }) => y?.set([x![0]!, x![1]!, 0, 0, 0, 0]),
      },
    },
  };
  const x = Float32Array.of(1, 2, 3, 4, 5, 6);
  const forward = await outputsOf(own, problem, "forward", { x });
  expect(forward.outputs).toEqual({ y: Float32Array.of(1, 0, 0, 4, 0, 0) });
  await expect(outputsOf(own, problem, "backwardData", { x, y: x, dy: x })).rejects.toThrow("forward only");
  await expect(outputsOf(NO_LAYERS, problem, "forward", { x })).rejects.toThrow(
    "relu is not offered by convolutions-only",
  );
});

test("an element that was never written is named, in the image of a large batch that it is in", () => {
  const problem = layerProblem({ kind: "relu" }, [[40, 1, 500, 500]])!;
  const operands = layerData(problem, "forward", 1);
  const y = operands.x!.map((value) => Math.max(0, value));
  expect(checkLayer(problem, "forward", operands, { y }, FLOAT32, 1).margin).toBe(0);
  new Uint32Array(y.buffer)[y.length - 1] = 0x7fc0de00;
  const { fault } = checkLayer(problem, "forward", operands, { y }, FLOAT32, 1);
  expect(fault?.message).toMatch(/^y\[39, 0, 499, 499\] was never written, or only added to; exactly /);
});

test("a limit of a clip that is no float32 is rounded", async () => {
  const problem = layerProblem({ kind: "clip", min: -0.1, max: 0.1 }, [[1, 2, 3, 3]])!;
  const operands = layerData(problem, "forward", 1);
  const { outputs } = await outputsOf(PLAIN, problem, "forward", operands);
  expect(outputs.y).toContain(Math.fround(0.1));
  expect(checkLayer(problem, "forward", operands, outputs, FLOAT32, 1).margin).toBeLessThanOrEqual(1);
  const wrong = outputs.y!.map((value) => value * (1 + 2 ** -22));
  expect(checkLayer(problem, "forward", operands, { y: wrong }, FLOAT32, 1).fault).toBeDefined();
});
