import { expect, test } from "vitest";
import { agreement } from "../../../suites/laws/agreement.ts";
import { contractManyCalls } from "../../../suites/laws/contract-many-calls.ts";
import { canCheck } from "../../../suites/laws/cost.ts";
import { stackedLayers } from "../../../suites/laws/stacked-layers.ts";
import type { ConvCase } from "../../../suites/laws/law.ts";
import { DATA_KINDS } from "../../../suites/data/operands.ts";
import { FIELD_LAYERS } from "../../../suites/problems/field-layers.ts";
import type { Pass } from "../../../core/problem.ts";
import { multiplyAdds } from "../../../core/shape.ts";
import { countedCases } from "./counted-cases.ts";
import { CoveringCases } from "./covering-cases.ts";
import { firstCases } from "./first-cases.ts";
import { ListedProblems } from "./listed-problems.ts";
import { mixedCases } from "./mixed-cases.ts";
import { ordinaryCases } from "./ordinary-cases.ts";
import { randomCases } from "./random-cases.ts";
import type { CaseSource, SourceContext } from "./source.ts";
import { variedLayerCases } from "./varied-layer-cases.ts";

const CONTEXT: SourceContext = { law: agreement, pass: "backwardData", seed: 7, kinds: DATA_KINDS };
const AT_WORK = { isOpen: () => true, isRateKnown: () => true, expectedMs: () => 1 };

/** The next cases of a source, which stays open; fewer where it ends. */
async function next(source: CaseSource, count: number): Promise<readonly ConvCase[]> {
  const cases: ConvCase[] = [];
  while (cases.length < count) {
    const { value } = await source.next();
    if (value === undefined) break;
    if (value.kind === "check") cases.push(value.convCase);
  }
  return cases;
}

const coveringCases = (context: SourceContext): CaseSource => new CoveringCases(context).cases;

const ordinary = (context: SourceContext): CaseSource => ordinaryCases(context);
const varied = (context: SourceContext): CaseSource => variedLayerCases(context, AT_WORK, Infinity);

test.each([firstCases, coveringCases, randomCases, mixedCases, ordinary, varied])(
  "%o gives the same cases for the same seed, others for another, and goes on where it was paused",
  async (source) => {
    const whole = await next(source(CONTEXT), 18);
    const paused = source(CONTEXT);
    expect([...(await next(paused, 7)), ...(await next(paused, 11))]).toEqual(whole);
    expect(await next(source({ ...CONTEXT, seed: 8 }), 18)).not.toEqual(whole);
    // Backward data reads no bias.
    expect(whole.every(({ problem, pass }) => pass === "backwardData" && !problem.bias)).toBe(true);
  },
);

test("only the kinds of data that were asked for come, but real data where a problem is too large for special", async () => {
  for (const source of [coveringCases, randomCases, ordinary, varied]) {
    const wide = await next(source({ ...CONTEXT, kinds: ["wide-exact"] }), 60);
    expect(wide.map(({ data }) => data)).toEqual(Array.from({ length: 60 }, () => "wide-exact"));
    const special = await next(source({ ...CONTEXT, kinds: ["special"] }), 60);
    const small = special.filter(({ problem }) => multiplyAdds(problem) * problem.groups <= 200_000);
    const large = special.filter(({ problem }) => multiplyAdds(problem) > 200_000);
    expect(small.length).toBeGreaterThan(0);
    expect(small.every(({ data }) => data === "special")).toBe(true);
    expect(large.every(({ data }) => data === "real")).toBe(true);
  }
});

test("mixed cases are rows of the covering arrays, ordinary and small random ones by turns", async () => {
  const sources = [
    coveringCases(CONTEXT),
    new CoveringCases(CONTEXT, { isSquare: true }).cases,
    ordinaryCases(CONTEXT),
  ];
  const [rows, square, usual] = await Promise.all(sources.map((source) => next(source, 4)));
  const random = await next(randomCases(CONTEXT, 200_000), 2);
  const inTurn = [0, 1].flatMap((turn) => [
    ...[square, rows, usual].flatMap((cases) => cases!.slice(2 * turn, 2 * turn + 2)),
    random[turn],
  ]);
  expect(await next(mixedCases(CONTEXT), 14)).toEqual(inTurn);
  // Other laws have no covering array.
  const context: SourceContext = { ...CONTEXT, law: stackedLayers, pass: "forward" };
  expect((await next(mixedCases(context), 3)).slice(0, 2)).toEqual(await next(ordinaryCases(context), 2));
});

