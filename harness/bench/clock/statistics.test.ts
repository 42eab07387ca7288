import fc from "fast-check";
import { expect, test } from "vitest";
import { bootstrapInterval, estimate, FAST_MODE, median, MEDIAN, quantile } from "./statistics.ts";

test("the median of odd and even counts", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([])).toBeNaN();
});

test("quantiles interpolate between order statistics", () => {
  expect(quantile([4, 1, 3, 2, 5], 0.25)).toBe(2);
  expect(quantile([0, 10], 0.1)).toBe(1);
  expect(quantile([7], 0.9)).toBe(7);
});

test("a round with many samples counts as much as one with few", () => {
  expect(estimate(MEDIAN, [[1, 1, 1, 1, 1, 1, 1], [5], [9]])).toBe(5);
});

test("rounds in a slow mode move the median and leave the fast mode", () => {
  const fast = [3.4, 3.5, 3.4, 3.6];
  const slow = [5.7, 5.8, 5.6, 5.7];
  expect(estimate(MEDIAN, [fast, slow, slow, fast, slow])).toBeGreaterThan(5);
  expect(estimate(FAST_MODE, [fast, slow, slow, fast, slow])).toBeLessThan(3.5);
});

test("the interval holds the estimate, and lies within the samples", () => {
  const rounds = fc.array(fc.array(fc.double({ min: 0.1, max: 100, noNaN: true }), { minLength: 1, maxLength: 20 }), {
    minLength: 1,
    maxLength: 8,
  });
  fc.assert(
    fc.property(rounds, fc.nat(), (samples, seed) => {
      for (const estimator of [MEDIAN, FAST_MODE]) {
        const [low, high] = bootstrapInterval(estimator, samples, seed);
        const value = estimate(estimator, samples);
        const rounding = 1e-12 * value;
        expect(low).toBeLessThanOrEqual(value + rounding);
        expect(high).toBeGreaterThanOrEqual(value - rounding);
        expect(low).toBeGreaterThanOrEqual(Math.min(...samples.flat()) - rounding);
        expect(high).toBeLessThanOrEqual(Math.max(...samples.flat()) + rounding);
      }
    }),
    { numRuns: 50 },
  );
});

test.each([5, 12])(
  "with %i rounds the interval covers the true median at least nearly as often as it says",
  (count) => {
    // Each round has its own level, as fresh processes have: the spread between rounds is what the interval must know.
    let covered = 0;
    const runs = 300;
    let state = 12345;
    const uniform = (): number => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) / 2 ** 32;
    for (let run = 0; run < runs; run++) {
      const rounds = Array.from({ length: count }, () => {
        const level = 10 + (uniform() + uniform() + uniform() - 1.5);
        return Array.from({ length: 15 }, () => level + 0.2 * (uniform() - 0.5));
      });
      const [low, high] = bootstrapInterval(MEDIAN, rounds, run);
      if (low <= 10 && 10 <= high) covered++;
    }
    expect(covered / runs).toBeGreaterThan(0.91);
    expect(covered / runs).toBeLessThan(1);
  },
);
