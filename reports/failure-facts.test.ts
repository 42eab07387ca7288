import { expect, test } from "vitest";
import type { CheckEntry, RunRecord } from "../core/record.ts";
import { extentOf, failureTitle } from "./failure-facts.ts";

function extent(...checks: readonly Partial<CheckEntry>[]): readonly string[] {
  const base: CheckEntry = {
    impl: "mine",
    law: "agreement",
    pass: "forward",
    status: "passed",
    cases: 2,
    problems: 1,
    multiplyAdds: 1e9,
    margin: 0.5,
  };
  return extentOf({ checks: checks.map((check) => ({ ...base, ...check })) } satisfies Pick<RunRecord, "checks">);
}

test("problems that were left out are named once for all passes and implementations that share them", () => {
  expect(extent({ leftOut: ["b", "a"] }, { pass: "backwardData", leftOut: ["a"] }, { impl: "other" })).toEqual([
    "Checked 6 cases, 3 problems, 3.00 G multiply-adds.",
    "Left out in some pass for lack of time, more --time takes them: mine (a, b).",
  ]);
});

test("of many the first few are named, and the others counted, those that the record does not name too", () => {
  const names = Array.from({ length: 100 }, (_, index) => `layer ${String(index).padStart(2, "0")}`);
  const first = names.slice(0, 8).join(", ");
  const told = (check: Partial<CheckEntry>) => extent(check, { pass: "backwardData", leftOut: ["layer 00"] })[1];
  expect(told({ leftOut: names })).toBe(
    `Left out in some pass for lack of time, more --time takes them: mine (${first} and 92 more).`,
  );
  expect(told({ leftOut: names, leftOutCount: 8431 })).toMatch(/layer 07 and 8,423 more\)\.$/);
  expect(told({ fewerImages: names.map((name) => `${name} (1 of 2)`) })).toBe(
    `Checked on some images of the batch in some pass, more --time takes them whole: mine (${first} and 92 more).`,
  );
});

test("a failure's first line is what leads to the mistake: its name, or the conditions under which it shows", () => {
  const wrong = {
    descriptor: "ic1oc1ih1oh1kh1",
    seed: 1,
    data: "real",
    message: "y[0] is 1; 2 was expected",
    rerun: "",
  };
  const title = (more: object): string =>
    failureTitle({ impl: "mine", pass: "forward", law: "agreement", failure: { ...wrong, ...more }, alsoBroken: [] });
  const cause = "groups ≥ 2 and a bias: all 33 tried with both fail, either alone holds (all 16 tried)";
  expect(title({})).toBe("mine forward, law agreement: y[0] is 1; 2 was expected");
  expect(title({ cause })).toBe("mine forward: fails with groups ≥ 2 and a bias: y[0] is 1; 2 was expected");
  expect(title({ cause, mistake: "the kernel is flipped" })).toBe("mine forward: the kernel is flipped");
});
