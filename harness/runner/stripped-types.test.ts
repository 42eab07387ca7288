import { readdirSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
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
