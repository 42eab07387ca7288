import { expect, test } from "vitest";
import type { CheckEntry, ImplEntry, Status } from "../core/record.ts";
import { EXPECTED_FAILURES } from "../suites/expected-failures/index.ts";
import { hasFailed, withVerdict } from "./verdicts.ts";

const described = {
  name: "mine",
  algorithm: "direct",
  precision: "float32",
  arithmetic: "ieee",
  passes: ["forward"],
} as const;
const here = { isNamed: true, description: described };
const absent = (isNamed: boolean) => ({ isNamed, description: { ...described, unavailable: "no such library" } });
const GOOD: readonly Status[] = ["passed", "unsupported", "unavailable", "known-defect"];
const BAD: readonly Status[] = ["failed", "crashed", "timed-out", "mistrusted"];

test("a run fails by one bad entry, or by an implementation that was named and is not here", () => {
  const entries = (statuses: readonly Status[]) => statuses.map((status) => ({ status }));
  expect(hasFailed([here], entries(GOOD))).toBe(false);
  for (const status of BAD) expect(hasFailed([here], entries([...GOOD, status]))).toBe(true);
  expect(hasFailed([here, absent(false)], entries(GOOD))).toBe(false);
  expect(hasFailed([here, absent(true)], entries(GOOD))).toBe(true);
});

test("an implementation's status is its worst check's", () => {
  const entry: ImplEntry = { name: "mine", algorithm: "direct", status: "passed" };
  const after = (...statuses: readonly Status[]): ImplEntry =>
    withVerdict(
      entry,
      statuses.map((status): CheckEntry => ({
        impl: "mine",
        law: EXPECTED_FAILURES[0]!.id,
        pass: "forward",
        status,
        reason: `it ${status}`,
        cases: 1,
        margin: null,
      })),
    );
  expect(after()).toEqual(entry);
  expect(after("passed", "unsupported")).toEqual(entry);
  expect(after("unsupported", "unsupported").status).toBe("unsupported");
  expect(after("passed", "known-defect")).toMatchObject({
    status: "known-defect",
    reason: `known defects: ${EXPECTED_FAILURES[0]!.id}`,
  });
  expect(after("known-defect", "crashed", "failed")).toMatchObject({ status: "crashed", reason: "it crashed" });
  const other: CheckEntry = { impl: "other", law: "agreement", pass: "forward", status: "failed", cases: 1, margin: 2 };
  expect(withVerdict(entry, [other])).toEqual(entry);
});
