import { expect, test } from "vitest";
import { addedMsOf, middleCall, roundOf, shortestCall } from "./fresh-call.ts";

function steps(runMs: number, loadMs = 0, readMs = 0) {
  return { loadMs, runMs, readMs };
}

test("of several calls the one in the middle counts, the longer where half of them left out the work", () => {
  const half = [steps(0), steps(5), steps(0), steps(5)];
  expect(middleCall(half)?.runMs).toBe(5);
  expect(shortestCall(half)?.runMs).toBe(0);
  expect(middleCall([])).toBeUndefined();
});

test("what copying takes is left out, and what is uncertain comes from plans that compute nothing", () => {
  const copies = [steps(0, 1, 2), steps(0, 1, 2), steps(0, 1.5, 2), steps(0, 1, 2.5)];
  const empties = [steps(0.1, 0.1, 0.1)];
  const round = roundOf(steps(10, 4, 1), { copies, empties, grainMs: 0.005 }, 10);
  expect(round).toMatchObject({ copyLoadMs: 1.5, copyReadMs: 1, repeatedMs: 10 });
  // Twice an empty plan, the spread of the copies and the clock's steps.
  expect(round.noiseMs).toBeCloseTo(0.6 + 0.5 + 0.015, 9);
});

test("calls within the noise have what all rounds show together; longer ones what their own fresh call shows", () => {
  const round = { ...steps(2), copyLoadMs: 0, copyReadMs: 0, repeatedMs: 1, noiseMs: 1.5 };
  const added = addedMsOf([round, { ...round, runMs: 1.5 }, { ...round, runMs: 9 }]);
  expect(added).toEqual([1, 1, 8]);
  const long = { ...round, repeatedMs: 100, runMs: 105 };
  expect(addedMsOf([long, { ...long, runMs: 95 }])).toEqual([0, 0]);
});
