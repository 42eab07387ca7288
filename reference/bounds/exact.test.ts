import { expect, test } from "vitest";
import { exactnessHolds, nearestIsExact } from "./exact.ts";

test("2^24 units are exact in any order, one more is not", () => {
  expect(exactnessHolds({ magnitude: 2 ** 24, unit: 1 })).toBe(true);
  expect(exactnessHolds({ magnitude: 2 ** 24 + 1, unit: 1 })).toBe(false);
  // The first sum that float32 cannot hold.
  expect(Math.fround(2 ** 24 + 1)).not.toBe(2 ** 24 + 1);
});

test("a unit scales the condition", () => {
  expect(exactnessHolds({ magnitude: 2 ** 14, unit: 2 ** -10 })).toBe(true);
  expect(exactnessHolds({ magnitude: 2 ** 15, unit: 2 ** -10 })).toBe(false);
});

test("units below float32's smallest, or flushed, and sums above its largest are not exact", () => {
  expect(exactnessHolds({ magnitude: 2 ** -149, unit: 2 ** -149 })).toBe(true);
  expect(exactnessHolds({ magnitude: 2 ** -149, unit: 2 ** -150 })).toBe(false);
  expect(exactnessHolds({ magnitude: 2 ** -149, unit: 2 ** -149, arithmetic: "flushes-subnormals" })).toBe(false);
  expect(exactnessHolds({ magnitude: 2 ** 128, unit: 2 ** 110 })).toBe(false);
});

test("the nearest multiple is the true one only when the bound is under half a unit", () => {
  expect(nearestIsExact(0.49)).toBe(true);
  expect(nearestIsExact(0.5)).toBe(false);
  expect(nearestIsExact(0.2, 0.25)).toBe(false);
});
