import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import naive from "../../../impls/naive.ts";
import type { FunctionImpl } from "../../../core/plugin.ts";
import type { ConvProblem, Pass } from "../../../core/problem.ts";
import { parseDescriptor } from "../../../core/descriptor.ts";
import { InProcessChannel } from "../../runner/in-process.ts";
import type { Counterexample } from "../outcome.ts";
import { Runner } from "../runner.ts";
import { mistakeOf } from "./mistakes.ts";

const { problem: TINY } = parseDescriptor("g1mb1_ic1oc1_ih1oh1kh1sh1dh0ph0_iw1ow1kw1sw1dw0pw0");

function failing(pass: Pass, problem: ConvProblem): Counterexample {
  const convCase = { problem, pass, data: "dense-exact", seed: 1 } as const;
  const fault = { message: "y[0] is wrong" };
  const verdict = { margin: Infinity, elements: 1, tellingElements: 1, fault };
  return { kind: "failed", convCase, verdict, fault, cost: { multiplyAdds: 1, ms: 1 } };
}

async function mistake(changed: Partial<FunctionImpl>, pass: Pass = "forward", problem = TINY) {
  const impl = { ...naive, ...changed, name: "mine" };
  const described = await new InProcessChannel("", [impl]).request({ verb: "describe" }, Infinity);
  if (described.kind !== "answer") throw new Error(described.reason);
  const runner = new Runner(described.answer.impls[0]!, 1, () => new InProcessChannel("", [impl]));
  return mistakeOf(runner, failing(pass, problem));
}

const flipped = (weights: Float32Array, problem: ConvProblem): Float32Array => {
  const taps = problem.kernel.reduce((product, extent) => product * extent, 1);
  return weights.map((_, i) => weights[i - (i % taps) + taps - 1 - (i % taps)]!);
};

test("a flipped kernel is named, in any rank and pass", async () => {
  const changed: Partial<FunctionImpl> = {
    forward: (problem, x, weights, bias, y) => naive.forward(problem, x, flipped(weights, problem), bias, y),
    backwardWeights(problem, x, dy, dWeights, dBias) {
      naive.backwardWeights?.(problem, x, dy, dWeights, dBias);
      dWeights.set(flipped(dWeights, problem));
    },
  };
  for (const descriptor of ["mb1ic1oc1_iw1kw1", "mb1ic1oc1ih1kh1", "mb1ic1oc1id1kd1"]) {
    const { problem } = parseDescriptor(descriptor);
    for (const pass of ["forward", "backwardWeights"] as const)
      expect(await mistake(changed, pass, problem)).toMatch(/^the kernel is flipped: .* of 4 cases\)$/);
  }
});

test("outputs that are not set, or written too late, are named", async () => {
  expect(await mistake({ forward: () => {} })).toBe("y is never written: the array that comes is to be filled");
  const addsTo: Partial<FunctionImpl> = {
    backwardWeights(problem, x, dy, dWeights, dBias) {
      const before = dWeights.slice();
      naive.backwardWeights?.(problem, x, dy, dWeights, dBias);
      for (const [i, value] of before.entries()) dWeights[i]! += value;
    },
  };
  expect(await mistake(addsTo, "backwardWeights")).toMatch(/^dWeights are added to and not set first/);
  const late: Partial<FunctionImpl> = {
    forward(problem, x, weights, bias, y) {
      void delay(1).then(() => naive.forward(problem, x, weights, bias, y));
    },
  };
  expect(await mistake(late)).toMatch(/^y is written after the call has returned: await/);
});

test("tensors in another order of axes, and means over the batch, are named", async () => {
  const hwio: Partial<FunctionImpl> = {
    forward(problem, x, weights, bias, y) {
      const { outChannels: K, inChannels: C, kernel } = problem;
      const taps = kernel.reduce((product, extent) => product * extent, 1);
      const own = weights.map(
        (_, i) => weights[((i % taps) * C + (Math.floor(i / taps) % C)) * K + Math.floor(i / taps / C)]!,
      );
      return naive.forward(problem, x, own, bias, y);
    },
  };
  expect(await mistake(hwio)).toMatch(/^weights are read as R S C K; they are K C R S \(so come out all \d+ elements/);
  const mean: Partial<FunctionImpl> = {
    backwardWeights(problem, x, dy, dWeights, dBias) {
      naive.backwardWeights?.(problem, x, dy, dWeights, dBias);
      for (const [i, value] of dWeights.entries()) dWeights[i] = value / problem.batch;
    },
  };
  expect(await mistake(mean, "backwardWeights")).toMatch(/^dWeights are divided by the batch/);
});

test("nothing is said where the evidence is not sufficient", async () => {
  expect(await mistake({})).toBeUndefined();
  const wrongAtOneElement: Partial<FunctionImpl> = {
    forward(problem, x, weights, bias, y) {
      naive.forward(problem, x, flipped(weights, problem), bias, y);
      y[y.length - 1]! += 1;
    },
  };
  expect(await mistake(wrongAtOneElement)).toBeUndefined();
  const zeros: Partial<FunctionImpl> = { forward: (_problem, _x, _weights, _bias, y) => void y.fill(0) };
  expect(await mistake(zeros)).toBeUndefined();
});
