import { expect, test } from "vitest";
import { agreement } from "../../../suites/laws/agreement.ts";
import { stackedLayers } from "../../../suites/laws/stacked-layers.ts";
import type { ConvCase } from "../../../suites/laws/law.ts";
import { DATA_KINDS } from "../../../suites/data/operands.ts";
import { multiplyAdds } from "../../../core/shape.ts";
import { firstCases, shuffledFirstCases } from "./first-cases.ts";
import { countedRandomCases, randomCases } from "./random-cases.ts";
import { sampledCases } from "./sampled-cases.ts";
import type { CaseSource, SourceContext } from "./source.ts";

const CONTEXT: SourceContext = { law: agreement, pass: "backwardData", seed: 7, kinds: DATA_KINDS };

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

test.each([firstCases, shuffledFirstCases, randomCases, sampledCases])(
  "%o gives the same cases for the same seed, others for another, and goes on where it was paused",
  async (source) => {
    const whole = await next(source(CONTEXT), 30);
    const paused = source(CONTEXT);
    expect([...(await next(paused, 11)), ...(await next(paused, 19))]).toEqual(whole);
    expect(await next(source({ ...CONTEXT, seed: 8 }), 30)).not.toEqual(whole);
    // Backward data reads no bias.
    expect(whole.every(({ problem, pass }) => pass === "backwardData" && !problem.bias)).toBe(true);
  },
);

test("only the kinds of data that were asked for come, but real data where a problem is too large for special", async () => {
  for (const source of [firstCases, randomCases]) {
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

test("sampled cases are first ones and small random ones by turns", async () => {
  const [first, random] = await Promise.all([
    next(shuffledFirstCases(CONTEXT), 8),
    next(randomCases(CONTEXT, 200_000), 8),
  ]);
  const inTurn = [...first.slice(0, 4), ...random.slice(0, 4), ...first.slice(4), ...random.slice(4)];
  expect(await next(sampledCases(CONTEXT), 16)).toEqual(inTurn);
});

test("a number of random cases counts those that the law speaks of", async () => {
  const context: SourceContext = { ...CONTEXT, law: stackedLayers, pass: "forward" };
  const cases = await next(countedRandomCases(context, 12), 1000);
  expect(cases.map(({ data }) => data)).toEqual(Array.from({ length: 12 }, () => "dense-exact"));
  const never = { ...agreement, applies: () => false };
  expect(await next(countedRandomCases({ ...CONTEXT, law: never }, 12), 1000)).toEqual([]);
});
