import { expect, test } from "vitest";
import { fuzzPlugins } from "./fuzz.ts";

test("plugins of a grammar all have a verdict, a record that is read, and no constant passes", async () => {
  const ends = await fuzzPlugins(600, 1);
  expect(Object.values(ends).reduce((sum, count) => sum + count, 0)).toBe(600);
  // All ends are met, or the grammar has lost them.
  expect(Object.keys(ends)).toEqual(expect.arrayContaining(["refused", "passed", "failed", "crashed", "unavailable"]));
});
