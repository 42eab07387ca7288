import { expect, test } from "vitest";
import { causeSentence, type Elsewhere } from "./cause-sentence.ts";
import { conditionsOn, type Condition } from "./conditions.ts";
import { numbersOf } from "./features.ts";
import type { Cause } from "./find-cause.ts";

const BASE = { pass: "backwardWeights", data: "dense-exact", threads: 1 } as const;
const NOWHERE_ELSE: Elsewhere = {
  passes: { failing: [], holding: [] },
  data: { failing: [], holding: [] },
  failsAtOneThread: undefined,
};

/** The condition on a number of a one-dimensional problem that has this value. */
function condition(name: string, predicate: string, value: number): Condition {
  const feature = numbersOf(1, "forward").find((one) => one.name === name)!;
  return conditionsOn(feature, [value], []).find((one) => one.predicate === predicate)!;
}

const GROUPS = condition("groups", "≥ 2", 2);
const STRIDE = condition("stride", "≥ 2", 2);
const CHANNELS = [condition("channels", "≥ 9", 9), condition("channels", "not a multiple of 8", 9)] as const;

function cause(conditions: readonly Condition[], counts: Partial<Cause> = {}): Cause {
  const meeting = { tried: 20, fail: 20 };
  return {
    conditions,
    failing: [],
    meeting,
    missingOne: { tried: 12, fail: 0 },
    missing: { tried: 15, fail: 0 },
    ...counts,
  };
}

test("one condition, two, more, and none", () => {
  const sentence = (conditions: readonly Condition[], counts?: Partial<Cause>) =>
    causeSentence(cause(conditions, counts), BASE, NOWHERE_ELSE);
  expect(sentence([GROUPS])).toBe("groups ≥ 2: all 20 tried with it fail, all 15 without it hold");
  expect(sentence([GROUPS, STRIDE])).toBe(
    "groups ≥ 2 and stride ≥ 2: all 20 tried with both fail, either alone holds (all 12 tried)",
  );
  expect(sentence([GROUPS, STRIDE, condition("batch", "odd", 3)])).toBe(
    "groups ≥ 2, stride ≥ 2 and batch odd: all 20 tried with all fail, all 15 without one of them hold",
  );
  expect(sentence([], { missing: { tried: 0, fail: 0 } })).toBe("any problem: all 20 tried fail");
});

test("conditions on one number are told together, and neither stands alone", () => {
  expect(causeSentence(cause(CHANNELS), BASE, NOWHERE_ELSE)).toBe(
    "channels ≥ 9 and not a multiple of 8: all 20 tried with it fail, all 15 without it hold",
  );
  expect(causeSentence(cause([...CHANNELS, GROUPS]), BASE, NOWHERE_ELSE)).toBe(
    "channels ≥ 9 and not a multiple of 8 and groups ≥ 2: all 20 tried with both fail, all 15 without one of them hold",
  );
});

test("cases that say otherwise are counted", () => {
  const counts = { meeting: { tried: 20, fail: 19 }, missing: { tried: 15, fail: 1 } };
  expect(causeSentence(cause([GROUPS], counts), BASE, NOWHERE_ELSE)).toBe(
    "groups ≥ 2: 19 of 20 tried with it fail, 14 of 15 without it hold",
  );
});

test("other passes, data and threads, where they were tried", () => {
  const start = "groups ≥ 2: all 20 tried with it fail, all 15 without it hold";
  const sentence = (elsewhere: Partial<Elsewhere>, base = {}) =>
    causeSentence(cause([GROUPS]), { ...BASE, ...base }, { ...NOWHERE_ELSE, ...elsewhere });
  expect(sentence({ passes: { failing: [], holding: ["forward"] } })).toBe(`${start}; only in backwardWeights`);
  expect(sentence({ passes: { failing: ["forward"], holding: ["backwardData"] } })).toBe(`${start}; in forward too`);
  expect(sentence({ data: { failing: ["wide-exact"], holding: ["dense-exact"] } }, { data: "real" })).toBe(
    `${start}; only with wide-exact or real data`,
  );
  expect(sentence({ data: { failing: ["real"], holding: [] } }, { data: "special" })).toBe(start);
  expect(sentence({ failsAtOneThread: false }, { threads: 2 })).toBe(`${start}; only with 2 threads, one thread holds`);
  expect(sentence({ failsAtOneThread: true }, { threads: 2 })).toBe(start);
});

test("without conditions the data and threads are told, and nothing where they do not matter", () => {
  const forward = { passes: { failing: [], holding: ["forward"] } } as const;
  const special = { data: { failing: [], holding: ["dense-exact", "real"] } } as const;
  expect(causeSentence(undefined, { ...BASE, data: "special" }, { ...NOWHERE_ELSE, ...forward, ...special })).toBe(
    "this problem fails; only with special data; only in backwardWeights",
  );
  expect(causeSentence(undefined, BASE, { ...NOWHERE_ELSE, ...forward })).toBeUndefined();
});
