import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeRecord } from "../harness/record-file.ts";
import { exampleRecord } from "../reports/example-record.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "benchconv-report-"));
  writeRecord(join(folder, "r.json"), exampleRecord());
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the command as `npm run` does, typed in the folder. */
function report(...args: string[]) {
  const env = { ...process.env, INIT_CWD: folder, npm_lifecycle_event: "report", npm_package_name: "benchconv" };
  const script = join(import.meta.dirname, "report.ts");
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { env, encoding: "utf8" });
  return { status, stdout, stderr };
}

test("the page where it was asked for, the tables on stdout", () => {
  const { status, stdout, stderr } = report("r.json", "--html", "p.html");
  expect({ status, stderr }).toEqual({ status: 0, stderr: `wrote ${join(folder, "p.html")}\n` });
  expect(stdout).toMatch(/onnxruntime is fastest/);
  expect(readFileSync(join(folder, "p.html"), "utf8")).toMatch(/^<!doctype html>/);
});

test("--markdown - writes Markdown to stdout and nothing else, and no page", () => {
  const { status, stdout, stderr } = report("r.json", "--markdown", "-");
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toMatch(/^\*\*onnxruntime is fastest/);
});

test("bad input is one line on stderr and status 2, and leaves nothing behind", () => {
  writeFileSync(join(folder, "foreign.json"), "{}");
  const calls: readonly [string[], RegExp][] = [
    [[], /a record is missing/],
    [["r.json", "r.json"], /one record at a time, got 2/],
    [["none.json"], /there is no such file/],
    [["foreign.json"], /is not a benchconv record/],
    [["r.json", "--htm", "x"], /no option --htm; did you mean --html\?/],
    [["r.json", "--html"], /--html needs a value/],
    [["r.json", "--html", "q.html", "--markdown", "none/q.md"], /cannot write .*there is no folder/],
  ];
  for (const [args, message] of calls) {
    const { status, stdout, stderr } = report(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd()).not.toContain("\n");
  }
  expect(existsSync(join(folder, "q.html"))).toBe(false);
});

test("--help", () => {
  const { status, stdout } = report("--help");
  expect(status).toBe(0);
  expect(stdout).toMatch(/npm run report -- RECORD.*--html FILE.*--markdown FILE/s);
});
