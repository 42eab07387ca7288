import fc from "fast-check";
import { expect, test } from "vitest";
import { mean } from "../clock/statistics.ts";
import { difference, halfWidth, trimmedMean } from "./change.ts";

test("of ten values the two at either end are left out, and replaced by their neighbours for the variance", () => {
  const found = trimmedMean([1, 2, 3, 4, 5, 6, 7, 8, 9, 1000]);
  expect(found.mean).toBe(5.5);
  expect(found.degreesOfFreedom).toBe(5);
  // Winsorized: 3, 3, 3, 4, 5, 6, 7, 8, 8, 8; the sum of their squares about 5.5 is 42.5.
  expect(found.standardError).toBeCloseTo(Math.sqrt(42.5 / (6 * 5)), 12);
});

test("with fewer than eight values it is the mean with Student's interval", () => {
  const found = trimmedMean([1, 2, 3, 6]);
  expect(found.mean).toBe(3);
  expect(halfWidth(found, 0.95)).toBeCloseTo(3.182446305 * Math.sqrt(14 / 3 / 4), 6);
});

test("variances of a difference add, and its degrees of freedom are Welch's", () => {
  const estimate = (standardError: number, degreesOfFreedom: number): Parameters<typeof difference>[0] => ({
    mean: standardError,
    standardError,
    degreesOfFreedom,
  });
  expect(difference(estimate(3, 5), estimate(4, 5))).toEqual({
    mean: -1,
    standardError: 5,
    degreesOfFreedom: 625 / (81 / 5 + 256 / 5),
  });
  expect(difference(estimate(3, 4), estimate(0, 4), estimate(4, 2)).standardError).toBe(5);
});

test("it moves with its values, and lies among them", () => {
  const values = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 2, maxLength: 30 });
  fc.assert(
    fc.property(values, fc.double({ min: -1, max: 1, noNaN: true }), (all, shift) => {
      const found = trimmedMean(all);
      expect(found.mean).toBeGreaterThanOrEqual(Math.min(...all) - 1e-12);
      expect(found.mean).toBeLessThanOrEqual(Math.max(...all) + 1e-12);
      const moved = trimmedMean(all.map((value) => value + shift));
      expect(moved.mean).toBeCloseTo(found.mean + shift, 9);
      expect(moved.standardError).toBeCloseTo(found.standardError, 9);
      if (all.length < 8) expect(found.mean).toBeCloseTo(mean(all), 9);
    }),
  );
});
