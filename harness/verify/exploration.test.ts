import { expect, test } from "vitest";
import naive from "../../impls/naive.ts";
import { agreement } from "../../suites/laws/agreement.ts";
import type { ConvCase, Law } from "../../suites/laws/law.ts";
import { InProcessChannel } from "../runner/in-process.ts";
import { PASSES } from "../../core/problem.ts";
import { Exploration } from "./exploration.ts";
import { ImplementationSession } from "./session.ts";

const description = {
  name: "naive",
  algorithm: "direct",
  precision: "float32",
  arithmetic: "ieee",
  passes: PASSES,
} as const;
const implementation = { name: "naive", url: "", selector: "naive", isNamed: true, description };

function explorationOf(law: Law, budgetMs: number): Exploration {
  const session = new ImplementationSession(description, 1, Infinity, () => new InProcessChannel("", [naive]));
  return new Exploration({
    implementation,
    session,
    law,
    pass: "forward",
    seed: 1,
    budgetMs,
    data: undefined,
    onCase: () => {},
    before: { cases: 0, startedAt: performance.now() },
  });
}

/** Agreement where `applies` says so, and a list of the cases that were judged. */
function agreementWhere(applies: (convCase: ConvCase) => boolean): { law: Law; judged: ConvCase[] } {
  const judged: ConvCase[] = [];
  const check: Law["check"] = (tools, convCase) => {
    judged.push(convCase);
    return agreement.check(tools, convCase);
  };
  return { law: { ...agreement, applies, check }, judged };
}

test("a case that a law does not speak of is neither judged nor counted", async () => {
  const { law, judged } = agreementWhere(({ data }) => data === "wide-exact");
  const exploration = explorationOf(law, Infinity);
  await exploration.exploreCases(20);
  expect(new Set(judged.map(({ data }) => data))).toEqual(new Set(["wide-exact"]));
  expect(exploration.entry()).toMatchObject({ status: "passed", cases: judged.length });
  expect(judged.length).toBeGreaterThanOrEqual(20);
});

test("a law that speaks of none of the problems says so", async () => {
  const { law, judged } = agreementWhere(() => false);
  const exploration = explorationOf(law, 50);
  await exploration.sample();
  expect(judged).toEqual([]);
  const { status, cases, reason } = exploration.entry();
  expect([status, cases]).toEqual(["unsupported", 0]);
  expect(reason).toContain("does not speak");
});

test("a law that has no time left judges until one case tells something", async () => {
  const { law, judged } = agreementWhere(() => true);
  const exploration = explorationOf(law, 0);
  await exploration.sample();
  expect(judged.length).toBeGreaterThanOrEqual(1);
  expect(exploration.entry()).toMatchObject({ status: "passed", cases: judged.length });
});

test("a sample takes its first cases in an order of its own, the same each time", async () => {
  const orderOf = async (name: string): Promise<string[]> => {
    const { law, judged } = agreementWhere(({ data }) => data === "dense-exact" && judged.length < 12);
    await explorationOf({ ...law, name }, 300).sample();
    return judged.slice(0, 4).map(({ problem }) => JSON.stringify(problem));
  };
  const first = await orderOf("one");
  expect(await orderOf("one")).toEqual(first);
  expect(await orderOf("another")).not.toEqual(first);
});
