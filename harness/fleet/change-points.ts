import { mean, variance } from "../bench/clock/statistics.ts";
import { studentQuantile } from "../bench/compare/distributions.ts";
import type { CellPoint, CellSeries } from "./series.ts";

/** Where the level of a series changes: the index of the first value of the new level. */
export interface ChangePoint {
  readonly index: number;
  /** Mean after ÷ mean before, of logarithms: 1.1 is 10 % longer. */
  readonly ratio: number;
}

/** A change of one cell, and the runs on either side of it. */
export interface CellChange {
  readonly series: CellSeries;
  readonly ratio: number;
  readonly before: CellPoint;
  readonly after: CellPoint;
}

/** Fewer values on a side show no level. */
const LEAST_SIDE = 4;
/** Of the t-test on either side of a change, two-sided; see docs/fleet.md for how often it is wrong. */
const LEVEL = 1e-4;
/** Changes further back than this many runs are history. */
const WINDOW = 200;

/**
 * The changes of a series' mean, in order. Where a change is, E-divisive says (the split that maximises the energy
 * distance of its sides, again in each part); whether it is one, Student's t-test with unequal variances; then those
 * that do not hold beside their neighbours are dropped.
 * Sources: Matteson and James, "A nonparametric approach for multiple change point analysis of multivariate data", JASA
 * 109 (2014); Daly et al., "The use of change point detection to identify software performance regressions", ICPE 2020
 * (MongoDB); Fleming et al., "Hunter", ICPE 2023, for the t-test in place of permutations.
 */
export function changePoints(values: readonly number[]): readonly ChangePoint[] {
  const found: number[] = [];
  const search = (from: number, to: number): void => {
    const split = bestSplit(values.slice(from, to));
    if (split === undefined) return;
    const at = from + split;
    if (!differ(values.slice(from, at), values.slice(at, to))) return;
    search(from, at);
    found.push(at);
    search(at, to);
  };
  search(0, values.length);
  return confirmed(values, found);
}

/** Without those, weakest first, that tell no difference between the levels on their sides. */
function confirmed(values: readonly number[], found: readonly number[]): readonly ChangePoint[] {
  const edges = [0, ...found, values.length];
  const sides = found.map((at, index) => [values.slice(edges[index], at), values.slice(at, edges[index + 2])] as const);
  const wrong = sides.findIndex(([before, after]) => !differ(before, after));
  if (wrong >= 0) return confirmed(values, found.toSpliced(wrong, 1));
  return sides.map(([before, after], index) => ({
    index: found[index] ?? 0,
    ratio: Math.exp(mean(after) - mean(before)),
  }));
}

/** The split of the largest energy statistic m·n/(m+n) · (2·E|X−Y| − E|X−X'| − E|Y−Y'|); undefined of few values. */
function bestSplit(values: readonly number[]): number | undefined {
  const count = values.length;
  const distance = (i: number, j: number): number => Math.abs((values[i] ?? 0) - (values[j] ?? 0));
  // Sums of distances within the left part, within the right one, and between them, as values move to the left.
  let [left, right, between] = [0, 0, 0];
  for (let i = 0; i < count; i++) for (let j = 0; j < i; j++) right += distance(i, j);
  let best: { readonly split: number; readonly statistic: number } | undefined;
  for (let split = 1; split < count; split++) {
    const moved = split - 1;
    let [toLeft, toRight] = [0, 0];
    for (let j = 0; j < moved; j++) toLeft += distance(moved, j);
    for (let j = split; j < count; j++) toRight += distance(moved, j);
    left += toLeft;
    right -= toRight;
    between += toRight - toLeft;
    const [m, n] = [split, count - split];
    if (m < LEAST_SIDE || n < LEAST_SIDE) continue;
    const energy = (2 * between) / (m * n) - (2 * left) / (m * (m - 1)) - (2 * right) / (n * (n - 1));
    const statistic = ((m * n) / (m + n)) * energy;
    if (best === undefined || statistic > best.statistic) best = { split, statistic };
  }
  return best?.split;
}

/** Welch's t-test. */
function differ(one: readonly number[], other: readonly number[]): boolean {
  if (one.length < LEAST_SIDE || other.length < LEAST_SIDE) return false;
  const [a, b] = [variance(one) / one.length, variance(other) / other.length];
  const difference = Math.abs(mean(one) - mean(other));
  if (a + b === 0) return difference > 0;
  const degrees = (a + b) ** 2 / (a ** 2 / (one.length - 1) + b ** 2 / (other.length - 1));
  return difference / Math.sqrt(a + b) > studentQuantile(1 - LEVEL / 2, degrees);
}

/** The changes of a cell, relative to the control benchmark where every run has one; smaller than `threshold`: none. */
export function changesOf(series: CellSeries, threshold: number): readonly CellChange[] {
  const points = series.points.slice(-WINDOW);
  const isControlled = points.every(({ perControl }) => perControl !== null);
  const values = points.map(({ medianMs, perControl }) => Math.log(isControlled ? (perControl ?? NaN) : medianMs));
  return changePoints(values).flatMap(({ index, ratio }) => {
    const [before, after] = [points[index - 1], points[index]];
    const isLarge = Math.abs(Math.log(ratio)) >= Math.log1p(threshold);
    return before === undefined || after === undefined || !isLarge ? [] : [{ series, ratio, before, after }];
  });
}
