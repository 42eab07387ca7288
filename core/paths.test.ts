import { resolve } from "node:path";
import { expect, test } from "vitest";
import { userPath } from "./paths.ts";

const typed = resolve("/typed/here");

test("a path is relative to where the user typed, when npm runs our own script", () => {
  const own = { INIT_CWD: typed, npm_lifecycle_event: "bench", npm_package_name: "benchconv" };
  expect(userPath("r.json", own)).toBe(resolve(typed, "r.json"));
  expect(userPath("../r.json", own)).toBe(resolve(typed, "../r.json"));
  expect(userPath(resolve("/absolute/r.json"), own)).toBe(resolve("/absolute/r.json"));
});

test("and to the working directory otherwise", () => {
  for (const env of [
    {},
    { INIT_CWD: typed },
    { INIT_CWD: typed, npm_lifecycle_event: "x", npm_package_name: "other" },
  ]) {
    expect(userPath("r.json", env)).toBe(resolve("r.json"));
  }
});
