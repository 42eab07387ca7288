import { expect, test } from "vitest";
import { parseDescriptor } from "../../core/descriptor.ts";
import { PROBLEM_TYPE_NAMES, PROBLEM_TYPES, type ElementArray, type ProblemType } from "../../core/element-types.ts";
import type { FunctionImpl, TypedImpl } from "../../core/plugin.ts";
import { PASSES, type Pass } from "../../core/problem.ts";
import im2colGemm from "../../impls/im2col-gemm/index.ts";
import naive from "../../impls/naive.ts";
import { DATA_KINDS } from "../../suites/data/operands.ts";
import { agreement } from "../../suites/laws/agreement.ts";
import { CONTRACT_LAWS } from "../../suites/laws/index.ts";
import { linearityInX } from "../../suites/laws/linearity-in-x.ts";
import type { ConvCase, Law } from "../../suites/laws/law.ts";
import { InProcessChannel } from "../runner/in-process.ts";
import { check } from "./check.ts";
import { conclude } from "./conclusion.ts";
import type { Outcome } from "./outcome.ts";
import { Runner } from "./runner.ts";
import { noFindings, step } from "./search.ts";

const PROBLEM = parseDescriptor("g2mb2ic4ih6oc6kh3ph1sh2").problem;

function runnerOf(impl: TypedImpl, type: ProblemType): Runner {
  const { name, types = ["f32"], accumulator = "f32" } = impl;
  const declared = { algorithm: "direct", precision: "float32", arithmetic: "ieee", passes: PASSES } as const;
  const host = (): InProcessChannel => new InProcessChannel("", [impl]);
  return new Runner({ name, ...declared, types, accumulator }, 1, host, undefined, { type });
}

function outcomeOf(impl: TypedImpl, type: ProblemType, law: Law, pass: Pass, data: ConvCase["data"]): Promise<Outcome> {
  return check(runnerOf(impl, type), law, { problem: PROBLEM, pass, data, seed: 2 }, { limitMs: Infinity });
}

test.each(PROBLEM_TYPE_NAMES)("naive holds in %s, and what it does with its arrays too", async (type) => {
  for (const pass of PROBLEM_TYPES[type].hasGradients ? PASSES : (["forward"] as const))
    for (const law of [agreement, ...CONTRACT_LAWS]) {
      const outcome = await outcomeOf(naive, type, law, pass, "dense-exact");
      expect([law.name, pass, outcome.kind]).toEqual([law.name, pass, "passed"]);
      expect(outcome.convCase.problem.type).toBe(type === "f32" ? undefined : type);
    }
});

test.each(PROBLEM_TYPE_NAMES)("im2col-gemm agrees in %s", async (type) => {
  for (const pass of PROBLEM_TYPES[type].hasGradients ? PASSES : (["forward"] as const))
    for (const data of DATA_KINDS) {
      const outcome = await outcomeOf(im2colGemm, type, agreement, pass, data);
      expect([pass, data, outcome.kind]).toEqual([pass, data, "passed"]);
    }
});

test("channels last are moved in every type", async () => {
  const last: TypedImpl = {
    ...naive,
    layout: "nhwc",
    forward: (problem, x, weights, bias, y) => {
      // The channels that come last are those of the definition's first axis behind the batch.
      const moved = (from: ElementArray, outer: number, inner: number, points: number): ElementArray => {
        const to = from.slice();
        for (let n = 0; n < outer; n++)
          for (let c = 0; c < inner; c++)
            for (let i = 0; i < points; i++) to[(n * inner + c) * points + i] = from[(n * points + i) * inner + c]!;
        return to;
      };
      const weightsFirst = weights.slice();
      for (let k = 0; k < 6; k++)
        for (let rest = 0; rest < 18; rest++) {
          const [c, tap] = [Math.floor(rest / 9), rest % 9];
          weightsFirst[k * 18 + rest] = weights[(tap * 2 + c) * 6 + k]!;
        }
      const result = y.slice();
      naive.forward(problem, moved(x, 2, 4, 36), weightsFirst, bias, result);
      for (let n = 0; n < 2; n++)
        for (let k = 0; k < 6; k++) for (let i = 0; i < 9; i++) y[(n * 9 + i) * 6 + k] = result[(n * 6 + k) * 9 + i]!;
    },
  };
  for (const type of PROBLEM_TYPE_NAMES)
    expect((await outcomeOf(last, type, agreement, "forward", "dense-exact")).kind).toBe("passed");
});

test("a type that an implementation has not, and a transform in another type than float32, are unsupported", async () => {
  const { forward } = naive satisfies { forward: FunctionImpl["forward"] };
  const single: FunctionImpl = { name: "single", forward };
  expect(await outcomeOf(single, "f16", agreement, "forward", "real")).toMatchObject({
    kind: "unsupported",
    reason: "it has no f16; its types are f32",
  });
  const tiled: TypedImpl = { name: "tiled", algorithm: "winograd(2,3)", types: PROBLEM_TYPE_NAMES, forward };
  expect(await outcomeOf(tiled, "f16", agreement, "forward", "real")).toMatchObject({
    kind: "unsupported",
    reason: "unsupported bound: winograd(2,3) has none in f16",
  });
  expect((await outcomeOf(tiled, "u8s8s32", agreement, "forward", "real")).kind).toBe("passed");
});

test("equations between results are of float32 alone", async () => {
  expect((await outcomeOf(naive, "f64", linearityInX, "forward", "real")).kind).toBe("inapplicable");
});

test("a counterexample is made smaller in its type, and its command names it", async () => {
  const wrong: TypedImpl = {
    name: "wrong",
    types: ["u8s8s32"],
    forward(problem, x, weights, bias, y) {
      naive.forward(problem, x, weights, bias, y);
      // A sum that is held in 16 bits.
      for (let i = 0; i < y.length; i++) y[i] = (y[i]! << 16) >> 16;
    },
  };
  const runner = runnerOf(wrong, "u8s8s32");
  const subject = {
    implementation: { name: "wrong", selector: "./wrong.ts" },
    runner,
    law: agreement,
    pass: "forward",
    seed: 1,
  } as const;
  const convCase = { problem: PROBLEM, pass: "forward", data: "dense-exact", seed: 2 } as const;
  const findings = await step(subject, noFindings, { kind: "check", convCase }, { shrinkMs: 300 });
  const { entry } = await conclude(subject, findings, 0);
  expect(entry).toMatchObject({ status: "failed", type: "u8s8s32" });
  expect(entry.failure?.rerun).toContain("--type u8s8s32");
  expect(entry.failure?.descriptor).not.toBe("");
  expect(findings.found?.counterexample.convCase.problem).toMatchObject({ type: "u8s8s32", batch: 1 });
});
