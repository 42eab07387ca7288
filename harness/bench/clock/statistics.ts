import { randomStream } from "../../../suites/data/random.ts";
import { normalCdf, studentQuantile } from "../compare/distributions.ts";

/** Samples by round, in time order. */
export type Rounds = readonly (readonly number[])[];

/**
 * The q-quantile of `values` by linear interpolation between order statistics (Hyndman and Fan 1996, type 7); NaN
 * without a value.
 */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const position = q * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below] ?? NaN;
  return low + (position - below) * ((sorted[below + 1] ?? low) - low);
}

/** The middle value; the mean of the two middle ones of an even count. NaN without a value. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The first decile: the tenth percentile. NaN without a value. */
export function p10(values: readonly number[]): number {
  return quantile(values, 0.1);
}

/** NaN without a value. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The unbiased estimate, over n − 1; NaN of fewer than two values. */
export function variance(values: readonly number[]): number {
  const centre = mean(values);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1);
}

/** A time over rounds: what is taken of each round's samples, and what of the rounds. */
export interface Estimator {
  readonly ofRound: (samples: readonly number[]) => number;
  readonly ofRounds: (estimates: readonly number[]) => number;
}

/** The median over rounds of each round's median: what a user meets on this machine, its slow moments included. */
export const MEDIAN: Estimator = { ofRound: median, ofRounds: median };

/**
 * The machine's fast mode: the 10th percentile (p10) of the samples of the round in which that was lowest. On a shared
 * machine that falls into slow modes for seconds or minutes, a median says how often it did so; the fast mode asks for
 * one round outside of them, and repeats between runs. A minimum of all samples would fall further with every sample.
 * Source: Chen and Revels, "Robust benchmarking in noisy environments", 2016, https://arxiv.org/abs/1608.04295 (noise
 * only lengthens a time).
 */
export const FAST_MODE: Estimator = { ofRound: p10, ofRounds: (estimates) => Math.min(...estimates) };

/** An estimator's value over rounds of samples. */
export function estimate({ ofRound, ofRounds }: Estimator, rounds: Rounds): number {
  return ofRounds(rounds.map(ofRound));
}

const RESAMPLES = 1000;

/**
 * A 95 % interval of an estimate by the bootstrap over rounds, the unit that is independent: the percentiles of 1000
 * estimates, each from rounds drawn with replacement, widened for few rounds. The bootstrap of n rounds varies by only
 * (n − 1)/n of what it should, and normal quantiles are too near; the expanded percentile interval corrects both. With
 * five rounds that is nearly the range of the rounds. With one round it knows nothing of the differences between
 * processes, which are the larger part.
 * Sources: Kalibera and Jones, "Rigorous benchmarking in reasonable time", ISMM 2013 (the highest level of repetition
 * is the unit); Hesterberg, "What teachers should know about the bootstrap", The American Statistician 69(4), 2015
 * (expanded percentiles).
 */
export function bootstrapInterval(estimator: Estimator, rounds: Rounds, seed: number): readonly [number, number] {
  const stream = randomStream("bootstrap", seed);
  const ofRound = rounds.map(estimator.ofRound);
  const estimates = Array.from({ length: RESAMPLES }, () =>
    estimator.ofRounds(ofRound.map(() => ofRound[stream.nextBelow(ofRound.length)]!)),
  );
  const tail = expandedTail(rounds.length);
  return [quantile(estimates, tail), quantile(estimates, 1 - tail)];
}

/** The share of bootstrap estimates that lies below a one-sided 97.5 % limit: Φ(−√(n/(n−1)) · t₀.₉₇₅,ₙ₋₁). */
function expandedTail(rounds: number): number {
  const degrees = rounds - 1;
  if (degrees < 1) return 0.025;
  return normalCdf(-Math.sqrt(rounds / degrees) * studentQuantile(0.975, degrees));
}

/** The first and third quartile of all samples. */
export function quartiles(rounds: Rounds): readonly [number, number] {
  const samples = rounds.flat();
  return [quantile(samples, 0.25), quantile(samples, 0.75)];
}
