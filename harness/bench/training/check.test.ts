import { expect, test } from "vitest";
import naive from "../../../impls/naive.ts";
import { evaluateNetwork } from "../../../reference/graph/evaluate.ts";
import { crossEntropy } from "../../../reference/graph/objective.ts";
import { reverseMode } from "../../../reference/graph/reverse-mode.ts";
import { networkOf, convolution } from "../../../reference/graph/testing/every-layer.ts";
import { backwardData, backwardWeights, forward } from "../../../reference/index.ts";
import { InProcessChannel } from "../../runner/in-process.ts";
import type { FunctionImpl } from "../../../core/plugin.ts";
import { PASSES } from "../../../core/problem.ts";
import { attempt } from "../../verify/attempt.ts";
import { Runner } from "../../verify/runner.ts";
import { checkTrainingStep, type TrainingVerdict } from "./check.ts";
import { trainingPoint } from "./point.ts";
import { runTrainingCheck } from "./run.ts";
import { backwardSweep, forwardSweep, type ConvolutionPass } from "./step.ts";

/** Two branches that meet, so that gradients add; normalisation, pooling and dropout between; ends in a softmax, which belongs to the loss. */
const NETWORK = networkOf({ channels: 2, spatial: [8, 8] }, [
  ["first", convolution(4, 3, false)],
  ["norm", { kind: "batch-normalisation", epsilon: 1e-3 }],
  ["relu", { kind: "relu" }],
  ["left", convolution(4, 3, false), "relu"],
  ["sum", { kind: "addition" }, "left", "relu"],
  ["pool", { kind: "max-pooling", kernel: [2, 2], stride: [2, 2], padBegin: [0, 0], padEnd: [0, 0], ceil: false }],
  ["flat", { kind: "flatten" }],
  ["drop", { kind: "dropout", probability: 0.5 }],
  ["scores", { kind: "fully-connected", outFeatures: 5, bias: true }],
  ["softmax", { kind: "softmax" }],
]);
const POINT = trainingPoint(NETWORK, 2, 1);

const DESCRIPTION = {
  name: "planted",
  passes: PASSES,
  algorithm: "direct",
  precision: "float32",
  arithmetic: "ieee",
  device: "cpu",
} as const;

async function verdictOf(plugin: FunctionImpl): Promise<TrainingVerdict> {
  const impl = { ...plugin, name: "planted" };
  const runner = new Runner(DESCRIPTION, 1, () => new InProcessChannel("", [impl]));
  const attempted = await attempt(runner, { limitMs: 10_000, data: "real" }, (tools) =>
    checkTrainingStep(tools, DESCRIPTION, POINT, 1),
  );
  if (attempted.kind !== "done") throw new Error(attempted.reason);
  return attempted.value;
}

const PARAMETERS = ["first.weights", "norm.scale", "norm.shift", "left.weights", "scores.weights", "scores.bias"];

test("a right implementation's gradients of every parameter agree, through branches, normalisation and dropout", async () => {
  const { results, standIns, passes, margin, fault } = await verdictOf(naive);
  expect(results.map(({ of }) => of)).toEqual(["scores", ...PARAMETERS]);
  expect(results.filter(({ status }) => status !== "passed")).toEqual([]);
  // Three layers in three passes, without the gradient of the image.
  expect({ standIns, passes, fault }).toEqual({ standIns: [], passes: 8, fault: undefined });
  expect(margin).toBeLessThanOrEqual(1);
  // What rounding leaves is seen, and is small.
  for (const { relativeError } of results) {
    expect(relativeError).toBeGreaterThan(0);
    expect(relativeError).toBeLessThan(2 ** -12);
  }
});

test("the step itself is the reference's reverse mode, but for rounding to float32 between the layers", async () => {
  const byReference: ConvolutionPass = (_, problem, pass, { x, weights, bias, dy }) => {
    const rounded = (values: Float64Array): Float32Array => Float32Array.from(values);
    if (pass === "forward")
      return { y: rounded(forward(problem, { x: x!, weights: weights!, ...(bias && { bias }) })) };
    if (pass === "backwardData") return { dx: rounded(backwardData(problem, { dy: dy!, weights: weights! })) };
    const { dWeights, dBias } = backwardWeights(problem, { x: x!, dy: dy! });
    return { dWeights: rounded(dWeights), ...(dBias && { dBias: rounded(dBias) }) };
  };
  const stepped = await backwardSweep(await forwardSweep(POINT, byReference), POINT.labels, byReference);
  const at = evaluateNetwork(POINT.network, POINT.parameters, POINT.x, POINT.phase);
  const { parameters } = reverseMode(at, crossEntropy(POINT.labels)(at.y).gradient);
  for (const [node, tensors] of parameters) {
    tensors.forEach(({ values }, index) => {
      const got = stepped.get(node)![index]!.values;
      const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      for (const [element, value] of values.entries())
        expect(Math.abs(got[element]! - value)).toBeLessThanOrEqual(1e-4 * largest);
    });
  }
});

test.each<[string, Partial<FunctionImpl>, string]>([
  ["a gradient that is scaled", { backwardWeights: scaledBy(1 + 2 ** -10) }, "backwardWeights"],
  ["a gradient that is never written", { backwardData() {} }, "backwardData"],
])("%s is found in its pass, with the problem", async (_, change, pass) => {
  const { fault, results } = await verdictOf({ ...naive, ...change });
  expect(fault).toMatchObject({ pass });
  expect(fault?.descriptor).toMatch(/^g1mb2_ic/);
  expect(results.some(({ status }) => status === "failed")).toBe(true);
});

test("without a pass of its own, an implementation's gradients are unsupported, and the reference stands in", async () => {
  const { name, forward: ownForward, backwardData: ownBackwardData } = naive;
  const { results, standIns } = await verdictOf({ name, forward: ownForward, backwardData: ownBackwardData });
  const statuses = new Map(results.map(({ of, status }) => [of, status]));
  expect(statuses.get("first.weights")).toBe("unsupported");
  // A scale's gradient comes through the passes that it has.
  expect(statuses.get("norm.scale")).toBe("passed");
  expect(standIns.map(({ node, pass }) => `${node} ${pass}`)).toEqual([
    "scores backwardWeights",
    "left backwardWeights",
    "first backwardWeights",
  ]);
});

test.each<[string, Partial<FunctionImpl>, object]>([
  ["right", {}, { status: "passed", cases: 8 }],
  ["wrong", { backwardWeights: scaledBy(2) }, { status: "failed", failure: { rerun: "again", data: "training-step" } }],
  ["dead", { forward: () => Promise.reject(new Error("no")) }, { status: "crashed", cases: 0, margin: null }],
  ["idle", { unsupported: () => "not today" }, { status: "unsupported", reason: "not today", margin: null }],
])("an implementation that is %s has that in the record", async (_, change, expected) => {
  const impl = { ...naive, ...change, name: "planted" };
  const implementation = { name: "planted", url: "", selector: "planted", isNamed: true, description: DESCRIPTION };
  const start = (): InProcessChannel => new InProcessChannel("", [impl]);
  const { check } = await runTrainingCheck(implementation, POINT, { seed: 1, threads: 1, rerun: "again", start });
  expect(check).toMatchObject({ impl: "planted", law: "training-step", ...expected });
});

/** naive's gradient by the weights, times a factor. */
function scaledBy(factor: number): NonNullable<FunctionImpl["backwardWeights"]> {
  return (problem, x, dy, dWeights, dBias) => {
    naive.backwardWeights(problem, x, dy, dWeights, dBias);
    for (const [index, value] of dWeights.entries()) dWeights[index] = value * factor;
  };
}
