import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { defineImpl } from "benchconv";
import { conformance } from "benchconv/vitest";
import { expect, test } from "vitest";
import naive from "../../impls/naive.ts";

// As in a user's test file: every test that these register has to pass.
const { forward } = naive;
conformance(naive, { timeMs: 100, laws: ["agreement"] });
conformance(new URL("../../impls/naive.ts", import.meta.url), {
  timeMs: 100,
  laws: ["agreement"],
  passes: ["backwardData"],
});
conformance(defineImpl({ name: "forward-only", forward }), { cases: 4, laws: ["agreement"], passes: ["forward"] });

/** Runs vitest in a folder of its own that has benchconv and vitest installed, and holds these files. */
function runElsewhere(files: Readonly<Record<string, string>>): {
  readonly status: number | null;
  readonly output: string;
} {
  const folder = mkdtempSync(join(tmpdir(), "benchconv-conformance-"));
  const root = resolve(import.meta.dirname, "../..");
  try {
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(root, join(folder, "node_modules/benchconv"));
    symlinkSync(join(root, "node_modules/vitest"), join(folder, "node_modules/vitest"));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const vitest = join(root, "node_modules/vitest/vitest.mjs");
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [vitest, "run", "--root", folder, "--no-color", "--reporter=verbose"],
      {
        cwd: folder,
        // As in another project: not below an npm script of ours, and not inside this vitest.
        env: { ...process.env, INIT_CWD: undefined, npm_package_name: undefined, VITEST: undefined, NO_COLOR: "1" },
        encoding: "utf8",
      },
    );
    return { status, output: stdout + stderr };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const HALF = `export default { name: "half", unsupported: (p) => (p.groups > 1 ? "groups" : undefined), forward(p, x, w, bias, y) { y.fill(0); } };\n`;

test("elsewhere, a wrong object fails with the smallest problem and fast-check's report", () => {
  const testFile = `import { conformance } from "benchconv/vitest";
import half from "./conv.mjs";
conformance(half, { cases: 20, laws: ["agreement"] });\n`;
  const { status, output } = runElsewhere({ "conv.mjs": HALF, "conv.test.mjs": testFile });
  expect(status).toBe(1);
  expect(output).toMatch(/Error: failed: y\[0, 0, 0\] is 0; exactly \S+ was expected/);
  expect(output).toMatch(/problem g1mb1_ic1oc1_iw1ow1kw1sw1dw0pw0, data \S+, seed \d+/);
  expect(output).toMatch(/Property failed after 1 tests\n\{ seed: 1, .*\nCounterexample: .*"inChannels":1/);
  expect(output).toMatch(/agreement backwardData.*it has no backwardData/);
});

test("elsewhere, a plugin file that exits costs its own test, and a file or law that there is not says so", () => {
  const head = 'import { conformance } from "benchconv/vitest";\n';
  const { status, output } = runElsewhere({
    "exits.mjs": HALF.replace("y.fill(0)", "process.exit(0)"),
    "exits.test.mjs": `${head}conformance("exits.mjs", { cases: 1, laws: ["agreement"], passes: ["forward"] });\n`,
    "missing.test.mjs": `${head}conformance("none.mjs");\n`,
    "law.test.mjs": `${head}conformance("exits.mjs", { laws: ["agremeent"] });\n`,
  });
  expect(status).toBe(1);
  expect(output).toMatch(/crashed: the process ended with status 0 during \w+/);
  expect(output).toMatch(/UsageError: plugin \.\/none\.mjs: there is no such file/);
  expect(output).toMatch(/UsageError: there is no law "agremeent"; did you mean agreement\?/);
});
