import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { RunRecord } from "../../core/record.ts";
import { exampleRecord } from "../../core/testing/example-record.ts";
import { keepRecord, lastComparable, latestRecord } from "./kept-records.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "benchconv-kept-"));
  vi.spyOn(process, "cwd").mockReturnValue(folder);
  vi.stubEnv("INIT_CWD", folder);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** A record of that day, at a commit; with a control benchmark unless said otherwise. */
function run(day: number, changes: Partial<RunRecord["environment"]> = {}, isQuick = false): RunRecord {
  const record = exampleRecord();
  const environment = { ...record.environment, ...changes, startedAt: `2026-11-0${day}T10:20:30.000Z` };
  return { ...record, environment, anchors: isQuick ? [] : record.timings.slice(0, 1) };
}

const kept = (kind: string): string[] => readdirSync(join(folder, "benchconv-out/records", kind)).toSorted();

test("each run keeps its record by suite, date and commit; only the newest stay where so many are asked for", () => {
  keepRecord("my suite", run(1, { commit: "4f2a91c03b7d", hasChanges: true }), Infinity);
  keepRecord("my suite", run(2), Infinity);
  expect(kept("my-suite")).toEqual(["2026-11-01T10-20-30.000-4f2a91c03b7d+.json", "2026-11-02T10-20-30.000.json"]);
  keepRecord("my suite", run(3), 2);
  expect(kept("my-suite")).toEqual(["2026-11-02T10-20-30.000.json", "2026-11-03T10-20-30.000.json"]);
  expect(latestRecord()).toBe(join(folder, "benchconv-out/records/my-suite/2026-11-03T10-20-30.000.json"));
});

test("the last that can be compared is of this machine and has a control benchmark", () => {
  const { environment } = run(9);
  expect(() => lastComparable("alexnet", environment)).toThrow(/no record of alexnet in .* \(there is none\)$/);
  keepRecord("alexnet", run(1), Infinity);
  keepRecord("alexnet", run(2, { cpu: "another" }), Infinity);
  keepRecord("alexnet", run(3, {}, true), Infinity);
  expect(lastComparable("alexnet", environment).environment.startedAt).toBe(run(1).environment.startedAt);
  expect(() => lastComparable("alexnet", { ...environment, cpu: "a third" })).toThrow(/can be compared \(the last: /);
});
