import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { findImplementations } from "./discovery.ts";

let cache = "";
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), "benchconv-libraries-"));
  vi.stubEnv("XDG_CACHE_HOME", cache);
  vi.stubEnv("PATH", `${cache}${delimiter}${process.env["PATH"]}`);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true, force: true });
});

/** An npm that runs a line of shell, where there is a shell. */
function npmIs(line: string): void {
  writeFileSync(join(cache, "npm"), `#!/bin/sh\n${line}\n`);
  chmodSync(join(cache, "npm"), 0o755);
}

const complaint = (selector: string): Promise<string> =>
  findImplementations([selector]).then(
    () => "none",
    (error: unknown) => (error instanceof Error ? error.message : ""),
  );

test("a name with a version is no name of ours, or no whole version: one line says so", async () => {
  expect(await complaint("naive@1.2.3")).toMatch(/^naive@1\.2\.3: there are versions of onnxruntime, .*, of no other/);
  expect(await complaint("onnxruntime@latest")).toMatch(/"latest" is no whole version, such as onnxruntime@1\.22\.0$/);
});

test.skipIf(process.platform === "win32")("what npm cannot install is told in a line, and leaves nothing", async () => {
  const what = "onnxruntime-web@9.9.9";
  const said: readonly (readonly [code: string, message: RegExp])[] = [
    ["ENOTFOUND", /^cannot install onnxruntime-web@9\.9\.9: npm does not reach its registry \(ENOTFOUND\); .* once$/],
    ["ETARGET", /^there is no onnxruntime-web@9\.9\.9: npm's registry has no such version$/],
    ["EOTHER\\nnpm error the disk is full", /^cannot install onnxruntime-web@9\.9\.9: the disk is full$/],
  ];
  for (const [code, message] of said) {
    npmIs(`printf 'npm error code ${code}\\n' >&2; exit 1`);
    expect(await complaint(what)).toMatch(message);
  }
  // It is tried anew, and what comes is another version.
  npmIs(`mkdir -p node_modules/onnxruntime-web && cd node_modules/onnxruntime-web && echo 'exports.env = {}' > index.js &&
    echo '{"name":"onnxruntime-web","version":"9.9.8"}' > package.json`);
  expect(await complaint(what)).toBe(`${what}: what was loaded is version 9.9.8`);
});

test("the implementation imports what is installed aside, under a name of its own", async () => {
  const library = join(cache, "benchconv/libraries/onnxruntime-web@9.9.9/node_modules/onnxruntime-web");
  mkdirSync(library, { recursive: true });
  writeFileSync(join(library, "package.json"), '{"name":"onnxruntime-web","version":"9.9.9"}');
  writeFileSync(join(library, "index.js"), 'throw new Error("the one that is aside");');
  const [found, ...others] = await findImplementations(["onnxruntime-web@9.9.9"]);
  expect(others).toEqual([]);
  expect(found).toMatchObject({
    name: "onnxruntime-web@9.9.9",
    selector: "onnxruntime-web@9.9.9",
    isNamed: true,
    description: { name: "onnxruntime-web", version: "9.9.9" },
  });
  expect(found?.description.unavailable).toContain("the one that is aside");
});
