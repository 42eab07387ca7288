import { describe, expect, test } from "vitest";
import { CORRECT, FAULTS } from "../../../suites/mutants/index.ts";
import { agreement } from "../../../suites/laws/agreement.ts";
import { CONTRACT_LAWS } from "../../../suites/laws/index.ts";
import type { Law } from "../../../suites/laws/law.ts";
import { InProcessChannel } from "../../runner/in-process.ts";
import type { Impl } from "../../../core/plugin.ts";
import { PASSES, type Pass } from "../../../core/problem.ts";
import { Exploration } from "../exploration.ts";
import { ImplementationSession } from "../session.ts";

/** In this very process, so those that end or hang a process are left to `npm run selftest`. */
const JUDGED_HERE = FAULTS.filter(({ kind }) => kind !== "process");
const SEED = 1;
/** How long a law has in a pass to find a fault, or to accuse a correct implementation; failures are not made smaller. */
const AGREEMENT_MS = 12_000;
const CONTRACT_MS = 200;
const CORRECT_MS = 15;
const SHRINK_MS = 0;

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
  const session = new ImplementationSession(description, 1, Infinity, () => new InProcessChannel("", [impl]));
  const implementation = { name: impl.name, url: "", selector: impl.name, isNamed: true, description };
  for (const law of laws) {
    for (const pass of passes.filter((name) => law.passes.includes(name))) {
      const budgetMs = msOf(law);
      const before = { cases: 0, startedAt: performance.now() };
      const exploration = new Exploration({
        implementation,
        session,
        law,
        pass,
        seed: SEED,
        budgetMs,
        data: undefined,
        onCase: () => {},
        before,
      });
      exploration.allow(budgetMs, SHRINK_MS);
      await (budgetMs === AGREEMENT_MS ? exploration.sweep() : exploration.sample());
      const { status, reason } = exploration.entry();
      if (exploration.brokenCase !== undefined) return `${law.name} ${pass} ${status}: ${reason}`;
    }
  }
  return undefined;
}

describe("every fault is caught", () => {
  test.each(JUDGED_HERE)("$kind: $name", async ({ impl, kind, passes }) => {
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
