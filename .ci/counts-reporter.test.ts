import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";

const vitest = fileURLToPath(new URL("../node_modules/vitest/vitest.mjs", import.meta.url));
const reporter = new URL("./counts-reporter.ts", import.meta.url).href;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "benchconv-counts-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Runs vitest on the given files and returns the last line of stdout and the exit status. */
function run(files: Readonly<Record<string, string>>): {
  readonly lastLine: string | undefined;
  readonly status: number | null;
} {
  writeFileSync(
    join(folder, "vitest.config.mjs"),
    `import { CountsReporter } from ${JSON.stringify(reporter)};
    export default { test: { globals: true, include: ["*.test.mjs"], reporters: ["default", new CountsReporter()] } };`,
  );
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const { stdout, status } = spawnSync(process.execPath, [vitest, "run"], { cwd: folder, encoding: "utf8" });
  return { lastLine: stdout.trimEnd().split("\n").at(-1), status };
}

test("a clean run", () => {
  const files = { "a.test.mjs": `test("one", () => {}); describe("d", () => test("two", () => {}));` };
  expect(run(files)).toEqual({ lastLine: "2 passed, 0 failed", status: 0 });
});

test("one each: a failed test, a skipped one, a file that does not load, a failing hook, a stray rejection", () => {
  const files = {
    "a.test.mjs": `test("one", () => {}); test("two", () => expect(1).toBe(2));
test.skip("three", () => {}); test.todo("four");`,
    "b.test.mjs": `import "./absent.mjs"; test("never seen", () => {});`,
    "c.test.mjs": `describe("d", () => { afterAll(() => { throw new Error("hook"); }); test("ran", () => {}); });`,
    "d.test.mjs": `test("ran", async () => {
  Promise.reject(new Error("stray"));
  await new Promise((done) => setTimeout(done, 20));
});`,
  };
  expect(run(files)).toEqual({ lastLine: "3 passed, 4 failed, 2 skipped", status: 1 });
});

test("a run without a test file is a failure", () => {
  expect(run({})).toEqual({ lastLine: "0 passed, 1 failed", status: 1 });
});
