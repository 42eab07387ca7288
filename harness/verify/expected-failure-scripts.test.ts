import { execFile } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { gpuUnavailable } from "../../impls/support/gpu/adapter.ts";
import { EXPECTED_FAILURES } from "../../suites/expected-failures/index.ts";

const require = createRequire(import.meta.url);
/** Below node_modules, where the packages are found and nothing is kept. */
const folder = fileURLToPath(new URL("../../node_modules/.cache/known-defects/", import.meta.url));

beforeAll(() => mkdirSync(folder, { recursive: true }));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function isInstalled(packageName: string): boolean {
  try {
    require.resolve(`${packageName}/package.json`);
    return true;
  } catch {
    return false;
  }
}

const adapterMissing = await gpuUnavailable();
const shown = EXPECTED_FAILURES.filter(
  ({ packageName, needs }) => isInstalled(packageName) && (needs === undefined || adapterMissing === undefined),
);

test.concurrent.each(shown)(
  "the script of $id shows the defect with the package alone",
  async ({ id, script }) => {
    const path = `${folder}${id}.mjs`;
    writeFileSync(path, script);
    const { code, stdout } = await run(path);
    // An uncaught error exits with 1 too, and prints nothing.
    expect(stdout).toContain("should");
    expect(code).toBe(1);
  },
  60_000,
);

function run(path: string): Promise<{ readonly code: number | null; readonly stdout: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [path], { timeout: 50_000 }, (_error, stdout) =>
      resolve({ code: child.exitCode, stdout }),
    );
  });
}
