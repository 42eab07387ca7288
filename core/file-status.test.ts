import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { statusOf } from "./file-status.ts";
import { readRecord } from "./record-file.ts";
import { UsageError } from "./usage-error.ts";

const folder = mkdtempSync(join(tmpdir(), "benchconv-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const [one, other] = [join(folder, "one.json"), join(folder, "other.json")];
symlinkSync(one, other);
symlinkSync(other, one);
const LONG = join(folder, "x".repeat(5000));

test("links that lead to each other, and a path that is too long, are one line", () => {
  expect(() => statusOf(one)).toThrow(new UsageError(`cannot look at ${one}: its symbolic links lead to each other`));
  expect(() => statusOf(LONG)).toThrow(/^cannot look at .{1,110}…: the path is too long$/);
  expect(() => readRecord(one)).toThrow("its symbolic links lead to each other");
  expect(() => readRecord(LONG)).toThrow("the path is too long");
});

test("where nothing is there, nothing is found", () => {
  const file = join(folder, "file");
  writeFileSync(file, "");
  expect(statusOf(join(folder, "none"))).toBeUndefined();
  expect(statusOf(join(file, "below"))).toBeUndefined();
  expect(statusOf(file)?.isFile()).toBe(true);
});

test.skipIf(process.platform === "win32")("a pipe or a device is no record, and nobody waits for it", () => {
  const pipe = join(folder, "pipe");
  execFileSync("/bin/sh", ["-c", 'mkfifo "$0"', pipe]);
  for (const path of [pipe, "/dev/zero"])
    expect(() => readRecord(path)).toThrow(`cannot read the record ${path}: it is a pipe or a device`);
});
