import { expect, test } from "vitest";
import { parseDescriptor } from "../../core/descriptor.ts";
import { stored, valueAt, type ElementArray, type ProblemType } from "../../core/element-types.ts";
import type { TypedImpl } from "../../core/plugin.ts";
import { POST_KINDS, slopeFault, type Post } from "../../core/posts.ts";
import { PASSES, type ConvProblem, type Pass } from "../../core/problem.ts";
import im2colGemm from "../../impls/im2col-gemm/index.ts";
import naive from "../../impls/naive.ts";
import { DATA_KINDS } from "../../suites/data/operands.ts";
import { agreement } from "../../suites/laws/agreement.ts";
import { CONTRACT_LAWS } from "../../suites/laws/index.ts";
import type { Law } from "../../suites/laws/law.ts";
import { InProcessChannel } from "../runner/in-process.ts";
import { check } from "./check.ts";
import type { Outcome } from "./outcome.ts";
import { Runner } from "./runner.ts";

const PROBLEM = parseDescriptor("g2mb2ic4ih6oc6kh3ph1sh2").problem;
const LISTS: readonly (readonly Post[])[] = [
  ["relu"],
  ["clip(0,6)"],
  ["leaky(0.1)"],
  ["hardswish"],
  ["add"],
  ["add", "relu"],
  ["relu", "add"],
  ["leaky(0.25)", "clip(-2,3)"],
];

function runnerOf(impl: TypedImpl, type: ProblemType, post: readonly Post[]): Runner {
  const declared = { algorithm: "direct", precision: "float32", arithmetic: "ieee", passes: PASSES } as const;
  const host = (): InProcessChannel => new InProcessChannel("", [impl]);
  return new Runner({ name: impl.name, ...declared }, 1, host, undefined, { type, post });
}

async function outcomesOf(
  impl: TypedImpl,
  type: ProblemType,
  post: readonly Post[],
  law: Law = agreement,
): Promise<readonly Outcome[]> {
  const runner = runnerOf(impl, type, post);
  const passes: readonly Pass[] = slopeFault(post) === undefined ? PASSES : ["forward"];
  const outcomes: Outcome[] = [];
  for (const pass of passes)
    for (const data of law === agreement ? DATA_KINDS : (["dense-exact"] as const))
      for (let seed = 0; seed < (law === agreement ? 4 : 1); seed++)
        outcomes.push(await check(runner, law, { problem: PROBLEM, pass, data, seed }, { limitMs: Infinity }));
  return outcomes;
}

test.each(LISTS.map((post) => ({ post })))(
  "$post holds in every floating-point type, gradients too",
  async ({ post }) => {
    for (const type of ["f32", "f64", "f16", "bf16"] as const)
      for (const impl of type === "f32" ? [naive, im2colGemm] : [naive])
        for (const outcome of await outcomesOf(impl, type, post))
          expect([type, outcome.kind === "failed" ? outcome.fault.message : outcome.kind]).toEqual([type, "passed"]);
  },
);

test("the laws of the contract hold with a residual", async () => {
  for (const law of CONTRACT_LAWS)
    for (const { kind } of await outcomesOf(naive, "f32", ["add", "relu"], law)) expect(kind).toBe("passed");
});

test("what an implementation has not, and slopes that the output does not tell, are unsupported", async () => {
  const { posts: _, ...plain } = naive;
  expect((await outcomesOf(plain, "f32", ["relu"]))[0]).toMatchObject({
    kind: "unsupported",
    reason: "it has no fused relu",
  });
  const runner = runnerOf(naive, "f32", ["relu", "add"]);
  const convCase = { problem: PROBLEM, pass: "backwardData", data: "real", seed: 1 } as const;
  expect(await check(runner, agreement, convCase, { limitMs: Infinity })).toMatchObject({ kind: "unsupported" });
});

function withoutPosts(fused: ConvProblem): ConvProblem {
  const { post: _, ...problem } = fused;
  return problem;
}

