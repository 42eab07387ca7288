import { expect, test } from "vitest";
import { parseDescriptor } from "../../core/descriptor.ts";
import type { Verdict } from "../../core/verdict.ts";
import type { ConvCase } from "../../suites/laws/law.ts";
import type { Outcome } from "./outcome.ts";
import { add, emptyTally, entryOf, expectedMs, leaveOut, missingMs, withRate, type Tally } from "./tally.ts";

const CASE: ConvCase = { problem: caseProblem("ic1ih3oc1kh3"), pass: "forward", data: "real", seed: 1 };
const VERDICT: Verdict = { margin: 0.5, elements: 4, tellingElements: 3 };
const ABOUT = { impl: "mine", law: "agreement", pass: "forward", isInterrupted: false } as const;

function caseProblem(descriptor: string): ConvCase["problem"] {
  return parseDescriptor(descriptor, false).problem;
}

function passed(convCase: ConvCase = CASE, verdict: Verdict = VERDICT): Outcome {
  return { kind: "passed", convCase, verdict, cost: { multiplyAdds: 9, ms: 1 } };
}

function tallyOf(...outcomes: readonly Outcome[]): Tally {
  return outcomes.reduce(add, emptyTally);
}

const NO_COST = { multiplyAdds: 0, ms: 0 };

test("cases, distinct problems, multiply-adds and the largest margin are those of the outcomes", () => {
  const other = { ...CASE, problem: caseProblem("ic1ih4oc1kh3") };
  const tally = tallyOf(passed(), passed(CASE, { ...VERDICT, margin: 0.9 }), passed(other));
  expect(entryOf(tally, ABOUT)).toEqual({
    impl: "mine",
    law: "agreement",
    pass: "forward",
    status: "passed",
    cases: 3,
    problems: 2,
    multiplyAdds: 27,
    margin: 0.9,
  });
});

test("a tally is a value: adding to it leaves it as it was", () => {
  const before = tallyOf(passed(), { kind: "unsupported", convCase: CASE, reason: "no", cost: NO_COST });
  const entry = entryOf(before, ABOUT);
  add(add(before, passed()), { kind: "unsupported", convCase: CASE, reason: "no", cost: NO_COST });
  leaveOut(before, { problem: CASE.problem, why: "time", callMs: 1 });
  expect(entryOf(before, ABOUT)).toEqual(entry);
  expect(emptyTally.cases).toBe(0);
});

test("the most frequent reason tells why cases were declined, with how many were", () => {
  const declined = (reason: string): Outcome => ({ kind: "unsupported", convCase: CASE, reason, cost: NO_COST });
  const all = tallyOf(declined("groups"), declined("dilation"), declined("dilation"));
  expect(entryOf(all, ABOUT)).toMatchObject({ status: "unsupported", reason: "dilation", cases: 0, margin: null });
  const some = entryOf(add(all, passed()), ABOUT);
  expect(some).toMatchObject({ status: "passed", reason: "3 cases unsupported: dilation", cases: 1 });
});

test.each<readonly [string, Outcome, object]>([
  [
    "a known defect alone",
    { kind: "known-defect", convCase: CASE, id: "d", reason: "", cost: NO_COST },
    { status: "known-defect", reason: "1 cases set aside: known defect d" },
  ],
  [
    "a law that does not speak",
    { kind: "inapplicable", convCase: CASE },
    { status: "unsupported", reason: "the law does not speak of these problems and data" },
  ],
  [
    "a check that costs too much",
    { kind: "too-large", convCase: CASE, reason: "too much" },
    { status: "unsupported", reason: "too much" },
  ],
  [
    "nothing but zeros",
    passed(CASE, { ...VERDICT, tellingElements: 0 }),
    { status: "mistrusted", reason: "every expected value was zero: nothing was really checked" },
  ],
  [
    "a run that was stopped",
    { kind: "stopped", convCase: CASE, reason: "", cost: NO_COST },
    { status: "mistrusted", reason: "no case ran within the time", cases: 0 },
  ],
])("%s", (_what, outcome, entry) => {
  expect(entryOf(tallyOf(outcome), ABOUT)).toMatchObject(entry);
});

test("a failure has its own status and reason, beside the figures of all cases", () => {
  const crashed: Outcome = { kind: "crashed", convCase: CASE, reason: "it died", cost: NO_COST };
  const failure = { descriptor: "d", seed: 1, data: "real", message: "it died", rerun: "again" };
  const entry = entryOf(tallyOf(passed(), crashed), {
    ...ABOUT,
    failed: { status: "crashed", reason: "it died", failure },
  });
  expect(entry).toMatchObject({ status: "crashed", reason: "it died", cases: 2, margin: 0.5, failure });
});

