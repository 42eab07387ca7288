import fc from "fast-check";
import { expect, test } from "vitest";
import { bestWindowRate, type CallLog } from "./window-rate.ts";

function log(startMs: number, durations: readonly number[], amountPerCall: number): CallLog {
  let now = startMs;
  return { startMs, endsMs: durations.map((duration) => (now += duration)), amountPerCall };
}

test("the best window of one thread is where its calls are fastest", () => {
  // Ten calls of 1 ms, four of 0.5 ms, ten of 1 ms.
  const durations = [...Array<number>(10).fill(1), ...Array<number>(4).fill(0.5), ...Array<number>(10).fill(1)];
  expect(bestWindowRate([log(100, durations, 8)], 2)).toBe(16);
  expect(bestWindowRate([log(100, durations, 8)], 4)).toBe(12);
  // Longer than all of it: 24 calls in 22 ms.
  expect(bestWindowRate([log(100, durations, 8)], 1000)).toBeCloseTo((24 * 8) / 22, 12);
});

test("threads are added up only while all of them run", () => {
  // The first is fast while it is alone, then both go at half the rate.
  const first = log(0, [1, 1, 1, 1, 2, 2, 2], 10);
  const second = log(4, [2, 2, 2], 10);
  expect(bestWindowRate([first, second], 2)).toBe(10);
  // In the other order: one ends, and the other goes on fast.
  expect(bestWindowRate([log(0, [2, 2, 2], 10), log(0, [2, 2, 2, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1], 10)], 2)).toBe(10);
  expect(bestWindowRate([log(0, [1], 1), log(2, [1], 1)], 1)).toBeUndefined();
  expect(bestWindowRate([], 1)).toBeUndefined();
});

test("no window is faster than the threads' fastest calls together; over all the time the rate is the mean", () => {
  const logDraw = fc
    .tuple(
      fc.integer({ min: 0, max: 5 }),
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 10, maxLength: 40 }),
      fc.integer({ min: 1, max: 100 }),
    )
    .map(([start, durations, amount]) => log(start, durations, amount));
  const fastest = ({ startMs, endsMs, amountPerCall }: CallLog): number =>
    amountPerCall / Math.min(...endsMs.map((end, index) => end - (endsMs[index - 1] ?? startMs)));
  fc.assert(
    fc.property(
      fc.array(logDraw, { minLength: 1, maxLength: 3 }),
      fc.integer({ min: 1, max: 60 }),
      (logs, windowMs) => {
        const rate = bestWindowRate(logs, windowMs);
        expect(rate).toBeGreaterThan(0);
        expect(rate).toBeLessThanOrEqual(logs.map(fastest).reduce((a, b) => a + b) * (1 + 1e-12));
      },
    ),
  );
  fc.assert(
    fc.property(logDraw, (one) => {
      const mean = (one.amountPerCall * one.endsMs.length) / (one.endsMs.at(-1)! - one.startMs);
      expect(bestWindowRate([one], Infinity)).toBeCloseTo(mean, 9);
    }),
  );
});