test("a number of cases counts those that the law speaks of", async () => {
  const context: SourceContext = { ...CONTEXT, law: stackedLayers, pass: "forward" };
  const cases = await next(countedCases(randomCases(context), context.law, 12), 1000);
  expect(cases.map(({ data }) => data)).toEqual(Array.from({ length: 12 }, () => "dense-exact"));
  const never = { ...agreement, applies: () => false };
  expect(await next(countedCases(randomCases(CONTEXT), never, 12), 1000)).toEqual([]);
});

test("cases are of those that the law speaks of; a law that speaks of none has random ones", async () => {
  const context: SourceContext = { ...CONTEXT, law: stackedLayers, pass: "forward" };
  const cases = await next(ordinaryCases(context), 30);
  expect(cases).toHaveLength(30);
  expect(cases.every((convCase) => stackedLayers.applies?.(convCase) === true)).toBe(true);
  const never: SourceContext = { ...CONTEXT, law: { ...stackedLayers, applies: () => false } };
  expect(await next(ordinaryCases(never), 5)).toEqual([]);
  expect(await next(mixedCases(never), 5)).toEqual(await next(randomCases(never, 200_000), 5));
});

test("a law of small problems alone, and of some fills, has its first cases at once", async () => {
  for (const pass of ["forward", "backwardData", "backwardWeights"] satisfies Pass[]) {
    const startedAt = process.cpuUsage();
    const cases = await next(ordinaryCases({ ...CONTEXT, law: contractManyCalls, pass }), 20);
    expect(cases.length).toBe(20);
    expect(cases.every((convCase) => canCheck(contractManyCalls, convCase))).toBe(true);
    // Microseconds of this process, whatever else the machine does.
    expect(process.cpuUsage(startedAt).user).toBeLessThan(3e6);
  }
});

const COST = { multiplyAdds: 0, ms: 0 };
const VERDICT = { margin: 0, elements: 1, tellingElements: 1 };

test("checked cases count as covered, from whatever source; declined ones are out of the totals", async () => {
  const covering = new CoveringCases({ ...CONTEXT, manyThreads: 4 });
  expect(covering.coverage.counts).toMatchObject({ pairs: 0, triples: 0 });
  const random = (await next(randomCases(CONTEXT), 20)).find(({ problem }) => problem.input.length === 2);
  covering.hear({ kind: "passed", convCase: random!, verdict: VERDICT, cost: COST });
  expect(covering.coverage.counts.pairs).toBe((20 * 19) / 2);
  const { pairsTotal } = covering.coverage.counts;
  // One that computes in rank 2 alone.
  for (let portion = 0; portion < 60; portion++) {
    for (const convCase of await next(covering.cases, 20)) {
      if (convCase.problem.input.length === 2)
        covering.hear({ kind: "passed", convCase, verdict: VERDICT, cost: COST });
      else covering.hear({ kind: "unsupported", convCase, reason: "rank 2 alone", cost: COST });
    }
    covering.settle();
  }
  expect(covering.coverage.counts.pairsTotal).toBeLessThan(0.985 * pairsTotal);
  const late = await next(covering.cases, 20);
  expect(late.every(({ problem }) => problem.input.length === 2)).toBe(true);
  expect(new Set(late.map(({ threads }) => threads))).toEqual(new Set([undefined, 4]));
});

test("the problems of a list come once with the first fill, then with others; what is too slow is passed over", async () => {
  const layers = new ListedProblems(FIELD_LAYERS, { ...CONTEXT, manyThreads: 4 }, AT_WORK, Infinity);
  const first = await next(layers.cases, FIELD_LAYERS.length);
  expect(new Set(first.map(({ problem }) => problem.name)).size).toBe(FIELD_LAYERS.length);
  expect(new Set(first.map(({ data }) => data))).toEqual(new Set(["dense-exact"]));
  expect(new Set(first.map(({ threads }) => threads))).toEqual(new Set([undefined, 4]));
  expect(layers.progress).toBe(1);
  await next(layers.cases, 1);
  expect(layers.progress).toBeGreaterThan(1);
  const slow = new ListedProblems(
    FIELD_LAYERS,
    CONTEXT,
    { ...AT_WORK, expectedMs: () => 1e9 },
    performance.now() + 1000,
  );
  expect(await slow.cases.next()).toMatchObject({ done: true });
});

test("a varied layer that is slow is passed over, and a large one until the rate is known", async () => {
  const slow = { ...AT_WORK, expectedMs: () => 1e9 };
  for (const atWork of [slow, { ...AT_WORK, isRateKnown: () => false }]) {
    const cases = await next(variedLayerCases(CONTEXT, atWork, performance.now() + 1000), 50);
    expect(cases.every(({ problem }) => multiplyAdds(problem) <= 1_000_000)).toBe(true);
  }
  const all = await next(variedLayerCases(CONTEXT, AT_WORK, Infinity), 50);
  expect(all.some(({ problem }) => multiplyAdds(problem) > 1_000_000)).toBe(true);
});
