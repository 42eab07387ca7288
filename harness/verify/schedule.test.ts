import { expect, test } from "vitest";
import { adjoint } from "../../suites/laws/adjoint.ts";
import { agreement } from "../../suites/laws/agreement.ts";
import { parseDescriptor } from "../../core/descriptor.ts";
import type { ConvCase } from "../../suites/laws/law.ts";
import { Portion, Schedule, type Lane } from "./schedule.ts";
import type { CaseSource } from "./sources/source.ts";

const CASE: ConvCase = {
  problem: parseDescriptor("ic1ih3oc1kh3", false).problem,
  pass: "forward",
  data: "real",
  seed: 1,
};

async function* endless(): CaseSource {
  for (let seed = 1; ; seed++) yield { kind: "check", convCase: { ...CASE, seed } };
}

function laneOf(name: string, weight = 1): Lane & { readonly name: string } {
  return {
    name,
    pair: { law: agreement, pass: "forward" },
    cases: endless(),
    progress: () => 0,
    weight,
    portionMs: 20,
  };
}

/** The lanes that go on, where a portion of each costs and gains this much. */
function order(
  lanes: readonly (Lane & { readonly name: string })[],
  count: number,
  portionOf: (name: string, portions: number) => { readonly ms: number; readonly gain: number },
): string {
  const schedule = new Schedule(lanes);
  const portions = new Map<string, number>();
  let names = "";
  for (let turn = 0; turn < count; turn++) {
    const lane = schedule.next()!;
    names += lane.name;
    portions.set(lane.name, (portions.get(lane.name) ?? 0) + 1);
    const { ms, gain } = portionOf(lane.name, portions.get(lane.name)!);
    schedule.account(lane, ms, gain);
  }
  return names;
}

const LANE_NAMES = ["a", "b", "c", "d", "e", "f"];

/** How often each of six lanes goes on in 120 portions of 10 ms. */
function counts(
  weights: Readonly<Record<string, number>>,
  gainOf: (name: string, portions: number) => number,
  msOf: (name: string) => number = () => 10,
): Readonly<Record<string, number>> {
  const lanes = LANE_NAMES.map((name) => laneOf(name, weights[name]));
  const names = order(lanes, 120, (name, portions) => ({ ms: msOf(name), gain: gainOf(name, portions) }));
  return Object.fromEntries(LANE_NAMES.map((name) => [name, names.split(name).length - 1]));
}

test("each lane begins, none starves, and what yields most has a third of the time", () => {
  const { a, b, f } = counts({}, (name) => (name === "b" ? 3 : 1));
  expect(b).toBeGreaterThan(35);
  expect(a).toBeGreaterThan(12);
  expect(f).toBeGreaterThan(12);
});

test("a yield that falls makes room for another", () => {
  const { a, b } = counts({}, (name, portions) => ({ a: 4 * 0.5 ** portions, b: 1 })[name] ?? 0.1);
  expect(b).toBeGreaterThan(30);
  expect(a).toBeLessThan(25);
});

test("a weight is a part of the shared time, and what a gain is worth", () => {
  const { a, b, c } = counts({ a: 4 }, () => 1);
  expect(a).toBeGreaterThan(2.5 * b!);
  expect(b).toBeGreaterThan(0.7 * c!);
});

test("time is shared out, however long the portions are of what yields most", () => {
  const { a = 0, b = 0 } = counts(
    {},
    (name) => (name === "a" ? 100 : 0),
    (name) => (name === "a" ? 100 : 10),
  );
  expect(100 * a).toBeLessThan(0.5 * (100 * a + 10 * (120 - a)));
  expect(b).toBeGreaterThan(10);
});

test("the same outcomes give the same order, and closed lanes do not go on", () => {
  const gainOf = (name: string, portions: number) => ({ ms: 7 + portions, gain: name.charCodeAt(0) / portions });
  const lanes = ["a", "b", "c", "d"].map((name, at) => laneOf(name, 1 / (1 + at)));
  expect(order(lanes, 50, gainOf)).toBe(order(lanes, 50, gainOf));
  const schedule = new Schedule(lanes);
  schedule.close(({ name }) => name !== "c");
  expect([schedule.next()?.name, schedule.next()?.name]).toEqual(["c", "c"]);
  schedule.close(() => true);
  expect(schedule.next()).toBeUndefined();
});

test("a portion has fewer cases of a law that computes more, and the next one goes on where it ended", async () => {
  const countOf = async (portion: Portion): Promise<number> => (await Array.fromAsync(portion.cases)).length;
  const lane = laneOf("a");
  const [first, second] = [new Portion(lane), new Portion(lane)];
  const count = await countOf(first);
  expect(count).toBeGreaterThan(10);
  expect(first.ms).toBeGreaterThan(0);
  expect(first.isLast).toBe(false);
  const { value } = await second.cases.next();
  expect(value).toMatchObject({ convCase: { seed: count + 1 } });
  const other = { ...lane, pair: { law: adjoint, pass: "backwardData" }, cases: endless() } as const;
  expect(await countOf(new Portion(other))).toBeLessThan(count);
  const ended = new Portion({ ...lane, cases: (async function* () {})() });
  expect([await countOf(ended), ended.isLast, ended.ms]).toEqual([0, true, 0]);
});
