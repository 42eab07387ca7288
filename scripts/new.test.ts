import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { hasProgram } from "../harness/runner/testing/has-program.ts";
import { LANGUAGES } from "./new/languages.ts";
import { runCommand, shellWords } from "./testing/run-command.ts";

const folder = mkdtempSync(join(tmpdir(), "benchconv-new-"));
// As installed beside it, for its types.
mkdirSync(join(folder, "node_modules"));
symlinkSync(join(import.meta.dirname, ".."), join(folder, "node_modules/benchconv"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Why a kernel in a language cannot be tried on this machine. */
function missingFor(language: string): string | undefined {
  const has = {
    c: () => hasProgram("cc"),
    cpp: () => hasProgram("c++"),
    rust: () => hasProgram("rustc"),
    zig: () => spawnSync("zig", ["version"]).status === 0,
    wasm: () => hasProgram("clang") && hasProgram("wasm-ld"),
    python: () => spawnSync("python3", ["-c", "import numpy"]).status === 0,
  };
  const isThere = new Map(Object.entries(has)).get(language)?.() ?? true;
  return isThere ? undefined : `the tools for ${language} are not on this machine`;
}

test.for(LANGUAGES)("a new kernel in $name is right", async ({ name, file, build, selector }, { skip }) => {
  const kernel = `new-${name}`;
  const cwd = join(folder, kernel);
  const made = await runCommand("new", [kernel, "--lang", name], folder);
  expect(made.status).toBe(0);
  expect(made.stdout).toContain(`cd ${kernel}\n`);
  expect(readFileSync(join(cwd, file), "utf8")).not.toContain("example-");
  expect(readFileSync(join(cwd, "README.md"), "utf8")).toContain("verify");
  const missing = missingFor(name);
  if (missing !== undefined) return skip(missing);
  if (build !== undefined) {
    const [program = "", ...args] = shellWords(build.command);
    const { status, stderr } = spawnSync(program, args, { cwd, encoding: "utf8" });
    expect({ status, stderr }).toMatchObject({ status: 0 });
  }
  const { status, stdout } = await runCommand(
    "verify",
    ["--impl", selector, "--law", "agreement", "--cases", "3", "--threads", "1"],
    cwd,
  );
  if (stdout.includes("unavailable")) return skip(stdout);
  expect(stdout).toContain("passes all checks.");
  return expect(status).toBe(0);
});

test("a wrong call is one line and makes nothing", async () => {
  for (const [args, message] of [
    [[], "one name is needed: npm run new -- my-conv --lang c"],
    [["My Conv"], 'a name is in kebab-case, such as my-conv; got "My Conv"'],
    [["k", "--lang", "rusty"], 'there is no language "rusty"; did you mean rust?'],
  ] as const) {
    expect(await runCommand("new", args, folder)).toEqual({ status: 2, stdout: "", stderr: `benchconv: ${message}\n` });
  }
  expect(existsSync(join(folder, "k"))).toBe(false);
});
