import { describe, expect, test, vi } from "vitest";
import type { Impl } from "../../core/plugin.ts";
import type { Pass } from "../../core/problem.ts";
import { multiplyAdds } from "../../core/shape.ts";
import { DATA_KINDS } from "../../suites/data/operands.ts";
import { agreement } from "../../suites/laws/agreement.ts";
import type { ConvCase } from "../../suites/laws/law.ts";
import { MUTANTS } from "../../suites/mutants/index.ts";
import type { Mutant } from "../../suites/mutants/mutant.ts";
import { InProcessChannel } from "../runner/in-process.ts";
import { Bundle } from "./bundle.ts";
import { check } from "./check.ts";
import type { Outcome } from "./outcome.ts";
import { Runner } from "./runner.ts";
import { firstCases } from "./sources/first-cases.ts";
import { randomCases } from "./sources/random-cases.ts";
import type { CaseSource } from "./sources/source.ts";

/** Those that end or hang this very process are left to bundles-in-processes.test.ts. */
const ENDING = ["hangs", "never-settles", "exits", "aborts", "throws-from-a-timer"];
/** Whether it writes before or after the output is read is a race, alone as in a bundle. */
const RACING = ["promise-settles-too-early"];
const LIMITS = { limitMs: Infinity };
const CASES = 40;
const MOST_MULTIPLY_ADDS = 2_000;
const SIZES = [7, CASES];
/** Alone, nobody looks at an output after the call; in a bundle, up to its end. */
const WRITING_LATE = ["output-array-swapped-with-earlier"];
const LATE = /^the call wrote into its output y after it was read$/;

const mutants = MUTANTS.filter(
  ({ kind, name }) =>
    ["precision", "state", "operands", "process"].includes(kind) &&
    !RACING.includes(name) &&
    !ENDING.some((start) => name.startsWith(start)),
);

describe("a case in a bundle has the outcome that it has alone", () => {
  test.each(mutants)("$kind: $name", async (mutant) => {
    for (const pass of mutant.passes) {
      const cases = await casesOf(pass);
      const runner = await freshRunner(mutant);
      const alone: Outcome[] = [];
      for (const convCase of cases) alone.push(await check(runner, agreement, convCase, LIMITS));
      for (const size of SIZES) {
        const bundled = await checkedInBundles(await freshRunner(mutant), cases, size);
        const expected = alone.map((outcome, index) => {
          const isLate = WRITING_LATE.includes(mutant.name) && LATE.test(messageOf(bundled[index]));
          return isLate ? bundled[index]! : outcome;
        });
        expect(bundled.map(comparable)).toEqual(expected.map(comparable));
      }
    }
  });
});

function messageOf(outcome: Outcome | undefined): string {
  return outcome?.kind === "failed" ? outcome.fault.message : "";
}

/** The implementation as if it had never been called. */
async function freshRunner({ name, kind, impl: used }: Mutant): Promise<Runner> {
  const impl = kind === "state" ? await neverCalled(name) : used;
  const channel = new InProcessChannel("", [impl]);
  const described = await channel.request({ verb: "describe" }, Infinity);
  if (described.kind !== "answer") throw new Error(described.reason);
  return new Runner(described.answer.impls[0]!, 1, () => channel);
}

async function neverCalled(name: string): Promise<Impl> {
  vi.resetModules();
  const fresh = await import("../../suites/mutants/index.ts");
  return fresh.MUTANTS.find((mutant) => mutant.name === name)!.impl;
}

async function checkedInBundles(runner: Runner, cases: readonly ConvCase[], size: number): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let start = 0; start < cases.length; start += size) {
    const bundle = new Bundle(runner, LIMITS.limitMs);
    const checks = cases
      .slice(start, start + size)
      .map((convCase) => check(runner, agreement, convCase, { ...LIMITS, bundle }));
    outcomes.push(...(await Promise.all(checks)));
  }
  return outcomes;
}

/** The outcome but for the time that it took. */
function comparable(outcome: Outcome): unknown {
  return "cost" in outcome ? { ...outcome, cost: outcome.cost.multiplyAdds } : outcome;
}

/** Small first cases and random ones, some of them twice in a row. */
async function casesOf(pass: Pass): Promise<readonly ConvCase[]> {
  const context = { law: agreement, pass, seed: 5, kinds: DATA_KINDS };
  const first = await small(firstCases(context), CASES / 4);
  const random = await small(randomCases(context, MOST_MULTIPLY_ADDS), CASES / 4);
  return [...first, ...random].flatMap((convCase) => [convCase, { ...convCase, seed: convCase.seed + 1 }]);
}

async function small(source: CaseSource, count: number): Promise<readonly ConvCase[]> {
  const cases: ConvCase[] = [];
  for await (const proposal of source) {
    if (proposal.kind === "check" && multiplyAdds(proposal.convCase.problem) <= MOST_MULTIPLY_ADDS)
      cases.push(proposal.convCase);
    if (cases.length === count) break;
  }
  return cases;
}
