import { expect, test } from "vitest";
import { InProcessChannel } from "../runner/in-process.ts";
import type { DataKind } from "../../suites/data/operands.ts";
import type { Impl } from "../../core/plugin.ts";
import { PASSES } from "../../core/problem.ts";
import { check } from "./check.ts";
import { Runner } from "./runner.ts";
import naive from "../../impls/naive.ts";
import im2colGemm from "../../impls/im2col-gemm/index.ts";
import fft from "../../impls/fft/index.ts";
import { CORNER_PROBLEMS } from "../../suites/problems/corner-problems.ts";
import { ALGEBRAIC_LAWS } from "../../suites/laws/index.ts";
import type { ConvCase, Law } from "../../suites/laws/law.ts";
import { multiplyAdds } from "../../core/shape.ts";
import { LAW_MUTANTS } from "../../suites/laws/testing/law-mutants.ts";

const KINDS: readonly DataKind[] = ["dense-exact", "wide-exact", "real"];

function runnerOf(impl: Impl): Runner {
  const { name, algorithm, precision = "float32", arithmetic = "ieee" } = impl;
  const held = typeof algorithm === "function" ? "per problem" : (algorithm ?? "direct");
  const description = { name, algorithm: held, precision, arithmetic, passes: PASSES } as const;
  return new Runner(description, 1, () => new InProcessChannel("", [impl]));
}

interface Summary {
  readonly cases: number;
  readonly telling: number;
  readonly margin: number;
  readonly faults: readonly string[];
}

/**
 * Every corner problem in each pass of the law, the kinds of data in turn; up to the first fault where that is enough.
 */
async function summaryOf(law: Law, impl: Impl, { passes = law.passes, bail = false } = {}): Promise<Summary> {
  const runner = runnerOf(impl);
  const faults: string[] = [];
  let [cases, telling, margin] = [0, 0, 0];
  for (const pass of passes) {
    for (const [index, problem] of CORNER_PROBLEMS.entries()) {
      const convCase = {
        problem,
        pass,
        data: KINDS[(index + passes.indexOf(pass)) % KINDS.length]!,
        seed: 100 + index,
      };
      const outcome = await check(runner, law, convCase, { limitMs: Infinity });
      if (outcome.kind === "inapplicable" || outcome.kind === "too-large") continue;
      if (outcome.kind !== "passed" && outcome.kind !== "failed") throw new Error(`it ended as ${outcome.kind}`);
      cases++;
      telling += outcome.verdict.tellingElements;
      margin = Math.max(margin, outcome.verdict.margin);
      if (outcome.kind === "failed") faults.push(`${pass} ${problem.name} ${convCase.data}: ${outcome.fault.message}`);
      else expect([law.name, outcome.cost.multiplyAdds]).toEqual([law.name, costOf(law, convCase)]);
      if (bail && faults.length > 0) return { cases, telling, margin, faults };
    }
  }
  return { cases, telling, margin, faults };
}

/** What the law says that it runs. */
function costOf(law: Law, convCase: ConvCase): number {
  return law.runs(convCase).reduce((sum, problem) => sum + multiplyAdds(problem), 0);
}

const CORRECT: readonly Impl[] = [naive, im2colGemm, fft];

test.each(ALGEBRAIC_LAWS.flatMap((law) => CORRECT.map((impl) => ({ law, impl }))))(
  "$law.name holds for $impl.name over the corner problems, and runs what it says",
  async ({ law, impl }) => {
    const summary = await summaryOf(law, impl);
    expect(summary.faults).toEqual([]);
    expect(summary.margin).toBeLessThanOrEqual(1);
    expect(summary.telling).toBeGreaterThanOrEqual(summary.cases);
    expect(summary.cases).toBeGreaterThanOrEqual(8 * law.passes.length);
  },
);

test.each(LAW_MUTANTS.map((lawMutant) => ({ ...lawMutant, name: lawMutant.impl.name })))(
  "$name is caught by $caughtBy",
  async (lawMutant) => {
    for (const name of lawMutant.caughtBy) {
      const law = ALGEBRAIC_LAWS.find((candidate) => candidate.name === name)!;
      const passes = law.passes.filter((pass) => lawMutant.passes?.includes(pass) ?? true);
      const { faults } = await summaryOf(law, lawMutant.impl, { passes, bail: true });
      expect([name, faults.length > 0]).toEqual([name, true]);
    }
  },
);

test("every law has a fault of its own here", () => {
  const caught = new Set(LAW_MUTANTS.flatMap(({ caughtBy }) => caughtBy));
  expect(ALGEBRAIC_LAWS.map(({ name }) => name).filter((name) => !caught.has(name))).toEqual([]);
});
