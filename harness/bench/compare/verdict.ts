import type { ComparisonEntry } from "../../../core/record.ts";
import { halfWidth, type Estimate } from "./change.ts";

/** Of all intervals of a run together: in at most 5 % of the runs does one or more miss the true value. */
const RUN_CONFIDENCE = 0.95;
/** Smaller changes are ignored unless `--threshold` gives another limit: 2.5 %. */
export const DEFAULT_THRESHOLD = 0.025;
/** An interval wider than a factor of a hundred to either side says nothing. */
const WIDEST = Math.log(100);
/** More rounds than this many times as many are not advised. */
const MOST_FACTOR = 16;

/** The result of a comparison. */
export type Finding = Pick<
  ComparisonEntry,
  "verdict" | "reason" | "ratio" | "interval" | "confidence" | "threshold" | "smallestChange"
>;

/** What a comparison is held to. */
export interface ComparisonLimits {
  /** Changes below this are ignored: 0.025 is 2.5 %. */
  readonly threshold: number;
  /** How many cells the run compares: each interval is widened so that all hold together (Bonferroni). */
  readonly cells: number;
}

/** Bonferroni's correction: the confidence of each of `cells` intervals that hold together with 95 %. */
export function cellConfidence(cells: number): number {
  return 1 - (1 - RUN_CONFIDENCE) / Math.max(1, cells);
}

/**
 * The verdict on a change, `estimate` being of the natural logarithm of new time ÷ old time. With L = 1 + `threshold`:
 * slower where the whole interval lies above L, faster where it lies below 1 / L, same where it lies within
 * [1 / L, L], else inconclusive. Exchanging old and new exchanges slower and faster.
 * @param rounds that the estimate comes from, for the advice
 */
export function findingOf(estimate: Estimate, { threshold, cells }: ComparisonLimits, rounds: number): Finding {
  const confidence = cellConfidence(cells);
  const change = estimate.mean;
  const half = halfWidth(estimate, confidence);
  const limit = Math.log1p(threshold);
  if (!(half <= WIDEST)) {
    const reason = `the ${rounds} rounds differ too much to tell a change: more --time, or an idle machine`;
    return { ...inconclusive(reason, { threshold, cells }), ratio: Math.exp(change) };
  }
  const found = {
    ratio: Math.exp(change),
    interval: [Math.exp(change - half), Math.exp(change + half)] as const,
    confidence,
    threshold,
    smallestChange: Math.expm1(limit + half),
  };
  if (change - half > limit) return { verdict: "slower", ...found };
  if (change + half < -limit) return { verdict: "faster", ...found };
  if (Math.abs(change) + half <= limit) return { verdict: "same", ...found };
  return { verdict: "inconclusive", reason: reasonOf(change, half, limit), ...found };
}

/** A finding without an interval, and why. */
export function inconclusive(reason: string, { threshold, cells }: ComparisonLimits): Finding {
  const confidence = cellConfidence(cells);
  return { verdict: "inconclusive", reason, ratio: null, interval: null, confidence, threshold, smallestChange: null };
}

/** Whether the run ends with exit status 3: at least one cell is slower. */
export function regressed(comparisons: readonly ComparisonEntry[]): boolean {
  return comparisons.some(({ verdict }) => verdict === "slower");
}

/** A change, given as a natural logarithm, in words: `+3.1 %`. */
export function changeText(logarithm: number): string {
  const percent = 100 * Math.expm1(logarithm);
  return `${percent < 0 ? "−" : "+"}${Math.abs(percent).toFixed(Math.abs(percent) < 10 ? 1 : 0)} %`;
}

function reasonOf(change: number, half: number, limit: number): string {
  const interval = `the change lies between ${changeText(change - half)} and ${changeText(change + half)}`;
  const threshold = `the threshold is ${changeText(limit).slice(1)}`;
  // The interval of n rounds narrows as 1 / √n.
  const factor = (half / Math.abs(Math.abs(change) - limit)) ** 2;
  const advice =
    factor <= MOST_FACTOR
      ? `about ${Math.max(1.1, factor).toFixed(factor < 3 ? 1 : 0)} times the rounds (more --time) would tell`
      : half > limit
        ? "an idle machine, or much more --time, would tell"
        : "the change is so near the threshold that only much more --time, or another --threshold, would tell";
  return `${interval}, ${threshold}: ${advice}`;
}
