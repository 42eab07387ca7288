import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { moduleText, servedFile, type Resolved } from "./module-text.ts";

const folder = mkdtempSync(join(tmpdir(), "benchconv-modules-"));
afterAll(() => rmSync(folder, { recursive: true }));

function served(name: string, text: string): { readonly text: string; readonly resolved: readonly Resolved[] } {
  const path = join(folder, name);
  writeFileSync(path, text);
  const resolved: Resolved[] = [];
  return { text: moduleText(path, (to) => `#${resolved.push(to)}`), resolved };
}

test("types go, and only bare specifiers are rewritten", () => {
  const { text, resolved } = served(
    "a.ts",
    `import fs from "node:fs"; import type { X } from "./x.ts"; import { y } from "./y.ts"; export const z: number = await import("nowhere-at-all");`,
  );
  expect(text.replaceAll(/\s+/g, " ")).toBe(
    'import fs from "#1"; import { y } from "./y.ts"; export const z = await import("#2");',
  );
  expect(resolved).toEqual([
    { reason: "it imports node:fs, which no browser has" },
    { reason: "it imports nowhere-at-all, which is not installed or has no module for browsers" },
  ]);
});

test("strings that look a little like imports stay", () => {
  const minified = `const a={"from",":case"};`;
  expect(served("b.js", minified).text).toBe(minified);
});

test("a file for browsers stands in for the one beside it", () => {
  const here = fileURLToPath(new URL("../../../impls/support/", import.meta.url));
  expect(servedFile(join(here, "platform.ts"))).toBe(join(here, "platform.browser.ts"));
  expect(servedFile(join(here, "volume.ts"))).toBe(join(here, "volume.ts"));
});
