import fc from "fast-check";
import { expect, test } from "vitest";
import { problemFault } from "../../core/problem-rules.ts";
import { leastPadEnd, multiplyAdds } from "../../core/shape.ts";
import { CoveringArray } from "./covering-array.ts";
import { classesIn, Coverage, type Strength } from "./coverage.ts";
import { classesOf, COUNTS, countClass, countRange, FACTORS, squareClassesOf, type FilledProblem } from "./factors.ts";

/** Takes rows as an implementation that does every one but these. */
function* checked(array: CoveringArray, declines: (filled: FilledProblem) => boolean = () => false) {
  for (const row of array.rows()) {
    yield row;
    if (declines(row.filled)) array.decline(row);
    else array.coverage.add(row.classes);
    array.settle();
  }
}

const MOST_ROWS = 6000;

function rows(seed: number, count: number): readonly FilledProblem[] {
  return [...checked(new CoveringArray([seed])).take(count)].map(({ filled }) => filled);
}

test("rows are valid, canonical, and cheap ones come first", () => {
  const all = rows(1, 1500);
  for (const { problem } of all) {
    expect([problem, problemFault(problem)]).toEqual([problem, undefined]);
    expect(problem.padEnd).toEqual(leastPadEnd(problem));
  }
  expect(all.slice(0, 500).every(({ problem }) => multiplyAdds(problem) <= 2 ** 13)).toBe(true);
});

test("the same seed gives the same rows, another seed other problems", () => {
  expect(rows(7, 50)).toEqual(rows(7, 50));
  expect(rows(8, 50)).not.toEqual(rows(7, 50));
});

test("cheap pairs of classes are met before the triples", () => {
  const array = new CoveringArray([3]);
  for (const { purpose } of checked(array)) if (purpose.strength === 3) break;
  const { pairs, pairsTotal } = array.coverage.counts;
  expect(pairs).toBeGreaterThan(0.85 * pairsTotal);
});

test("pairs that no cheap row has cost at most about half of what triples cost", () => {
  const spent = { 1: 0, 2: 0, 3: 0 };
  for (const { purpose, filled } of checked(new CoveringArray([3])).take(3000)) {
    if (spent[3] > 0 || purpose.strength === 3) spent[purpose.strength] += multiplyAdds(filled.problem);
  }
  expect(spent[3]).toBeGreaterThan(0);
  // One pair may cost as much as hundreds of triples.
  expect(spent[2]).toBeLessThan(spent[3] + 2 ** 23);
});

/** An array that nobody asks for triples. */
function arrayOfPairs(seed: number): CoveringArray {
  const coverage = new Coverage();
  for (const triple of coverage.unmet(3)) coverage.exclude(3, triple);
  return new CoveringArray([seed], { coverage });
}

test("every pair of classes is met that any problem has", () => {
  const array = arrayOfPairs(3);
  const { coverage } = array;
  for (const _ of checked(array).take(MOST_ROWS)) continue;
  expect(coverage.unmet(2)).toEqual(new Uint32Array());
  const { pairs, pairsTotal } = coverage.counts;
  expect(pairs).toBe(pairsTotal);
  // What no problem within the cost has is given up: less than one pair in fifty.
  const possible = new Coverage().unmet(2).length;
  expect(pairs).toBeGreaterThan(0.98 * possible);
  // A problem drawn by other rules has only pairs that are met.
  for (const row of rows(4, 300)) coverage.add(classesOf(row));
  expect(coverage.counts.pairs - pairs).toBeLessThan(0.002 * possible);
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

test("what is declined leaves the totals, and everything else is met", () => {
  // One class of a factor, and a conjunction of two.
  const declines = ({ problem }: FilledProblem): boolean =>
    problem.input.length === 3 ||
    (problem.stride.some((stride) => stride > 1) && problem.dilation.some((dilation) => dilation > 1));
  const array = arrayOfPairs(9);
  let [done, declined] = [0, 0];
  for (const { filled } of checked(array, declines).take(MOST_ROWS)) {
    if (declines(filled)) declined++;
    else done++;
  }
  const { pairs, pairsTotal } = array.coverage.counts;
  expect(pairs).toBe(pairsTotal);
  const all = new Coverage().counts;
  expect(pairsTotal).toBeGreaterThan(0.9 * all.pairsTotal);
  expect(pairsTotal).toBeLessThan(0.98 * all.pairsTotal);
  expect(declined).toBeLessThan(done);
});

test("the triples of a class that is excluded leave the totals", () => {
  const coverage = new Coverage();
  const { triplesTotal } = coverage.counts;
  coverage.excludeClass(0, 2);
  expect(coverage.counts.triplesTotal).toBeLessThan(0.99 * triplesTotal);
});

test("rows that were not checked are made up for", () => {
  const array = new CoveringArray([9]);
  let count = 0;
  for (const row of array.rows()) {
    if (row.purpose.strength === 3) break;
    // Nine in ten are lost on the way.
    if (count++ % 10 === 0) array.coverage.add(row.classes);
    if (count % 50 === 0) array.settle();
    if (count === 500) break;
  }
  expect(array.coverage.counts.pairs).toBeGreaterThan(0);
  array.settle();
  const { pairs, pairsTotal } = array.coverage.counts;
  expect(array.coverage.unmet(2)).toHaveLength(pairsTotal - pairs);
});

test("square rows have the same classes on all axes, their pairs in layers that are ordinary otherwise", () => {
  const array = new CoveringArray([2], { isSquare: true });
  const all = [...checked(array).take(600)].map(({ filled }) => filled);
  for (const filled of all) expect([filled.problem, squareClassesOf(filled)]).not.toEqual([filled.problem, undefined]);
  const isOrdinary = ({ problem: { dilation, stride, kernel } }: FilledProblem): boolean =>
    dilation.every((step) => step === 1) &&
    stride.every((step) => step <= 2) &&
    kernel.every((k) => k === 3 || k === 1);
  expect(all.filter(isOrdinary).length / all.length).toBeGreaterThan(0.4);
  // Planes need not be square, and some are long.
  expect(all.some(({ problem: { input } }) => input.length === 2 && input[0] !== input[1])).toBe(true);
  expect(array.coverage.counts.pairsTotal).toBeLessThan(new Coverage().counts.pairsTotal);
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
