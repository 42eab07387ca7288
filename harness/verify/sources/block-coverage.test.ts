import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { DATA_KINDS } from "../../../suites/data/operands.ts";
import { agreement } from "../../../suites/laws/agreement.ts";
import type { ConvCase } from "../../../suites/laws/law.ts";
import { findImplementations } from "../../runner/discovery.ts";
import { InstrumentedImplementation, type Explored } from "../instrumented.ts";
import { Runner } from "../runner.ts";
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

/** Nothing asks it for anything: the calls that count go to another process. */
const unused = new Runner(
  { name: "none", algorithm: "direct", precision: "float32", arithmetic: "ieee", passes: [] },
  1,
  () => {
    throw new Error("it is not asked");
  },
);

/** The cases that a source wants checked; its probes run. */
async function* checkedCases(source: CaseSource): AsyncGenerator<ConvCase, void, undefined> {
  for await (const proposal of source) {
    if (proposal.kind === "probe") await proposal.run(unused);
    if (proposal.kind === "check") yield proposal.convCase;
  }
}

/** How many cases a source gives up to the first in the branch. */
async function casesUntilHidden(source: CaseSource, most: number): Promise<number | undefined> {
  let cases = 0;
  for await (const convCase of checkedCases(source)) {
    if (++cases > most) return undefined;
    if (isHidden(convCase)) return cases;
  }
  return undefined;
}

test("a branch that random problems hardly meet is reached, in a few checked cases", async () => {
  const found = (await findImplementations([PLANTED])).find(({ name }) => name === "width-23-stride-3")!;
  const instrumented = new InstrumentedImplementation(found, 1);
  try {
    const cases = await casesUntilHidden(newBlocks(CONTEXT, instrumented).cases, 1000);
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
  expect((await newBlocks(CONTEXT, instrumented).cases.next()).done).toBe(true);
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
  const source = newBlocks(CONTEXT, instrumented);
  const cases = await Array.fromAsync(checkedCases(source.cases));
  const last = cases.slice(-DATA_KINDS.length);
  expect(new Set(last.map(({ data }) => data))).toEqual(new Set(DATA_KINDS));
  expect(new Set(last.map(({ problem }) => problem)).size).toBe(1);
  expect(last[0]!.problem.inChannels).toBeGreaterThan(8);
  expect(instrumented.calls()).toBeLessThan(500);
  expect(source.progress()).toBe(1);
});

test("it gives up where nothing new comes, and a call that fails becomes a case", async () => {
  const instrumented = scripted((_, call) => (call === 7 ? { kind: "crashed", reason: "gone", cost: COST } : "some"));
  const source = newBlocks(CONTEXT, instrumented);
  const cases = await Array.fromAsync(checkedCases(source.cases));
  expect(instrumented.calls()).toBeLessThan(2000);
  expect(source.progress()).toBeCloseTo(2 / 3);
  // One in some is checked, and the one that failed.
  expect(cases.length).toBeGreaterThan(instrumented.calls() / 32);
  expect(cases.length).toBeLessThan(instrumented.calls() / 8);
});

test("the same seed gives the same cases, another seed others", async () => {
  const firstOf = async (context: SourceContext): Promise<readonly ConvCase[]> => {
    const instrumented = scripted(() => "some");
    const cases: ConvCase[] = [];
    for await (const convCase of checkedCases(newBlocks(context, instrumented).cases)) {
      if (cases.push(convCase) === 8) break;
    }
    return cases;
  };
  const cases = await firstOf(CONTEXT);
  expect(await firstOf(CONTEXT)).toEqual(cases);
  expect(await firstOf({ ...CONTEXT, seed: 3 })).not.toEqual(cases);
});
