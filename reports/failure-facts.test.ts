import { expect, test } from "vitest";
import type { CheckEntry, RunRecord } from "../core/record.ts";
import { extentOf } from "./failure-facts.ts";

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
