import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, afterEach, expect, test, vi } from "vitest";
import { commandUrl } from "../foreign/kinds.ts";
import { treeOf } from "./tree.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "benchconv-tree-")));
const project = join(folder, "project");
const inProject = (name: string): string => join(project, name);
for (const name of ["kernels/.benchconv", "node_modules/library", "other"])
  mkdirSync(inProject(name), { recursive: true });
for (const name of ["package.json", "secret", "kernels/conv.mjs"]) writeFileSync(inProject(name), "{}");
symlinkSync(inProject("kernels/conv.mjs"), inProject("other/link.mjs"));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

const isSeen = (path: string, url: string): boolean =>
  treeOf(url).visible.some((seen) => path === seen || path.startsWith(`${seen}/`));
const url = pathToFileURL(inProject("kernels/conv.mjs")).href;

test("a plugin has its folder, the packages above it, and our code", () => {
  const names = ["kernels/conv.mjs", "kernels/helper.mjs", "node_modules/library", "package.json"];
  const own = fileURLToPath(new URL("../child.ts", import.meta.url));
  expect([...names.map(inProject), own, process.execPath].filter((path) => !isSeen(path, url))).toEqual([]);
  expect(treeOf(url).folder).toBe(inProject("kernels"));
});

test("it has neither what lies beside its folder, nor the home, nor what the harness keeps", () => {
  const others = [inProject("secret"), inProject("other"), project, homedir(), tmpdir(), "/"];
  expect(others.filter((path) => isSeen(path, url))).toEqual([]);
  expect(treeOf(url).hidden).toEqual([inProject("kernels/.benchconv")]);
});

test("a plugin that is a link has the folder that it leads to as well", () => {
  const link = pathToFileURL(inProject("other/link.mjs")).href;
  expect(isSeen(inProject("other/link.mjs"), link)).toBe(true);
  expect(isSeen(inProject("kernels/conv.mjs"), link)).toBe(true);
});

test("a plugin that lies among the user's own files is given alone", () => {
  vi.stubEnv("HOME", inProject("kernels"));
  expect(isSeen(inProject("kernels/conv.mjs"), url)).toBe(true);
  expect(isSeen(inProject("kernels/helper.mjs"), url)).toBe(false);
  expect(treeOf(url).folder).toBeUndefined();
});

test("a compiled library is seen, and a command has the folder where it was typed", () => {
  const library = join(folder, "compiled", "conv.so");
  mkdirSync(join(folder, "compiled"));
  writeFileSync(library, "");
  expect(isSeen(library, `${url}?library=${library}`)).toBe(true);
  expect(treeOf(commandUrl("cmd:python3 conv.py")).folder).toBe(process.cwd());
});
