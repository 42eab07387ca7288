import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { exampleRecord } from "./testing/example-record.ts";
import { assertWritable, writeAtomically } from "./atomic-file.ts";
import { encodeRecord, readRecord, writeRecord } from "./record-file.ts";
import { OLD_RECORD } from "./testing/old-record.ts";
import type { RunRecord } from "./record.ts";
import { UsageError } from "./usage-error.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "benchconv-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The one line that reading this text as a record gives. */
function complaint(text: string): string {
  const path = join(folder, "bad.json");
  writeFileSync(path, text);
  return lineOf(() => readRecord(path));
}

function lineOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    const message = error instanceof Error ? error.message : "";
    expect(message).not.toMatch(/[\n\r\u001b]/);
    return message;
  }
  throw new Error("nothing was thrown");
}

/** The example with one failure's numbers replaced. */
function withNumbers(got: number, expected: number, bound: number, margin: number): RunRecord {
  const record = exampleRecord();
  const checks = record.checks.map((check) =>
    check.failure === undefined ? check : { ...check, margin, failure: { ...check.failure, got, expected, bound } },
  );
  return { ...record, checks };
}

test("what was written is read back, non-finite numbers and −0 included", () => {
  const path = join(folder, "record.json");
  for (const record of [exampleRecord(), withNumbers(-0, Infinity, -Infinity, NaN), withNumbers(1e-45, 0, 5e-324, 2)]) {
    writeRecord(path, record);
    const back = readRecord(path);
    expect(back).toEqual(record);
    expect(back.checks.find(({ failure }) => failure)?.failure).toStrictEqual(
      record.checks.find(({ failure }) => failure)?.failure,
    );
  }
  expect(readdirSync(folder)).toEqual(["record.json"]);
});

test("a failure without a wrong element is a record too", () => {
  const record = exampleRecord();
  const failure = {
    descriptor: "ic1oc1_ih1kh1",
    seed: 1,
    data: "real",
    message: "the process ended",
    rerun: "npm run verify",
  };
  const checks = record.checks.map((check) => (check.failure === undefined ? check : { ...check, failure }));
  const path = join(folder, "crash.json");
  writeRecord(path, { ...record, checks });
  expect(readRecord(path)).toEqual({ ...record, checks });
});

test("a failure of a layer that is not a convolution is a record too: its outputs have other names", () => {
  const record = exampleRecord();
  const checks = record.checks.map((check) =>
    check.failure === undefined ? check : { ...check, failure: { ...check.failure, tensor: "dScale" } },
  );
  const path = join(folder, "layer.json");
  writeRecord(path, { ...record, checks });
  expect(readRecord(path)).toEqual({ ...record, checks });
});

test("a record of version 0.1 is read: its contender is the implementation", () => {
  const old = readFileSync(OLD_RECORD, "utf8");
  expect(old).toContain('"layerOf": "contender"');
  const record = readRecord(OLD_RECORD);
  const others = record.timings.filter(({ layerOf }) => layerOf !== undefined);
  expect(others.map(({ impl, layerOf }) => [impl, layerOf])).toEqual([
    ["naive", "plain-typescript"],
    ["tfjs-cpu", "implementation"],
    ["naive", "plain-typescript"],
    ["tfjs-cpu", "implementation"],
  ]);
  // Nothing else of it changes.
  expect(record).toEqual(JSON.parse(old.replaceAll('"contender"', '"implementation"')));
});

test("a name that looks like a number's string stays a name", () => {
  const path = join(folder, "record.json");
  writeRecord(path, { ...exampleRecord(), command: "NaN" });
  expect(readRecord(path).command).toBe("NaN");
});

