import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { DATA_KINDS } from "../../../suites/data/operands.ts";
import { agreement } from "../../../suites/laws/agreement.ts";
import type { ConvCase } from "../../../suites/laws/law.ts";
import { findImplementations } from "../../runner/discovery.ts";
import { InstrumentedImplementation, type Explored } from "../instrumented.ts";
import { newBlocks } from "./block-coverage.ts";
import { randomCases } from "./random-cases.ts";
import type { CaseSource, SourceContext } from "./source.ts";

const PLANTED = fileURLToPath(new URL("testing/planted.ts", import.meta.url));
const CONTEXT: SourceContext = { law: agreement, pass: "forward", seed: 2, kinds: DATA_KINDS };
const COST = { multiplyAdds: 0, ms: 0 };

/** In the branch that is wrong. */
function isHidden({ problem }: ConvCase): boolean {
  return problem.input.at(-1) === 23 && problem.stride.at(-1) === 3;
}

/** How many cases a source gives up to the first in the branch. */
async function casesUntilHidden(source: CaseSource, most: number): Promise<number | undefined> {
  for (let cases = 1; cases <= most; cases++) {
    const { value } = await source.next();
    if (value === undefined) return undefined;
    if (value.kind === "check" && isHidden(value.convCase)) return cases;
  }
  return undefined;
}

test("a branch that random problems hardly meet is reached, in a few checked cases", async () => {
  const found = (await findImplementations([PLANTED])).find(({ name }) => name === "width-23-stride-3")!;
  const instrumented = new InstrumentedImplementation(found, 1);
  try {
    const cases = await casesUntilHidden(newBlocks(CONTEXT, instrumented), 1000);
    expect(cases).toBeLessThan(200);
  } finally {
    await instrumented.stop();
  }
  expect(await casesUntilHidden(randomCases(CONTEXT), 1000)).toBeUndefined();
});

test("where there is nothing to see the source ends at once", async () => {
  const instrumented = {
    start: () => Promise.resolve([]),
    explore: () => Promise.reject(new Error("it is not explored")),
  };
  expect((await newBlocks(CONTEXT, instrumented).next()).done).toBe(true);
});

/** An implementation of one script, which says of each case what it ran. */
function scripted(runs: (convCase: ConvCase, call: number) => Explored["end"] | "all" | "some") {
  let calls = 0;
  const scriptOf = (hasRun: boolean) => [
    {
      url: "file:///none.js",
      ranges: [
        [0, 9, true],
        [3, 6, hasRun],
      ] as const,
    },
  ];
  return {
    start: () => Promise.resolve(scriptOf(false)),
    explore: (convCase: ConvCase): Promise<Explored> => {
      const run = runs(convCase, calls++);
      const end = typeof run === "string" ? ({ kind: "done", value: undefined, cost: COST } as const) : run;
      return Promise.resolve({ end, scripts: scriptOf(run === "all") });
    },
    calls: () => calls,
  };
}

test("a problem that reaches a new block comes with every kind of data, and when all has run it is over", async () => {
  const instrumented = scripted(({ problem }) => (problem.inChannels > 8 ? "all" : "some"));
  const cases: ConvCase[] = [];
  for await (const proposal of newBlocks(CONTEXT, instrumented))
    if (proposal.kind === "check") cases.push(proposal.convCase);
  const last = cases.slice(-DATA_KINDS.length);
  expect(new Set(last.map(({ data }) => data))).toEqual(new Set(DATA_KINDS));
  expect(new Set(last.map(({ problem }) => problem)).size).toBe(1);
  expect(last[0]!.problem.inChannels).toBeGreaterThan(8);
  expect(instrumented.calls()).toBeLessThan(500);
});

test("it gives up where nothing new comes, and a call that fails becomes a case", async () => {
  const instrumented = scripted((_, call) => (call === 7 ? { kind: "crashed", reason: "gone", cost: COST } : "some"));
  const cases: ConvCase[] = [];
  for await (const proposal of newBlocks(CONTEXT, instrumented))
    if (proposal.kind === "check") cases.push(proposal.convCase);
  expect(instrumented.calls()).toBeLessThan(2000);
  // One in some is checked, and the one that failed.
  expect(cases.length).toBeGreaterThan(instrumented.calls() / 32);
  expect(cases.length).toBeLessThan(instrumented.calls() / 8);
});

test("the same seed gives the same cases, another seed others", async () => {
  const firstOf = async (context: SourceContext): Promise<readonly unknown[]> => {
    const source = newBlocks(
      context,
      scripted(() => "some"),
    );
    const cases: unknown[] = [];
    while (cases.length < 8) cases.push((await source.next()).value);
    return cases;
  };
  const cases = await firstOf(CONTEXT);
  expect(await firstOf(CONTEXT)).toEqual(cases);
  expect(await firstOf({ ...CONTEXT, seed: 3 })).not.toEqual(cases);
});
