import { expect, test } from "vitest";
import { InProcessChannel } from "../runner/in-process.ts";
import type { DataKind } from "../../suites/data/operands.ts";
import type { Impl } from "../../core/plugin.ts";
import { PASSES } from "../../core/problem.ts";
import { ImplementationSession } from "./session.ts";
import naive from "../../impls/naive.ts";
import im2colGemm from "../../impls/im2col-gemm/index.ts";
import fft from "../../impls/fft/index.ts";
import { CORNER_PROBLEMS } from "../../suites/problems/corner-problems.ts";
import { ALGEBRAIC_LAWS } from "../../suites/laws/index.ts";
import type { Law } from "../../suites/laws/law.ts";
import { LAW_MUTANTS } from "../../suites/laws/testing/law-mutants.ts";

const KINDS: readonly DataKind[] = ["dense-exact", "wide-exact", "real"];

function sessionOf(impl: Impl): ImplementationSession {
  const { name, algorithm, precision = "float32", arithmetic = "ieee" } = impl;
  const held = typeof algorithm === "function" ? "per problem" : (algorithm ?? "direct");
  const description = { name, algorithm: held, precision, arithmetic, passes: PASSES } as const;
  return new ImplementationSession(description, 1, Infinity, () => new InProcessChannel("", [impl]));
}

interface Outcome {
  readonly cases: number;
  readonly telling: number;
  readonly margin: number;
  readonly faults: readonly string[];
}

/** Every corner problem in each pass of the law, the kinds of data in turn; up to the first fault where that is enough. */
async function outcomeOf(law: Law, impl: Impl, { passes = law.passes, bail = false } = {}): Promise<Outcome> {
  const session = sessionOf(impl);
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
      if (law.applies?.(convCase) === false) continue;
      const verdict = await law.check(session, convCase);
      cases++;
      telling += verdict.tellingElements;
      margin = Math.max(margin, verdict.margin);
      if (verdict.fault !== undefined)
        faults.push(`${pass} ${problem.name} ${convCase.data}: ${verdict.fault.message}`);
      if (bail && faults.length > 0) return { cases, telling, margin, faults };
    }
  }
  return { cases, telling, margin, faults };
}

const CORRECT: readonly Impl[] = [naive, im2colGemm, fft];

test.each(ALGEBRAIC_LAWS.flatMap((law) => CORRECT.map((impl) => ({ law, impl }))))(
  "$law.name holds for $impl.name over the corner problems",
  async ({ law, impl }) => {
    const outcome = await outcomeOf(law, impl);
    expect(outcome.faults).toEqual([]);
    expect(outcome.margin).toBeLessThanOrEqual(1);
    expect(outcome.telling).toBeGreaterThanOrEqual(outcome.cases);
    expect(outcome.cases).toBeGreaterThanOrEqual(8 * law.passes.length);
  },
);

test.each(LAW_MUTANTS.map((lawMutant) => ({ ...lawMutant, name: lawMutant.impl.name })))(
  "$name is caught by $caughtBy",
  async (mutant) => {
    for (const name of mutant.caughtBy) {
      const law = ALGEBRAIC_LAWS.find((candidate) => candidate.name === name)!;
      const passes = law.passes.filter((pass) => mutant.passes?.includes(pass) ?? true);
      const { faults } = await outcomeOf(law, mutant.impl, { passes, bail: true });
      expect([name, faults.length > 0]).toEqual([name, true]);
    }
  },
);

test("every law has a mutant of its own here", () => {
  const caught = new Set(LAW_MUTANTS.flatMap(({ caughtBy }) => caughtBy));
  expect(ALGEBRAIC_LAWS.map(({ name }) => name).filter((name) => !caught.has(name))).toEqual([]);
});
