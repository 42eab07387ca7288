import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { UsageError } from "../../core/usage-error.ts";
import { compileModules, staleModules } from "./modules.ts";

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

function planted(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), "benchconv-wasm-"));
  folders.push(root);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

test("a module that is changed, missing or without a source is stale", () => {
  const compiled = [
    { path: "same.wasm", bytes: Uint8Array.of(1, 2) },
    { path: "changed.wasm", bytes: Uint8Array.of(1, 2) },
    { path: "missing.wasm", bytes: Uint8Array.of(1) },
  ];
  const committed = [
    { path: "same.wasm", bytes: Uint8Array.of(1, 2) },
    { path: "changed.wasm", bytes: Uint8Array.of(1, 3) },
    { path: "orphan.wasm", bytes: Uint8Array.of(1) },
  ];
  expect(staleModules(compiled, committed)).toEqual(["changed.wasm", "missing.wasm", "orphan.wasm"]);
});

test("a source is built once for each build that it names, and a part for none", { timeout: 120_000 }, async () => {
  const root = planted({
    "impls/a/assembly/twice.ts": `// Builds: scalar, relaxed-simd
import { two } from "./part";
export function lanes(): i32 { return ASC_FEATURE_RELAXED_SIMD ? 2 * two() : 1; }`,
    "impls/a/assembly/part.ts": "export function two(): i32 { return 2; }",
  });
  const compiled = await compileModules(root);
  expect(compiled.map(({ path }) => path)).toEqual([
    "impls/a/assembly/twice.scalar.wasm",
    "impls/a/assembly/twice.relaxed-simd.wasm",
  ]);
  const memory = new WebAssembly.Memory({ initial: 0 });
  const results = compiled.map(({ bytes }) => {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes)), { env: { memory } });
    return exports["lanes"]?.();
  });
  expect(results).toEqual([1, 4]);
});

test("a module over shared memory takes one and refuses another", { timeout: 120_000 }, async () => {
  const root = planted({
    "impls/a/assembly/first.ts": `// Builds: scalar
// Memory: shared
export function first(): i32 { return load<i32>(0); }`,
  });
  const [compiled] = await compileModules(root);
  const module = new WebAssembly.Module(new Uint8Array(compiled?.bytes ?? []));
  const shared = new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: true });
  new Int32Array(shared.buffer)[0] = 7;
  expect(new WebAssembly.Instance(module, { env: { memory: shared } }).exports["first"]?.()).toBe(7);
  const own = new WebAssembly.Memory({ initial: 1, maximum: 65536 });
  expect(() => new WebAssembly.Instance(module, { env: { memory: own } })).toThrow("shared");
});

test("an unknown build and a source that does not compile are usage errors that name the source", async () => {
  const unknown = planted({ "impls/a/assembly/m.ts": "// Builds: simd, avx\nexport function f(): void {}" });
  await expect(compileModules(unknown)).rejects.toThrow(
    new UsageError('impls/a/assembly/m.ts: there is no build "avx"; known: scalar, simd, relaxed-simd'),
  );
  const wrong = planted({ "suites/assembly/m.ts": "// Builds: simd\nexport function f(): i32 { return missing; }" });
  await expect(compileModules(wrong)).rejects.toThrow(
    /^suites\/assembly\/m\.ts does not compile for simd:\n.*missing/s,
  );
}, 120_000);
