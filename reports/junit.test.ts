import { expect, test } from "vitest";
import type { CheckEntry, RunRecord } from "../core/record.ts";
import { exampleRecord } from "../core/testing/example-record.ts";
import { renderJunit } from "./junit.ts";

const EXAMPLE = exampleRecord();

function withChecks(checks: readonly CheckEntry[]): RunRecord {
  const [impl] = EXAMPLE.impls;
  if (impl === undefined) throw new Error("the example has an implementation");
  return { ...EXAMPLE, impls: [{ ...impl, name: "a<b" }], checks, comparisons: [] };
}

test("a check is a test case: passed, a failure with its rerun, an error, or skipped", () => {
  const check = { impl: "a<b", law: "agreement", cases: 3, margin: null } as const;
  const failure = {
    descriptor: 'mb1ic1ih3oc1kh1_n"x"',
    seed: 7,
    data: "real",
    message: 'y[0] is 1 & not "2"',
    rerun: "npx benchconv verify --impl ./a.mjs",
  };
  const xml = renderJunit(
    withChecks([
      { ...check, pass: "forward", status: "failed", failure },
      { ...check, pass: "backwardData", status: "crashed", reason: "the process was ended by SIGSEGV" },
      { ...check, pass: "backwardWeights", status: "unsupported", reason: "it has no \u0007backwardWeights" },
      { ...check, law: "adjoint", pass: "forward", status: "passed" },
    ]),
  );
  expect(xml).toContain('<testsuite name="a&lt;b" tests="4" failures="1" errors="1" skipped="1">');
  expect(xml).toContain(
    '<failure message="y[0] is 1 &amp; not &quot;2&quot;">problem mb1ic1ih3oc1kh1_n&quot;x&quot;\n',
  );
  expect(xml).toContain("rerun npx benchconv verify --impl ./a.mjs</failure>");
  expect(xml).toContain('<error message="crashed: the process was ended by SIGSEGV"/>');
  expect(xml).toContain('<skipped message="unsupported: it has no \\u{7}backwardWeights"/>');
  expect(xml).toContain('<testcase classname="a&lt;b" name="adjoint forward"/>');
});

test("a cell that is slower than before fails", () => {
  const [comparison] = EXAMPLE.comparisons ?? [];
  if (comparison === undefined) throw new Error("the example has a comparison");
  const of = (verdict: "slower" | "same"): string =>
    renderJunit({ ...EXAMPLE, checks: [], comparisons: [{ ...comparison, verdict }] });
  expect(of("slower")).toContain('failures="1"');
  expect(of("same")).not.toContain("<failure");
});
