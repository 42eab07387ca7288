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

test("what yields most goes on, each begins, and none starves", () => {
  const lanes = [laneOf("a"), laneOf("b"), laneOf("c")];
  const names = order(lanes, 60, (name) => ({ ms: 10, gain: { a: 1, b: 3, c: 0 }[name]! }));
  expect(names.indexOf("c")).toBeLessThan(9);
  const count = (name: string): number => names.split(name).length - 1;
  expect(count("b")).toBeGreaterThan(36);
  expect(count("a")).toBeGreaterThan(6);
  expect(count("c")).toBeGreaterThan(6);
});

test("a yield that falls makes room for another, and a weight is what a gain is worth", () => {
  const lanes = [laneOf("a"), laneOf("b", 1 / 4)];
  const names = order(lanes, 60, (name, portions) => ({ ms: 10, gain: name === "a" ? 1 / portions : 1 }));
  // After a few portions the first is worth less than a quarter of the other, and has no more than its share.
  expect(names).toMatch(/^aaaa?a?b/);
  expect(names.slice(30).split("a").length - 1).toBeLessThanOrEqual(10);
});

test("a third of the time is shared out, however long the portions are of what yields most", () => {
  const lanes = [laneOf("a"), laneOf("b"), laneOf("c")];
  const msOf = (name: string): number => (name === "a" ? 100 : 10);
  const names = order(lanes, 300, (name) => ({ ms: msOf(name), gain: name === "a" ? 100 : 0 }));
  const msOfLane = (name: string): number => msOf(name) * (names.split(name).length - 1);
  const [a, others] = [msOfLane("a"), msOfLane("b") + msOfLane("c")];
  expect(others / (a + others)).toBeGreaterThan(0.2);
  expect(others / (a + others)).toBeLessThan(0.4);
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
