import { expect, test } from "vitest";
import naive from "../../../impls/naive.ts";
import { evaluateNetwork } from "../../../reference/graph/evaluate.ts";
import { crossEntropy } from "../../../reference/graph/objective.ts";
import { reverseMode } from "../../../reference/graph/reverse-mode.ts";
import { networkOf, convolution } from "../../../reference/graph/testing/every-layer.ts";
import { backwardData, backwardWeights, forward } from "../../../reference/index.ts";
import { InProcessChannel } from "../../runner/in-process.ts";
import type { CheckEntry } from "../../../core/record.ts";
import type { FunctionImpl } from "../../../core/plugin.ts";
import { PASSES, type ConvProblem, type Pass } from "../../../core/problem.ts";
import type { Tensors } from "../../../core/tensors.ts";
import { attempt } from "../../verify/attempt.ts";
import { Runner } from "../../verify/runner.ts";
import { checkTrainingStep, type TrainingVerdict } from "./check.ts";
import { movedOutputs } from "./perturbed-steps.ts";
import { trainingPoint } from "./point.ts";
import { runTrainingCheck } from "./run.ts";
import { backwardSweep, forwardSweep, type ConvolutionPass } from "./step.ts";

/**
 * Two branches that meet, so that gradients add; normalisation, pooling and dropout between; ends in a softmax, which
 * belongs to the loss.
 */
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
  name: "mutant",
  passes: PASSES,
  algorithm: "direct",
  precision: "float32",
  arithmetic: "ieee",
  device: "cpu",
} as const;

async function verdictOf(plugin: FunctionImpl, point = POINT): Promise<TrainingVerdict> {
  const impl = { ...plugin, name: "mutant" };
  const runner = new Runner(DESCRIPTION, 1, () => new InProcessChannel("", [impl]));
  const attempted = await attempt(runner, { limitMs: 10_000, data: "real" }, (tools) =>
    checkTrainingStep(tools, DESCRIPTION, point, 1),
  );
  if (attempted.kind !== "done") throw new Error(attempted.reason);
  return attempted.value;
}

const BEFORE_SCORES = ["first.weights", "norm.scale", "norm.shift", "left.weights"];
const PARAMETERS = [...BEFORE_SCORES, "scores.weights", "scores.bias"];

