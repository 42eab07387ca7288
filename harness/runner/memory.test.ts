import { expect, test } from "vitest";
import { limitFor, outOfMemoryText } from "./memory.ts";

const GIB = 2 ** 30;

test("what an implementation may use lies within what there is", () => {
  expect(limitFor(16 * GIB)).toBe(8 * GIB);
  expect(limitFor(1.5 * GIB)).toBe(GIB);
  expect(limitFor(0.9 * GIB)).toBeLessThan(0.9 * GIB);
  expect(outOfMemoryText(4 * GIB)).toMatch(/^out of memory at 4.0 GiB/);
});
