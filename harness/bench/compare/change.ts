import { mean, median, p10, variance } from "../clock/statistics.ts";
import type { Launch, TimingEntry } from "../../../core/record.ts";
import { studentQuantile } from "./distributions.ts";

/** A location with its uncertainty: a t-distributed estimate. */
export interface Estimate {
  readonly mean: number;
  readonly standardError: number;
  readonly degreesOfFreedom: number;
}

/** Fewer differences between rounds give no interval. */
export const FEWEST_ROUNDS = 3;
/** With fewer rounds than this none is trimmed. */
const FEWEST_TO_TRIM = 8;

/**
 * The natural logarithms of the ratios `numerator` ÷ `denominator`, one for each round in which both were timed: the
 * median, over the repetitions that both have, of the ratio of the p10s of their batches. What is close in time is
 * divided before anything is pooled, so that a machine whose speed changes from one repetition to the next leaves the
 * ratios as they are.
 */
export function logRatios(numerator: TimingEntry, denominator: TimingEntry): readonly number[] {
  const others = new Map(denominator.launches.map((launch) => [launch.startedAt, launch]));
  return numerator.launches.flatMap((launch) => {
    const other = others.get(launch.startedAt);
    if (other === undefined) return [];
    const theirs = batchesOf(other);
    const ratios = batchesOf(launch)
      .slice(0, theirs.length)
      .map((samplesMs, repetition) => Math.log(p10(samplesMs) / p10(theirs[repetition] ?? [])));
    const ratio = median(ratios);
    return Number.isFinite(ratio) ? [ratio] : [];
  });
}

/** The samples of each repetition's batch. A launch that does not say how many each has is one batch. */
function batchesOf({ samplesMs, turns = [samplesMs.length] }: Launch): readonly (readonly number[])[] {
  let begin = 0;
  return turns.map((count) => samplesMs.slice(begin, (begin += count)));
}

/**
 * The 20 % trimmed mean of at least two values, with Yuen's standard error: the fifth at either end is left out of the
 * mean, and replaced by its nearest kept value for the variance. With fewer than eight values it is the mean. A round
 * in which only one of two implementations met the machine's slow mode is an outlier of half its size; with a plain
 * mean one such round in ten hides a change of 10 %.
 * Source: Yuen, "The two-sample trimmed t for unequal population variances", Biometrika 61(1), 1974; Wilcox,
 * Introduction to Robust Estimation and Hypothesis Testing.
 */
export function trimmedMean(values: readonly number[]): Estimate {
  const sorted = values.toSorted((a, b) => a - b);
  const count = sorted.length;
  const trimmed = count < FEWEST_TO_TRIM ? 0 : Math.floor(count / 5);
  const kept = sorted.slice(trimmed, count - trimmed);
  const [lowest, highest] = [kept[0] ?? NaN, kept.at(-1) ?? NaN];
  const winsorized = sorted.map((value) => Math.min(Math.max(value, lowest), highest));
  const squares = (count - 1) * variance(winsorized);
  return {
    mean: mean(kept),
    standardError: Math.sqrt(squares / (kept.length * (kept.length - 1))),
    degreesOfFreedom: kept.length - 1,
  };
}

/**
 * `first` − `second` of independent estimates, plus independent terms of mean zero: variances add, and the degrees of
 * freedom are Welch's and Satterthwaite's.
 * Source: Welch, "The generalization of Student's problem when several different population variances are involved",
 * Biometrika 34, 1947.
 */
export function difference(first: Estimate, second: Estimate, ...noise: readonly Estimate[]): Estimate {
  const parts = [first, second, ...noise];
  const total = parts.reduce((sum, { standardError }) => sum + standardError ** 2, 0);
  const spread = parts.reduce((sum, part) => sum + part.standardError ** 4 / part.degreesOfFreedom, 0);
  return {
    mean: first.mean - second.mean,
    standardError: Math.sqrt(total),
    degreesOfFreedom: spread > 0 ? total ** 2 / spread : first.degreesOfFreedom + second.degreesOfFreedom,
  };
}

/** Half the width of the interval that holds the true value with this confidence, by Student's t. */
export function halfWidth({ standardError, degreesOfFreedom }: Estimate, confidence: number): number {
  return studentQuantile(1 - (1 - confidence) / 2, degreesOfFreedom) * standardError;
}
