import fc from "fast-check";
import { expect, test } from "vitest";
import { clopperPearson, normalCdf, studentQuantile } from "./distributions.ts";

test("Student's quantiles are the tables'", () => {
  expect(studentQuantile(0.975, 9)).toBeCloseTo(2.262157, 6);
  expect(studentQuantile(0.995, 5)).toBeCloseTo(4.032143, 6);
  expect(studentQuantile(0.9995, 3)).toBeCloseTo(12.92398, 4);
});

test("the normal distribution's shares are the tables'", () => {
  expect(normalCdf(0)).toBeCloseTo(0.5, 12);
  expect(normalCdf(-1.959964)).toBeCloseTo(0.025, 7);
});

test("Clopper and Pearson's limits where they are known", () => {
  // Without a hit, and with hits alone, the limits are powers: (α/2)^(1/n).
  expect(clopperPearson(0, 20)[0]).toBe(0);
  expect(clopperPearson(0, 20)[1]).toBeCloseTo(1 - 0.025 ** (1 / 20), 9);
  expect(clopperPearson(160, 160)[0]).toBeCloseTo(0.025 ** (1 / 160), 9);
  expect(clopperPearson(160, 160)[1]).toBe(1);
  expect(clopperPearson(0, 0)).toEqual([0, 1]);
});

/** P(X ≤ hits) of a binomial, summed term by term; in logarithms, because the first terms may be below 1e-308. */
function atMost(hits: number, trials: number, rate: number): number {
  let logarithm = trials * Math.log1p(-rate);
  let sum = Math.exp(logarithm);
  for (let k = 1; k <= hits; k++) {
    logarithm += Math.log(((trials - k + 1) / k) * (rate / (1 - rate)));
    sum += Math.exp(logarithm);
  }
  return sum;
}

test("at a limit, the observed hits or more, or fewer, have half of the probability that the confidence leaves", () => {
  const counts = fc
    .integer({ min: 1, max: 200 })
    .chain((trials) => fc.tuple(fc.integer({ min: 0, max: trials }), fc.constant(trials)));
  fc.assert(
    fc.property(counts, fc.double({ min: 0.5, max: 0.999, noNaN: true }), ([hits, trials], confidence) => {
      const [low, high] = clopperPearson(hits, trials, confidence);
      expect(low).toBeLessThanOrEqual(hits / trials);
      expect(high).toBeGreaterThanOrEqual(hits / trials);
      const tail = (1 - confidence) / 2;
      if (hits > 0) expect(1 - atMost(hits - 1, trials, low)).toBeCloseTo(tail, 6);
      if (hits < trials) expect(atMost(hits, trials, high)).toBeCloseTo(tail, 6);
    }),
  );
});

test("a wrong count, and a wrong confidence, are refused", () => {
  expect(() => clopperPearson(3, 2)).toThrow("3 of 2 is no count of hits");
  expect(() => clopperPearson(1, 2, 1)).toThrow("the confidence is 1");
});
