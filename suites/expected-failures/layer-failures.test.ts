import { execFile } from "node:child_process";
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { EXPECTED_FAILURES } from "./index.ts";
import { LAYER_FAILURES, layerIssueText } from "./layer-failures.ts";

/** Below node_modules, where the packages are found and nothing is kept. */
const cache = join(import.meta.dirname, "../../node_modules/.cache");
mkdirSync(cache, { recursive: true });
const folder = mkdtempSync(join(cache, "layer-failures-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("ids are unique among all expected failures", () => {
  const ids = [...EXPECTED_FAILURES, ...LAYER_FAILURES].map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

test.concurrent.each(LAYER_FAILURES)("the script of $id shows the defect with the package alone", async (failure) => {
  const path = join(folder, `${failure.id}.mjs`);
  writeFileSync(path, failure.script);
  const { code, stdout } = await new Promise<{ readonly code: number | null; readonly stdout: string }>((resolve) => {
    const child = execFile(process.execPath, [path], { timeout: 50_000 }, (_error, output) =>
      resolve({ code: child.exitCode, stdout: output }),
    );
  });
  expect(stdout).toContain("should");
  expect(code).toBe(1);
  expect(layerIssueText(failure)).toContain(failure.script.trimEnd());
});