test("what is not a record is one line that says why", () => {
  const whole = encodeRecord(exampleRecord());
  expect(complaint(whole.slice(0, whole.length >> 1))).toMatch(/bad\.json is not a record: it is not whole JSON/);
  expect(complaint("")).toMatch(/it is empty/);
  expect(complaint("\u001b[31m\n{")).toMatch(/not whole JSON/);
  for (const foreign of ["{}", "[]", "null", "3", '{"schema":"other/1"}', '{"name":"x","version":"1.0.0"}']) {
    expect(complaint(foreign)).toMatch(/is not a benchconv record: it has no "schema": "benchconv\/1"/);
  }
  expect(complaint(whole.replace("benchconv/1", "benchconv/2"))).toMatch(
    /version benchconv\/2; this benchconv reads benchconv\/1/,
  );
  expect(complaint(whole.replace('"command"', '"comand"'))).toMatch(
    /is not a valid record: the top level must have required property 'command'/,
  );
  expect(complaint(whole.replace('"passed"', '"fine"'))).toMatch(/is not a valid record: \/impls\/0\/status/);
  expect(complaint(whole.replace('"margin": "Infinity"', '"margin": "a lot"'))).toMatch(/\/margin/);
  const [first] = exampleRecord().timings;
  expect(complaint(encodeRecord({ ...exampleRecord(), timings: first ? [{ ...first, impl: "who" }] : [] }))).toMatch(
    /results of "who", which its impls do not list/,
  );
  expect(complaint(whole.replace('"schema"', '"extra": 1, "schema"'))).toMatch(/additional properties \("extra"\)/);
  expect(lineOf(() => readRecord(join(folder, "missing.json")))).toMatch(
    /cannot read the record .*missing\.json: there is no such file/,
  );
  expect(lineOf(() => readRecord(folder))).toMatch(/it is a folder/);
});

test("a byte order mark before a record does no harm", () => {
  const path = join(folder, "bom.json");
  writeFileSync(path, `\ufeff${encodeRecord(exampleRecord())}`);
  expect(readRecord(path)).toEqual(exampleRecord());
});

test("a path that cannot be written is named with the reason, and nothing is left behind", () => {
  mkdirSync(join(folder, "sub"));
  writeFileSync(join(folder, "file"), "old");
  for (const act of [assertWritable, (path: string) => writeAtomically(path, "new")]) {
    expect(lineOf(() => act(join(folder, "none", "r.json")))).toMatch(
      /cannot write .*r\.json: there is no folder .*none/,
    );
    expect(lineOf(() => act(join(folder, "sub")))).toMatch(/cannot write .*sub: it is a folder/);
    expect(lineOf(() => act(join(folder, "file", "r.json")))).toMatch(/file is not a folder/);
  }
  expect(readdirSync(folder).sort()).toEqual(["file", "sub"]);
  expect(readFileSync(join(folder, "file"), "utf8")).toBe("old");
});

test("checking that a file can be written changes nothing; writing replaces a link's target, not the link", () => {
  const target = join(folder, "target.json");
  writeFileSync(target, "old");
  assertWritable(target);
  expect(readFileSync(target, "utf8")).toBe("old");
  symlinkSync(target, join(folder, "link.json"));
  writeAtomically(join(folder, "link.json"), "new");
  expect(readFileSync(target, "utf8")).toBe("new");
  assertWritable(join(folder, "new.json"));
  expect(readdirSync(folder).sort()).toEqual(["link.json", "target.json"]);
});

test.skipIf(process.platform === "win32")("a device is written to, not replaced", () => {
  writeAtomically("/dev/null", "text");
  assertWritable("/dev/null");
  expect(statSync("/dev/null").isCharacterDevice()).toBe(true);
});

test("a record that nobody could read is not written, and the old one stays", () => {
  const path = join(folder, "record.json");
  writeRecord(path, exampleRecord());
  const { timings, ...record } = exampleRecord();
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what a plugin once brought into a record
  const workspaceBytes = "4 MiB" as unknown as number;
  const unreadable = { ...record, timings: timings.map((timing) => ({ ...timing, workspaceBytes })) };
  expect(lineOf(() => writeRecord(path, unreadable))).toMatch(
    /record\.json: nobody could read it \(the record is not a valid record: \/timings\/0\/workspaceBytes must be/,
  );
  expect(readRecord(path)).toEqual(exampleRecord());
});
