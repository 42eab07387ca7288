import { describe, expect, test } from "vitest";
import { CORRECT, MUTANTS } from "../../../suites/mutants/index.ts";
import { agreement } from "../../../suites/laws/agreement.ts";
import { CONTRACT_LAWS } from "../../../suites/laws/index.ts";
import type { Law } from "../../../suites/laws/law.ts";
import { InProcessChannel } from "../../runner/in-process.ts";
import type { Impl } from "../../../core/plugin.ts";
import { PASSES, type Pass } from "../../../core/problem.ts";
import { DATA_KINDS } from "../../../suites/data/operands.ts";
import { Runner } from "../runner.ts";
import { advance, noFindings } from "../search.ts";
import { faultOf } from "../outcome.ts";
import { firstCases } from "../sources/first-cases.ts";
import { mixedCases } from "../sources/mixed-cases.ts";

/** In this very process, so those that end or hang a process are left to `npm run selftest`. */
const CHECKED_HERE = MUTANTS.filter(({ kind }) => kind !== "process");
const SEED = 1;
/**
 * How long a law has in a pass to catch a mutant, or to accuse a correct implementation; failures are not made smaller.
 */
const AGREEMENT_MS = 12_000;
const CONTRACT_MS = 200;
const CORRECT_MS = 15;

/** The first failure that a short look at the passes by the laws shows. */
async function failureOf(
  impl: Impl,
  laws: readonly Law[],
  passes: readonly Pass[],
  msOf: (law: Law) => number,
): Promise<string | undefined> {
  const described = await new InProcessChannel("", [impl]).request({ verb: "describe" }, Infinity);
  if (described.kind !== "answer") throw new Error(`${impl.name} does not describe itself: ${described.reason}`);
  const description = described.answer.impls[0]!;
  const runner = new Runner(description, 1, () => new InProcessChannel("", [impl]));
  const implementation = { name: impl.name, selector: impl.name };
  for (const law of laws) {
    for (const pass of passes.filter((name) => law.passes.includes(name))) {
      const subject = { implementation, runner, law, pass, seed: SEED };
      const context = { ...subject, kinds: DATA_KINDS, manyThreads: 2 };
      const options = { deadline: performance.now() + msOf(law), shrinkMs: 0 };
      const first = law === agreement ? await advance(subject, noFindings, firstCases(context), options) : noFindings;
      const { found } = await advance(subject, first, mixedCases(context), options);
      if (found !== undefined)
        return `${law.name} ${pass} ${found.counterexample.kind}: ${faultOf(found.counterexample).message}`;
    }
  }
  return undefined;
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

describe("no correct implementation is accused", () => {
  test.each(CORRECT)("$name", async (impl) => {
    expect(await failureOf(impl, [agreement, ...CONTRACT_LAWS], PASSES, () => CORRECT_MS)).toBeUndefined();
  });
});
