import jStat from "jstat";

/** A location with its uncertainty: a t-distributed estimate. */
export interface Estimate {
  readonly mean: number;
  readonly standardError: number;
  readonly degreesOfFreedom: number;
}

/** Fewer rounds than this leave none to trim. */
const FEWEST_TO_TRIM = 8;

/**
 * The 20 % trimmed mean of at least two values, with Yuen's standard error: the fifth at either end is left out of the mean and drawn in to
 * its neighbour for the variance. With fewer than eight values it is the mean. A round in which one implementation met
 * the machine's slow mode and the other did not is an outlier of half its size; with a plain mean one such round in ten hides a change of 10 %.
 * Source: Yuen, "The two-sample trimmed t for unequal population variances", Biometrika 61(1), 1974; Wilcox, Introduction to
 * Robust Estimation and Hypothesis Testing.
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
 * `first` − `second` of independent estimates, and whatever independent terms of mean zero are added: variances add, and the degrees of
 * freedom are Welch's and Satterthwaite's.
 * Source: Welch, "The generalization of Student's problem when several different population variances are involved", Biometrika 34, 1947.
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

/** Half the width of the interval that holds the truth with this confidence, Student's t. */
export function halfWidth({ standardError, degreesOfFreedom }: Estimate, confidence: number): number {
  return studentQuantile(1 - (1 - confidence) / 2, degreesOfFreedom) * standardError;
}

/** The p-quantile of Student's t. */
export function studentQuantile(p: number, degreesOfFreedom: number): number {
  return jStat.studentt.inv(p, degreesOfFreedom);
}

/** NaN of none. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** With n − 1; NaN of fewer than two. */
export function variance(values: readonly number[]): number {
  const centre = mean(values);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1);
}