/** The operations done wrongly: the sum is naive's, without any. */
function wrongPosts(
  name: string,
  operate: (value: number, at: number, residual: ElementArray | undefined) => number,
): TypedImpl {
  return {
    name,
    types: ["f32", "f16"],
    posts: POST_KINDS,
    forward(fused, x, weights, bias, y, options) {
      const plain = { ...withoutPosts(fused), type: "f64" } as const;
      const sums = new Float64Array(y.length);
      naive.forward(plain, x, weights, bias, sums);
      for (let i = 0; i < y.length; i++) y[i] = operate(sums[i]!, i, options?.residual);
    },
    backwardData(fused, dy, weights, dx) {
      naive.backwardData(withoutPosts(fused), dy, weights, dx);
    },
    backwardWeights(fused, x, dy, dWeights, dBias, options) {
      const { type = "f32" } = fused;
      // By the sign of dy, and not of y.
      const masked = stored(
        type === "f16" ? "f16" : "f32",
        Array.from(dy, (gradient) => Math.max(0, gradient)),
      );
      naive.backwardWeights(withoutPosts(fused), x, options?.y === undefined ? dy : masked, dWeights, dBias);
    },
  };
}

const half = (value: number): number => valueAt(stored("f16", [value]), 0);
const added = (residual: ElementArray | undefined, at: number): number => residual?.[at] ?? 0;

test.each<readonly [name: string, type: ProblemType, post: readonly Post[], operate: Parameters<typeof wrongPosts>[1]]>(
  [
    ["relu before the residual", "f32", ["add", "relu"], (v, at, r) => Math.max(0, v) + added(r, at)],
    ["relu behind the residual", "f32", ["relu", "add"], (v, at, r) => Math.max(0, v + added(r, at))],
    ["relu left out", "f32", ["relu"], (v) => v],
    ["the residual left out", "f32", ["add"], (v) => v],
    ["the residual twice", "f16", ["add"], (v, at, r) => v + 2 * added(r, at)],
    ["the residual of a neighbour", "f32", ["add"], (v, at, r) => v + added(r, at ^ 1)],
    ["another upper end", "f32", ["clip(0,6)"], (v) => Math.min(Math.max(v, 0), 5)],
    ["the lower end left out", "f16", ["clip(0,6)"], (v) => Math.min(v, 6)],
    [
      "the ends of a group's first channel",
      "f32",
      ["clip(0,6)"],
      (v, at) => (at % 9 === 0 ? v : Math.min(Math.max(v, 0), 6)),
    ],
    ["a slope on positive numbers", "f32", ["leaky(0.1)"], (v) => (v > 0 ? 0.1 * v : v)],
    ["another slope", "f32", ["leaky(0.1)"], (v) => (v < 0 ? 0.01 * v : v)],
    ["hardswish by 0.2", "f32", ["hardswish"], (v) => v * Math.min(Math.max(0.2 * v + 0.5, 0), 1)],
    ["swish for hardswish", "f32", ["hardswish"], (v) => v / (1 + Math.exp(-v))],
    ["NaN turned into the minimum", "f32", ["relu"], (v) => (v > 0 ? v : 0)],
    ["stored before the residual", "f16", ["add"], (v, at, r) => half(v) + added(r, at)],
  ],
)("forward: %s is seen", async (name, type, post, operate) => {
  const outcomes = await outcomesOf(wrongPosts("wrong", operate), type, post);
  const wrong = outcomes.filter(({ convCase, kind }) => convCase.pass === "forward" && kind === "failed");
  expect([name, wrong.length > 0]).toEqual([name, true]);
});

test("gradients that are not masked, or masked by dy, are seen", async () => {
  const outcomes = await outcomesOf(
    wrongPosts("wrong", (v) => Math.max(0, v)),
    "f32",
    ["relu"],
  );
  const failed = outcomes.filter(({ kind }) => kind === "failed").map(({ convCase }) => convCase.pass);
  expect([...new Set(failed)]).toEqual(["backwardData", "backwardWeights"]);
});
