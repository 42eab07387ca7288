import { expect, test } from "vitest";
import { exampleRecord } from "../core/testing/example-record.ts";
import { renderBadge } from "./badge.ts";

test("a badge says what the checks come to, and never that something passes that was not checked", () => {
  const record = exampleRecord();
  const of = (...names: readonly string[]): string =>
    renderBadge({
      ...record,
      timings: [],
      impls: record.impls.filter(({ name }) => names.includes(name)),
      checks: record.checks.filter(({ impl }) => names.includes(impl)),
    });
  expect(renderBadge(record)).toMatch(/"message": "2 of 6 implementations fail",\n {2}"color": "red"/);
  expect(of("naive")).toMatch(
    /"schemaVersion": 1,.*"passes all checks \([\d,]+ cases\)",\n {2}"color": "brightgreen"/s,
  );
  expect(of("tfjs-node")).toMatch(/"nothing was checked",\n {2}"color": "lightgrey"/);
});