test("the error of real data alone makes the rounding ratio, from a thousand elements on", () => {
  const rounding = { sumOfSquares: 9000, elements: 1000 };
  const exact = passed({ ...CASE, data: "dense-exact" }, { ...VERDICT, rounding });
  expect(entryOf(tallyOf(exact), ABOUT).roundingRatio).toBeUndefined();
  const entry = entryOf(tallyOf(exact, passed(CASE, { ...VERDICT, rounding })), ABOUT);
  expect(entry.roundingRatio).toBe(3);
  expect(entry.reason).toMatch(/^imprecise: the root-mean-square error is 3\.0 times/);
});

test("the time that a case takes is expected from the best rate; what was left out for time is missing", () => {
  const { problem } = CASE;
  const fast = withRate(withRate(emptyTally, { multiplyAdds: 1e6, ms: 1 }), { multiplyAdds: 1e6, ms: 10 });
  const moving = expectedMs(emptyTally, problem, "forward");
  expect(expectedMs(fast, problem, "forward") - moving).toBeCloseTo(18e-6, 9);
  // A small run tells nothing of the rate.
  expect(withRate(emptyTally, { multiplyAdds: 100, ms: 1 })).toBe(emptyTally);
  const named = (name: string): ConvCase["problem"] => ({ ...problem, batch: 8, name });
  const left = [
    { problem: named("a"), why: "time", callMs: 30 },
    { problem: named("b"), why: "images", images: 1, isForTime: true },
    { problem: named("c"), why: "images", images: 1, isForTime: false },
    { problem: named("d"), why: "memory", neededBytes: 2 ** 30 },
  ] as const;
  const tally = left.reduce(leaveOut, tallyOf(passed()));
  expect(missingMs(tally, "forward")).toBe(2 * expectedMs(tally, named("a"), "forward"));
  expect(entryOf(tally, ABOUT)).toMatchObject({
    leftOut: ["a"],
    fewerImages: ["b (1 of 8)", "c (1 of 8)"],
    reason:
      "checked with fewer images: b (1 of 8), c (1 of 8); skipped for lack of time: a (up to about 0.0 s a call); " +
      "skipped for lack of memory: d (up to about 1.0 GiB)",
  });
});

test("of many problems that were left out a sentence names a few, and the record a hundred with their number", () => {
  const many = Array.from({ length: 1234 }, (_, index) => ({ ...CASE.problem, name: `n${index}` }));
  const tally = many.reduce<Tally>(
    (before, problem) => leaveOut(before, { problem, why: "time", callMs: 30 }),
    tallyOf(passed()),
  );
  const { reason, leftOut, leftOutCount } = entryOf(tally, ABOUT);
  expect(reason).toBe(
    "skipped for lack of time: n0, n1, n2, n3, n4, n5, n6, n7 and 1,226 more (up to about 0.0 s a call)",
  );
  expect([leftOut?.length, leftOut?.at(-1), leftOutCount]).toEqual([100, "n99", 1234]);
  const few = entryOf(
    many.slice(0, 9).reduce<Tally>((all, problem) => leaveOut(all, { problem, why: "time", callMs: 0 }), emptyTally),
    ABOUT,
  );
  expect(few.leftOutCount).toBeUndefined();
  expect(few.reason).toContain("n7, n8 (up to");
});

const WIDE: Verdict = { margin: 1e-9, elements: 4, tellingElements: 0, wideElements: 4 };
const NOTHING: Verdict = { margin: 0, elements: 4, tellingElements: 0 };

test.each<readonly [string, string, readonly Verdict[], string, RegExp | undefined]>([
  ["agreement, evidence in more cases than not", "agreement", [VERDICT, VERDICT, WIDE], "passed", undefined],
  [
    "agreement, evidence in as many cases as not",
    "agreement",
    [VERDICT, WIDE],
    "mistrusted",
    /^bounds too wide to tell: in 1 of 2 cases/,
  ],
  ["agreement, of zeros alone", "agreement", [NOTHING, NOTHING], "mistrusted", /^every expected value was zero/],
  ["another law, some evidence", "adjoint", [VERDICT, WIDE, WIDE], "passed", undefined],
  ["another law, no evidence", "adjoint", [WIDE, NOTHING], "unsupported", /^bounds too wide to tell: in 1 of 1 case /],
  ["another law, of zeros alone", "adjoint", [NOTHING], "unsupported", /^every expected value was zero/],
])("%s", (_, law, verdicts, status, reason) => {
  const entry = entryOf(tallyOf(...verdicts.map((verdict) => passed(CASE, verdict))), { ...ABOUT, law });
  expect(entry.status).toBe(status);
  if (reason === undefined) expect(entry.reason).toBeUndefined();
  else expect(entry.reason).toMatch(reason);
});
