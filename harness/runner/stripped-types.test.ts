import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { isStripOf } from "./stripped-types.ts";

const folder = import.meta.dirname;
const files = readdirSync(folder).filter((name) => name.endsWith(".ts"));

test.each(files)("%s without its types is taken, and nothing that says something else", (name) => {
  const text = readFileSync(join(folder, name), "utf8");
  const stripped = stripTypeScriptTypes(text);
  expect(isStripOf(stripped, text)).toBe(true);
  expect(isStripOf(`${stripped} `, text)).toBe(false);
  const at = text.indexOf("=");
  expect(isStripOf(`${stripped.slice(0, at)}!${stripped.slice(at + 1)}`, text)).toBe(false);
});

test("a process that is started with the flags runs TypeScript below the address, and below no other", () => {
  const home = mkdtempSync(join(tmpdir(), "benchconv-strip-"));
  writeFileSync(join(home, "typed.ts"), "const one: number = 1;\nconsole.log(one satisfies number);\n");
  const cache = join(home, "cache");
  const run = (root: string): string => {
    const env = { ...process.env, NODE_COMPILE_CACHE: cache, NODE_DISABLE_COMPILE_CACHE: "1" };
    const code = `
      const { keepThisModule, strippedTypesFlags } = await import(${JSON.stringify(join(folder, "stripped-types.ts"))});
      keepThisModule();
      console.log(strippedTypesFlags(${JSON.stringify(root)}).join("\\n"));`;
    const flags = spawnSync(process.execPath, ["--input-type=module", "-e", code], { env, encoding: "utf8" }).stdout;
    const args = [...flags.trim().split("\n"), join(home, "typed.ts")];
    return spawnSync(process.execPath, args, { env, encoding: "utf8" }).stdout;
  };
  const kept = (): number => readdirSync(join(cache, `stripped-types-${process.versions.node}`)).length;
  expect(run(pathToFileURL(`${folder}/`).href)).toBe("1\n");
  expect(kept()).toBe(1);
  expect(run(pathToFileURL(`${home}/`).href)).toBe("1\n");
  expect(kept()).toBe(2);
  rmSync(home, { recursive: true });
});
