import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeRecord } from "../core/record-file.ts";
import type { RunRecord } from "../core/record.ts";
import { UsageError } from "../core/usage-error.ts";
import { exampleRecord } from "../core/testing/example-record.ts";
import { parseOptions } from "./cli/options.ts";
import { comparing, draw } from "./report/drawing.ts";
import { filesOf, KINDS, kindOnStdout } from "./report/outputs.ts";
import { sourceOf } from "./report/sources.ts";

const SCRIPT = join(import.meta.dirname, "report.ts");

/** The options with a value, and --force. */
const VALUES = {
  ...Object.fromEntries([...KINDS, "threshold"].map((name) => [name, { value: "X", help: "" }])),
  force: { help: "" },
};

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "benchconv-report-"));
  writeRecord(join(folder, "r.json"), exampleRecord());
  writeRecord(join(folder, "later.json"), later({}));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The example a day later: fft's times multiplied by a factor, and no comparisons of its own run. */
function later(changes: { readonly fft?: number; readonly cpu?: string }): RunRecord {
  const { fft = 1, cpu } = changes;
  const { comparisons: _, ...record } = exampleRecord();
  const { environment } = record;
  return {
    ...record,
    environment: { ...environment, startedAt: "2026-11-21T09:30:00.000Z", cpu: cpu ?? environment.cpu },
    timings: record.timings.map((timing) =>
      timing.impl !== "fft" || timing.medianMs === null
        ? timing
        : {
            ...timing,
            medianMs: fft * timing.medianMs,
            launches: timing.launches.map((launch) => ({
              ...launch,
              samplesMs: launch.samplesMs.map((ms) => fft * ms),
            })),
          },
    ),
  };
}

/** How `npm run` starts the command when it is typed in the folder. */
function environmentOf(typedIn: string): NodeJS.ProcessEnv {
  return { ...process.env, INIT_CWD: typedIn, npm_lifecycle_event: "report", npm_package_name: "benchconv" };
}

function report(...args: string[]) {
  const options = { env: environmentOf(folder), encoding: "utf8" } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, ...args], options);
  return { status, stdout, stderr };
}

test("the tables on stdout, and every file where it was asked for", () => {
  const files = { html: "p.html", csv: "p.csv", markdown: "p.md" };
  const { status, stdout, stderr } = report(
    "r.json",
    ...Object.entries(files).flatMap(([kind, file]) => [`--${kind}`, file]),
  );
  expect(status).toBe(0);
  expect(stderr.trimEnd().split("\n").sort()).toEqual(
    Object.values(files)
      .map((file) => `wrote ${join(folder, file)}`)
      .sort(),
  );
  expect(stdout).toMatch(/onnxruntime is fastest/);
  const text = (file: string): string => readFileSync(join(folder, file), "utf8");
  expect(text(files.html)).toMatch(/^<!doctype html>/);
  expect(text(files.markdown)).toMatch(/^\*\*onnxruntime is fastest/);
  expect(text(files.csv)).toMatch(/^startedAt,impl,/);
});

test("- writes to stdout and nothing else, and no page", () => {
  const { status, stdout, stderr } = report("r.json", "--markdown", "-");
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toMatch(/^\*\*onnxruntime is fastest/);
});

test("two records: the newer against the older in either order, exit 3 on slower", () => {
  writeRecord(join(folder, "slower.json"), later({ fft: 1.5 }));
  const { status, stdout } = report("slower.json", "r.json", "--csv", "pair.csv");
  expect(status).toBe(3);
  expect(stdout).toMatch(/^fft against the earlier record: .*\n\n.*\nconv1 {2}slower +\+50 %/m);
  expect(stdout).toMatch(/^naive against the earlier record: .*\n\n.*\nconv1 {2}same /m);
});

test("records of different machines only with --force", () => {
  writeRecord(join(folder, "other.json"), later({ cpu: "Another processor" }));
  const pair = sourceOf(["r.json", "other.json"].map((name) => join(folder, name)));
  const forced = (force: boolean) => draw(pair, { threshold: 0.025, force });
  expect(() => forced(false)).toThrow(/another machine: cpu .*Another processor.*--force/);
  expect(forced(true).drawing?.record.environment.cpu).toBe("Another processor");
});

test("of two records the newer keeps the comparisons of its own rounds, and those with another are new", () => {
  const { comparisons = [] } = exampleRecord();
  const [own] = comparisons;
  if (own === undefined) throw new Error("the example compares nothing");
  const old = { ...own, method: "anchor", reason: "with another record" } as const;
  writeRecord(join(folder, "compared.json"), { ...later({}), comparisons: [own, old] });
  const pair = sourceOf(["r.json", "compared.json"].map((name) => join(folder, name)));
  const found = draw(pair, { threshold: 0.025, force: false }).drawing?.record.comparisons ?? [];
  expect(found).toContainEqual(own);
  expect(found).not.toContainEqual(old);
  expect(found.some(({ impl, method }) => impl === "fft" && method === "anchor")).toBe(true);
});

