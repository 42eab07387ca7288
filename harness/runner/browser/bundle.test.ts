import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";
import { bundled } from "./bundle.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "benchconv-modules-")));
afterAll(() => rmSync(folder, { recursive: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

let loads = 0;

/** The exports of a file's bundle, loaded from where the file is. */
async function loaded(name: string): Promise<unknown> {
  const { code } = await bundled(join(folder, name));
  const path = join(folder, `bundle-${++loads}.mjs`);
  writeFileSync(path, code);
  return import(pathToFileURL(path).href);
}

test("types go, what is imported is inside, and every module knows its own address", async () => {
  write({
    "a.ts": `import type { X } from "./nowhere.ts"; import { data, text } from "./sub/b.ts";
      export const own: string = import.meta.url; export { data, text };`,
    "sub/b.ts": `// ×, before the place, is two bytes
      export const data: URL = new URL("data.bin", import.meta.url);
      export const text: string = 'import x from "nowhere"';`,
  });
  const { files } = await bundled(join(folder, "a.ts"));
  expect(files.toSorted()).toEqual([join(folder, "a.ts"), join(folder, "sub/b.ts")]);
  const module = await loaded("a.ts");
  expect(module).toMatchObject({
    own: pathToFileURL(join(folder, `bundle-${loads}.mjs`)).href,
    text: 'import x from "nowhere"',
    data: pathToFileURL(join(folder, "sub/data.bin")),
  });
});

test.each([
  [`import { readFileSync } from "node:fs"; readFileSync();`, "it imports node:fs, which no browser has"],
  [
    `await import("nowhere-at-all");`,
    "it imports nowhere-at-all, which is not installed or has no module for browsers",
  ],
  [`import { x } from "./not-here.ts"; x();`, "it imports ./not-here.ts, which is not there"],
  [`import "natives";`, "it imports natives, which is not installed or has no module for browsers"],
])("what no browser has is an error that says so: %s", async (code, missing) => {
  write({
    "missing.ts": code,
    "node_modules/natives/package.json": `{ "name": "natives", "main": "index.js" }`,
    "node_modules/natives/index.js": `require("./natives.node");`,
  });
  await expect(loaded("missing.ts")).rejects.toThrow(`not in a browser: ${missing}`);
});

test("a package may be CommonJS, and may import what Node has without using it", async () => {
  write({
    "uses.ts": `import { where } from "both"; export default where;`,
    "node_modules/both/package.json": `{ "name": "both", "main": "index.js", "browser": { "os": false } }`,
    "node_modules/both/index.js": `const fs = require("fs"); const os = require("os");
      exports.where = fs.existsSync || os.cpus ? "Node" : "elsewhere";`,
  });
  expect(await loaded("uses.ts")).toMatchObject({ default: "elsewhere" });
});

test("a file for browsers stands in for the one beside it", async () => {
  write({
    "entry.ts": `export { name } from "./part.ts";`,
    "part.ts": `export const name = "part";`,
    "part.browser.ts": `export const name = "part for browsers";`,
  });
  for (const name of ["entry.ts", "part.ts"]) expect(await loaded(name)).toMatchObject({ name: "part for browsers" });
});

test("what is not JavaScript is told with its place", async () => {
  write({ "bad.ts": "const a = 1;\nconst b = ;" });
  await expect(bundled(join(folder, "bad.ts"))).rejects.toThrow(
    /^\[PARSE_ERROR\] Unexpected token \([^\n]*bad\.ts:2:11\)$/,
  );
});
