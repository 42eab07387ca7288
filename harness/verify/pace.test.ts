import { expect, test } from "vitest";
import { Pace } from "./pace.ts";

/** The sizes of bundles that begin one second after the other, where each case takes this long. */
function sizes(caseMs: number, bundles: number): readonly number[] {
  const pace = new Pace();
  return Array.from({ length: bundles }, (_, second) => {
    const { cases } = pace;
    pace.learn(cases, 1000 * second, 1000 * second + cases * caseMs);
    return cases;
  });
}

test("bundles grow from one case to many where cases are quick, and stay small where they are slow", () => {
  expect(sizes(0.01, 8)).toEqual([1, 2, 4, 8, 16, 32, 64, 64]);
  expect(sizes(2, 5)).toEqual([1, 2, 4, 7, 7]);
  expect(sizes(40, 3)).toEqual([1, 1, 1]);
});

test("the time in which a bundle waits for the one before does not count", () => {
  const pace = new Pace();
  for (const now of [5, 10, 15]) pace.learn(pace.cases, 0, now);
  expect(pace.cases).toBe(8);
});
