import fc from "fast-check";
import { expect, test } from "vitest";
import { problemFault } from "../../core/problem-rules.ts";
import { leastPadEnd, multiplyAdds } from "../../core/shape.ts";
import { coveringArray } from "./covering-array.ts";
import { classesIn, Coverage, type Strength } from "./coverage.ts";
import { classesOf, COUNTS, countClass, countRange, FACTORS, type FilledProblem } from "./factors.ts";

function rows(seed: number, count: number, coverage = new Coverage()): readonly FilledProblem[] {
  const found: FilledProblem[] = [];
  for (const row of coveringArray(seed, coverage)) if (found.push(row) === count) break;
  return found;
}

test("rows are valid, canonical, and cheap ones come first", () => {
  const all = rows(1, 1500);
  for (const { problem } of all) {
    expect([problem, problemFault(problem)]).toEqual([problem, undefined]);
    expect(problem.padEnd).toEqual(leastPadEnd(problem));
  }
  expect(all.slice(0, 500).every(({ problem }) => multiplyAdds(problem) <= 2 ** 12)).toBe(true);
});

test("the same seed gives the same rows, another seed other problems", () => {
  expect(rows(7, 50)).toEqual(rows(7, 50));
  expect(rows(8, 50)).not.toEqual(rows(7, 50));
});

test("every pair of classes that any problem has is met before the triples", () => {
  const coverage = new Coverage();
  const array = coveringArray(3, coverage);
  let count = 0;
  while (coverage.unmet(2).length > 0 && !array.next().done) count++;
  expect(coverage.unmet(2)).toHaveLength(0);
  expect(count).toBeLessThan(3000);
  // What no problem within the cost has is given up: less than one pair in fifty.
  const possible = new Coverage().unmet(2).length;
  expect(coverage.met(2)).toBeGreaterThan(0.98 * possible);
  // A problem drawn by other rules has only pairs that are met.
  const others = rows(4, 300);
  const unmetBefore = coverage.met(2);
  for (const row of others) coverage.add(classesOf(row));
  expect(coverage.met(2) - unmetBefore).toBeLessThan(0.002 * possible);
});

test("a tuple's number says its factors and classes", () => {
  const [row] = rows(1, 1);
  const classes = classesOf(row!);
  for (const strength of [2, 3] satisfies readonly Strength[]) {
    const coverage = new Coverage();
    const before = new Set(coverage.unmet(strength));
    coverage.add(classes);
    const met = [...before.difference(new Set(coverage.unmet(strength)))];
    const exists = classes.filter((index) => index >= 0).length;
    expect(met).toHaveLength(strength === 2 ? (exists * (exists - 1)) / 2 : (exists * (exists - 1) * (exists - 2)) / 6);
    for (const tuple of met) {
      for (const [factor, index] of classesIn(strength, tuple)) expect(classes[factor]).toBe(index);
    }
  }
});

test("a gain is what adding meets", () => {
  const coverage = new Coverage();
  for (const row of rows(5, 40)) {
    const classes = classesOf(row);
    const gain = coverage.gain(3, classes);
    expect(coverage.add(classes)).toBe(gain);
    expect(coverage.gain(2, classes) + coverage.gain(3, classes)).toBe(0);
  }
});

test("a count is within the range of its class, and each class has one", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4200 }), (count) => {
      const [least, most] = countRange(countClass(count));
      return least <= count && count <= most;
    }),
  );
  expect(new Set(Array.from({ length: 4200 }, (_, at) => countClass(at + 1))).size).toBe(COUNTS.length);
});

test("every class of every factor is met", () => {
  const all = rows(2, 1200).map(classesOf);
  for (const [factor, { name, classes }] of FACTORS.entries()) {
    const met = new Set(all.map((row) => row[factor]!).filter((index) => index >= 0));
    expect([name, classes.filter((_, index) => !met.has(index))]).toEqual([name, []]);
  }
});
