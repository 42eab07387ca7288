import { expect, test } from "vitest";
import { extraShare } from "./thread-watch.ts";

function threads(...spent: readonly (readonly [ranMs: number, waitedMs: number])[]) {
  return spent.map(([ranMs, waitedMs]) => ({ ranMs, waitedMs }));
}

test("threads that compute at the same time are told, on a loaded machine too; those that take turns are not", () => {
  expect(extraShare(threads([50, 0], [100, 0]), 100, 1)).toBe(0.5);
  // Each had a quarter of a processor, and wanted a whole one.
  expect(extraShare(threads([25, 75], [12, 36]), 100, 1)).toBeCloseTo(0.48, 9);
  expect(extraShare(threads([60, 0], [40, 0]), 100, 1)).toBe(0);
});

test("what was granted is not extra, and nothing is said of threads that had no processor", () => {
  expect(extraShare(threads([100, 0], [90, 0]), 100, 2)).toBe(0);
  expect(extraShare(threads([0, 100], [0, 100]), 100, 1)).toBe(0);
});
