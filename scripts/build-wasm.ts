import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EXIT, main } from "./cli/main.ts";
import { committedModules, compileModules, staleModules } from "./wasm/modules.ts";

const OPTIONS = {
  check: { help: "write nothing; exit status 1 when a module is not what its source gives" },
} as const;

const USAGE = `npm run build:wasm -- [options]
Compiles the AssemblyScript in the folders named assembly into the WebAssembly modules beside it, which are committed.`;

await main({ usage: USAGE, options: OPTIONS }, async (parsed) => {
  const root = join(import.meta.dirname, "..");
  const compiled = await compileModules(root);
  const stale = staleModules(compiled, committedModules(root));
  if (parsed.has("check")) {
    for (const path of stale) process.stdout.write(`${path} is not what its source gives: npm run build:wasm\n`);
    return stale.length === 0 ? EXIT.ok : EXIT.failed;
  }
  for (const path of stale) {
    const module = compiled.find((one) => one.path === path);
    if (module === undefined) rmSync(join(root, path));
    else writeFileSync(join(root, path), module.bytes);
    process.stdout.write(`${module === undefined ? "removed" : "wrote"} ${path}\n`);
  }
  process.stdout.write(`${compiled.length} modules, ${stale.length} of them new\n`);
  return EXIT.ok;
});
