import { existsSync } from "node:fs";
import { afterEach, expect, test, vi } from "vitest";
import { UsageError } from "../../core/usage-error.ts";
import { exampleRecord } from "../../core/testing/example-record.ts";
import { RecordKeeper } from "./record-keeper.ts";

afterEach(() => vi.restoreAllMocks());

test.skipIf(!existsSync("/dev/full"))("a full disk is told once while the run goes on, and fails it at the end", () => {
  const written = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  const keeper = new RecordKeeper("/dev/full");
  keeper.keep(exampleRecord());
  keeper.keep(exampleRecord());
  expect(written.mock.calls.map(([text]) => text)).toEqual([
    "cannot write /dev/full: the disk is full; the run goes on and tries again\n",
  ]);
  expect(() => keeper.finish(exampleRecord())).toThrow(UsageError);
});

test("without a path it keeps nothing", () => {
  expect(() => new RecordKeeper(undefined).finish(exampleRecord())).not.toThrow();
});