test("a correct implementation's gradients by every parameter pass, through branches and normalisation", async () => {
  const { results, standIns, passes, margin, wrong } = await verdictOf(naive);
  expect(results.map(({ of }) => of)).toEqual(["scores", ...PARAMETERS]);
  expect(results.filter(({ status }) => status !== "passed")).toEqual([]);
  // Three layers in three passes, without the gradient of the image.
  expect({ standIns, passes, wrong }).toEqual({ standIns: [], passes: 8, wrong: [] });
  expect(margin).toBeLessThanOrEqual(1);
  // The rounding errors show, and are small.
  for (const { relativeError, perturbedRatio } of results) {
    expect(relativeError).toBeGreaterThan(0);
    expect(relativeError).toBeLessThan(2 ** -12);
    expect(perturbedRatio).toBeLessThan(1);
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

test.each<[string, Partial<FunctionImpl>, Pass, readonly string[]]>([
  [
    "a gradient that is scaled",
    { backwardWeights: scaledBy(1 + 2 ** -10) },
    "backwardWeights",
    ["first.weights", "left.weights", "scores.weights", "scores.bias"],
  ],
  ["a gradient that is never written", { backwardData() {} }, "backwardData", BEFORE_SCORES],
  [
    "one layer's gradient that is never written",
    {
      backwardData: (problem, dy, weights, dx) => {
        if (problem.outChannels === 5) naive.backwardData(problem, dy, weights, dx);
      },
    },
    "backwardData",
    BEFORE_SCORES.filter((of) => of !== "left.weights"),
  ],
  [
    "an output that is scaled",
    {
      forward: (problem, x, weights, bias, y) => {
        naive.forward(problem, x, weights, bias, y);
        y.forEach((value, index) => (y[index] = value * (1 + 2 ** -10)));
      },
    },
    "forward",
    ["scores"],
  ],
])("%s is found in its pass, and fails what that pass leads to", async (_, change, pass, failed) => {
  const { wrong, results, margin } = await verdictOf({ ...naive, ...change });
  expect(wrong[0]).toMatchObject({ pass });
  expect(wrong[0]?.descriptor).toMatch(/^g1mb2_ic/);
  expect(margin).toBeGreaterThan(1);
  expect(results.filter(({ status }) => status === "failed").map(({ of }) => of)).toEqual(failed);
});

test("one wrong element of a layer that is large enough to be sampled is found", async () => {
  const large = networkOf({ channels: 8, spatial: [64, 64] }, [
    ["wide", convolution(8, 3)],
    ["pool", { kind: "global-average-pooling" }],
    ["flat", { kind: "flatten" }],
    ["scores", { kind: "fully-connected", outFeatures: 3, bias: false }],
  ]);
  const wrongOnce: Partial<FunctionImpl> = {
    forward(problem, x, weights, bias, y) {
      naive.forward(problem, x, weights, bias, y);
      if (problem.outChannels === 8) y[12_345] = y[12_345]! + 2 ** -12;
    },
  };
  const point = trainingPoint(large, 2, 1);
  expect((await verdictOf(naive, point)).wrong).toEqual([]);
  const { wrong, results } = await verdictOf({ ...naive, ...wrongOnce }, point);
  expect(wrong.map(({ node, pass }) => `${node} ${pass}`)).toEqual(["wide forward"]);
  expect(wrong[0]?.message).toMatch(/^element 12345 of y is .* was expected$/);
  expect(results.filter(({ status }) => status === "failed").map(({ of }) => of)).toEqual(["scores"]);
});

/** Every element of every pass is off by half its bound, in the same direction: the errors add. */
const ALIGNED: FunctionImpl = {
  name: "aligned",
  forward(problem, x, weights, bias, y) {
    y.set(offByHalfBounds(problem, "forward", { x, weights, ...(bias && { bias }) })["y"]!);
  },
  backwardData(problem, dy, weights, dx) {
    dx.set(offByHalfBounds(problem, "backwardData", { dy, weights })["dx"]!);
  },
  backwardWeights(problem, x, dy, dWeights, dBias) {
    const moved = offByHalfBounds(problem, "backwardWeights", { x, dy });
    dWeights.set(moved["dWeights"]!);
    if (moved["dBias"] !== undefined) dBias?.set(moved["dBias"]);
  },
};

test("results farther away than random errors at the bounds are noted, not failed", async () => {
  const { results, wrong, margin } = await verdictOf(ALIGNED);
  expect({ wrong, failed: results.filter(({ status }) => status !== "passed") }).toEqual({ wrong: [], failed: [] });
  expect(margin).toBeLessThanOrEqual(1);
  expect(Math.max(...results.map(({ perturbedRatio }) => perturbedRatio))).toBeGreaterThan(1);
  const check = await checkOf(ALIGNED);
  expect(check).toMatchObject({ status: "passed", cases: 8 });
  expect(check.reason).toMatch(
    /^every pass is within its bound, but the gradient by norm.scale is .*not proven wrong$/,
  );
});

test("gradients of a pass that an implementation lacks are unsupported, and the reference stands in", async () => {
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
  ["correct", {}, { status: "passed", cases: 8 }],
  ["wrong", { backwardWeights: scaledBy(2) }, { status: "failed", failure: { rerun: "again", data: "training-step" } }],
  ["dead", { forward: () => Promise.reject(new Error("no")) }, { status: "crashed", cases: 0, margin: null }],
  ["idle", { unsupported: () => "not today" }, { status: "unsupported", reason: "not today", margin: null }],
])("an implementation that is %s has that in the record", async (_, change, expected) => {
  expect(await checkOf({ ...naive, ...change })).toMatchObject({ impl: "mutant", law: "training-step", ...expected });
});

async function checkOf(plugin: FunctionImpl): Promise<CheckEntry> {
  const impl = { ...plugin, name: "mutant" };
  const implementation = { name: "mutant", url: "", selector: "mutant", isNamed: true, description: DESCRIPTION };
  const start = (): InProcessChannel => new InProcessChannel("", [impl]);
  const { check } = await runTrainingCheck(implementation, POINT, { seed: 1, threads: 1, rerun: "again", start });
  return check;
}

/** The reference's outputs, every element off by half its bound: as much again may be rounding to float32. */
function offByHalfBounds(problem: ConvProblem, pass: Pass, operands: Tensors): Tensors {
  return movedOutputs(problem, pass, operands, DESCRIPTION, () => 0.5);
}

/** naive's gradient by the weights, times a factor. */
function scaledBy(factor: number): NonNullable<FunctionImpl["backwardWeights"]> {
  return (problem, x, dy, dWeights, dBias) => {
    naive.backwardWeights(problem, x, dy, dWeights, dBias);
    for (const [index, value] of dWeights.entries()) dWeights[index] = value * factor;
  };
}
