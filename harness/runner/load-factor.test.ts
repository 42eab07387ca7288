import { expect, test } from "vitest";
import { loadFactor } from "./load-factor.ts";

test("a limit grows with the runnable processes for each core, and not without end", () => {
  expect(loadFactor(0, 2)).toBe(1);
  expect(loadFactor(1.9, 2)).toBe(1);
  expect(loadFactor(12, 2)).toBe(6);
  expect(loadFactor(1000, 2)).toBe(20);
});