test("a folder is a history; what is no record is said and skipped", () => {
  const history = join(folder, "history");
  mkdirSync(history);
  writeRecord(join(history, "b.json"), exampleRecord());
  writeRecord(join(history, "a.json"), later({ fft: 2 }));
  writeFileSync(join(history, "notes.json"), "{}");
  writeFileSync(join(history, "readme.txt"), "no record");
  const { status, stdout, stderr } = report("history", "--csv", "history.csv");
  expect(status).toBe(0);
  expect(stderr).toBe(
    `skipped: ${join(history, "notes.json")} is not a benchconv record: it has no "schema": "benchconv/1"\n` +
      `wrote ${join(folder, "history.csv")}\n`,
  );
  expect(stdout).toMatch(/^history: alexnet.*\n\n.*\n(.*\n)*fft +2 .* \+100 %$/m);
  const rows = readFileSync(join(folder, "history.csv"), "utf8").split("\r\n").slice(1, -1);
  expect([rows[0], rows.at(-1)].map((row) => row?.slice(0, 10))).toEqual(["2026-11-20", "2026-11-21"]);
});

test("bad input is one line on stderr and status 2, and leaves nothing behind", () => {
  const calls: readonly [string[], RegExp][] = [
    [[], /a record is missing/],
    [["r.json", "--html", "q.html", "--markdown", "none/q.md"], /cannot write .*there is no folder/],
    [["none/r.json", "--serve"], /cannot wait for .*there is no folder/],
  ];
  for (const [args, message] of calls) {
    const { status, stdout, stderr } = report(...args);
    expect({ args, status, stdout }).toEqual({ args, status: 2, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd()).not.toContain("\n");
  }
  expect(existsSync(join(folder, "q.html"))).toBe(false);
});

test.skipIf(!existsSync("/dev/full"))("a full disk is one message and status 2, and the other files are whole", () => {
  const { status, stdout, stderr } = report("r.json", "--markdown", "/dev/full", "--csv", "full.csv");
  expect(status).toBe(2);
  expect(stdout).toContain("onnxruntime is fastest");
  expect(stderr).toBe(`wrote ${join(folder, "full.csv")}\nbenchconv: cannot write /dev/full: the disk is full\n`);
  expect(readFileSync(join(folder, "full.csv"), "utf8").endsWith("\r\n")).toBe(true);
});

/** What a call with these arguments says against them; nothing is written. */
function complaint(...args: string[]): string {
  try {
    const parsed = parseOptions({ options: VALUES, takesWords: true }, args);
    const source = sourceOf(parsed.words.map((path) => join(folder, path)));
    comparing(parsed, source);
    kindOnStdout(parsed);
    filesOf(parsed, source);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return error instanceof Error ? error.message : "";
  }
  return "";
}

test("what cannot be meant is said", () => {
  mkdirSync(join(folder, "empty"));
  const page = join(folder, "page");
  expect(complaint("r.json", "--csv", page, "--html", join(page, "../other"))).toBe("");
  expect(complaint("r.json", "r.json", "r.json")).toMatch(/one record, two side by side, or a folder.*got 3 files/);
  expect(complaint("r.json", "empty")).toMatch(/got .*empty, a folder, among 2/);
  expect(complaint("r.json", "--html", page, "--csv", page)).toMatch(/--html and --csv name the same file: .*page/);
  expect(complaint("r.json", "--csv", "-", "--markdown", "-")).toMatch(/--markdown and --csv both ask for stdout/);
  for (const source of ["r.json", "."])
    expect(complaint(source, "--csv", join(folder, "r.json"))).toMatch(/--csv would overwrite the record .*r\.json/);
  expect(complaint("r.json", "--force")).toBe("--force goes with two records");
  expect(complaint("r.json", "--threshold", "5")).toBe("--threshold goes with two records");
  expect(complaint("r.json", "later.json", "--threshold", "x")).toMatch(/--threshold must be a number from 0 to 1000/);
});

test("--serve shows a record as it is written, and Ctrl-C ends it with 130", async () => {
  const args = [SCRIPT, "served.json", "--serve"];
  const child = spawn(process.execPath, args, { env: environmentOf(folder), stdio: ["ignore", "pipe", "ignore"] });
  try {
    const printed: readonly unknown[] = await once(child.stdout.setEncoding("utf8"), "data");
    const [line] = printed;
    if (typeof line !== "string") throw new TypeError("no line");
    expect(line).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\n$/);
    const page = async (): Promise<string> => (await fetch(line.trim())).text();
    expect(await page()).toContain("Waiting for the first cell.");
    writeRecord(join(folder, "served.json"), exampleRecord());
    expect(await page()).toContain("onnxruntime is fastest");
    writeFileSync(join(folder, "served.json"), "{");
    expect(await page()).toContain("it is not whole JSON");
  } finally {
    child.kill("SIGINT");
  }
  const ended: readonly unknown[] = await once(child, "exit");
  expect(ended[0]).toBe(130);
});

test("--help", () => {
  const { status, stdout } = report("--help");
  expect(status).toBe(0);
  expect(stdout).toMatch(/npm run report -- RECORD.*--html FILE.*--markdown FILE.*--serve/s);
});
