import { describe, expect, test } from "vitest";
import { CONJUNCTION_MUTANTS, CONJUNCTIONS } from "../../../suites/mutants/conjunctions.ts";
import { problemOf } from "../../../suites/mutants/draw-conjunctions.ts";
import { CORRECT, MUTANTS } from "../../../suites/mutants/index.ts";
import { agreement } from "../../../suites/laws/agreement.ts";
import { contractManyCalls } from "../../../suites/laws/contract-many-calls.ts";
import { CONTRACT_LAWS } from "../../../suites/laws/index.ts";
import type { ConvCase, Law } from "../../../suites/laws/law.ts";
import { InProcessChannel } from "../../runner/in-process.ts";
import { usualType } from "../../../core/element-types.ts";
import type { Impl } from "../../../core/plugin.ts";
import { PASSES, type Pass } from "../../../core/problem.ts";
import { DATA_KINDS } from "../../../suites/data/operands.ts";
import { randomStream } from "../../../suites/data/random.ts";
import { check } from "../check.ts";
import { Runner } from "../runner.ts";
import { advance, noFindings } from "../search.ts";
import { faultOf } from "../outcome.ts";
import { fittedCase } from "../sources/case-fitting.ts";
import { mixedCases } from "../sources/mixed-cases.ts";
import { usualCases } from "../sources/testing/usual-cases.ts";

/**
 * In this very process, so those that end or hang a process are left to `npm run selftest`. Those that say where they
 * are wrong are given cases of that kind here: whether a search gets there in time, `npm run selftest` tells.
 */
const CHECKED_HERE = MUTANTS.filter(({ kind }) => !["process", "conjunction", "reported"].includes(kind));
const SHOWN_HERE = MUTANTS.flatMap(({ where, ...mutant }) =>
  where !== undefined && mutant.kind === "reported" ? [{ ...mutant, where }] : [],
);
const EVERY_SIXTH = CONJUNCTIONS.flatMap((conjunction, i) =>
  i % 6 === 0 ? [{ ...conjunction, ...CONJUNCTION_MUTANTS[i]! }] : [],
);
/** Problems that are drawn of the classes of a conjunction, and the draws that may take. */
const DRAWN = { problems: 8, tries: 200 };
const SEED = 1;
/**
 * How long a law has in a pass to catch a mutant, or to accuse a correct implementation; failures are not made smaller.
 */
const AGREEMENT_MS = 12_000;
const CONTRACT_MS = 200;
const CORRECT_MS = 8;

/** A runner of an implementation in this process. */
async function runnerOf(impl: Impl): Promise<Runner> {
  const described = await new InProcessChannel("", [impl]).request({ verb: "describe" }, Infinity);
  if (described.kind !== "answer") throw new Error(`${impl.name} does not describe itself: ${described.reason}`);
  const description = described.answer.impls[0]!;
  return new Runner(description, 1, () => new InProcessChannel("", [impl]), undefined, {
    type: usualType(description.types),
  });
}

/** The first failure that a short look at the passes by the laws shows. */
async function failureOf(
  impl: Impl,
  laws: readonly Law[],
  passes: readonly Pass[],
  msOf: (law: Law) => number,
): Promise<string | undefined> {
  const runner = await runnerOf(impl);
  const implementation = { name: impl.name, selector: impl.name };
  for (const law of laws) {
    for (const pass of passes.filter((name) => law.passes.includes(name))) {
      const subject = { implementation, runner, law, pass, seed: SEED };
      const context = { ...subject, kinds: DATA_KINDS, manyThreads: 2 };
      const options = { deadline: performance.now() + msOf(law), shrinkMs: 0 };
      // Within a few milliseconds no size is worth its time.
      const cases = law === agreement && msOf(law) > CONTRACT_MS ? usualCases(context) : mixedCases(context);
      const { found } = await advance(subject, noFindings, cases, options);
      if (found !== undefined)
        return `${law.name} ${pass} ${found.counterexample.kind}: ${faultOf(found.counterexample).message}`;
    }
  }
  return undefined;
}

/** Whether agreement fails in one of the cases. */
async function failsInOneOf(impl: Impl, cases: readonly ConvCase[]): Promise<boolean> {
  const runner = await runnerOf(impl);
  for (const convCase of cases) {
    if ((await check(runner, agreement, convCase, { limitMs: AGREEMENT_MS })).kind === "failed") return true;
  }
  return false;
}

describe("every mutant is caught", () => {
  test.each(CHECKED_HERE)("$kind: $name", async ({ impl, kind, passes }) => {
    // What is wrong from call to call, agreement sees late or never; the contract's laws are for it.
    const laws = kind === "state" ? [...CONTRACT_LAWS, agreement] : [agreement, ...CONTRACT_LAWS];
    expect(
      await failureOf(impl, laws, passes, (law) => (law === agreement ? AGREEMENT_MS : CONTRACT_MS)),
    ).toBeDefined();
  });
});

describe("every mutant after a report is caught by agreement in the problem that shows it", () => {
  test.each(SHOWN_HERE)("$name", async ({ impl, where: { shows: problem, pass, data, calls = 1 } }) => {
    const kinds = data === undefined ? DATA_KINDS : [data];
    const cases = Array.from({ length: calls }, (_, call) => call).flatMap((call) =>
      kinds.map((kind) => fittedCase(problem, pass, kind, SEED + call)),
    );
    expect(await failsInOneOf(impl, cases)).toBe(true);
  });
});

describe("a conjunction is caught by agreement in a few problems of its classes", () => {
  test.each(EVERY_SIXTH)("$name", async ({ impl, pass, classes }) => {
    const random = randomStream("problems of a conjunction", impl.name);
    const problems = Array.from({ length: DRAWN.tries }, () => problemOf(classes, pass, random))
      .filter((problem) => problem !== undefined)
      .slice(0, DRAWN.problems);
    const cases = problems.flatMap((problem) => DATA_KINDS.map((data) => fittedCase(problem, pass, data, SEED)));
    expect(await failsInOneOf(impl, cases)).toBe(true);
  });
});

describe("no correct implementation is accused", () => {
  // Hundreds of calls a case are left to `npm run selftest`.
  const laws = [agreement, ...CONTRACT_LAWS.filter((law) => law !== contractManyCalls)];
  test.each(CORRECT)("$name", async (impl) => {
    // What differs in another type is its arithmetic.
    const spoken = impl.types === undefined ? laws : [agreement];
    expect(await failureOf(impl, spoken, PASSES, () => CORRECT_MS)).toBeUndefined();
  });
});
