import fc from "fast-check";
import { expect, test } from "vitest";
import { bootstrapInterval, median, medianOfRounds } from "./statistics.ts";

test("the median of odd and even counts", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([])).toBeNaN();
});

test("a round with many samples counts as much as one with few", () => {
  expect(medianOfRounds([[1, 1, 1, 1, 1, 1, 1], [5], [9]])).toBe(5);
});

test("the interval holds the estimate, and lies within the samples", () => {
  const rounds = fc.array(fc.array(fc.double({ min: 0.1, max: 100, noNaN: true }), { minLength: 1, maxLength: 20 }), {
    minLength: 1,
    maxLength: 8,
  });
  fc.assert(
    fc.property(rounds, fc.nat(), (samples, seed) => {
      const [low, high] = bootstrapInterval(samples, seed);
      expect(low).toBeLessThanOrEqual(high);
      expect(low).toBeGreaterThanOrEqual(Math.min(...samples.flat()));
      expect(high).toBeLessThanOrEqual(Math.max(...samples.flat()));
    }),
    { numRuns: 50 },
  );
});

test("the interval covers the true median about as often as it says", () => {
  // Each round has its own level, as fresh processes have: the spread between rounds is what the interval must know.
  let covered = 0;
  const runs = 200;
  let state = 12345;
  const uniform = (): number => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) / 2 ** 32;
  for (let run = 0; run < runs; run++) {
    const rounds = Array.from({ length: 12 }, () => {
      const level = 10 + (uniform() + uniform() + uniform() - 1.5);
      return Array.from({ length: 15 }, () => level + 0.2 * (uniform() - 0.5));
    });
    const [low, high] = bootstrapInterval(rounds, run);
    if (low <= 10 && 10 <= high) covered++;
  }
  expect(covered / runs).toBeGreaterThan(0.88);
  expect(covered / runs).toBeLessThan(1);
});
