import type { ComparisonEntry, TimingEntry } from "../../../core/record.ts";
import { isTimed, questionKey, questionOf } from "./cells.ts";
import { logRatios } from "./round-times.ts";
import { trimmedMean } from "./trimmed-mean.ts";
import { findingOf, inconclusive, type Finding } from "./verdict.ts";

/** Two rounds have one difference: no interval could come of it. */
const FEWEST_ROUNDS = 3;

export interface SameRoundsOptions {
  /** A change below this is none: 0.025 is 2.5 %. */
  readonly threshold: number;
  /** How many cells the run compares: each interval is widened so that all hold together. */
  readonly cells: number;
}

/**
 * New code against old code that was timed beside it, in the same rounds: the comparison that a gate can trust. In each turn the first
 * deciles of both are divided; a round's ratio is the median over its turns, the result the 20 % trimmed mean of the logarithms over rounds, with
 * Yuen's t-interval. docs/comparison.md says why.
 */
export function compareSameRounds(
  newer: TimingEntry,
  older: TimingEntry,
  { threshold, cells }: SameRoundsOptions,
): ComparisonEntry {
  const finding = ((): Finding => {
    const untimed = [newer, older].find((entry) => !isTimed(entry));
    if (untimed !== undefined) return inconclusive(untimedReason(untimed), threshold, cells);
    const ratios = logRatios(newer, older);
    if (ratios.length < FEWEST_ROUNDS) {
      const reason = `${counted(ratios.length)} in which both were timed; an interval needs ${FEWEST_ROUNDS}: more --time gives more`;
      return inconclusive(reason, threshold, cells);
    }
    return findingOf(trimmedMean(ratios), { threshold, cells, rounds: ratios.length });
  })();
  return { impl: newer.impl, against: older.impl, ...questionOf(newer), method: "same-rounds", ...finding };
}

/**
 * Every cell of `timings` whose implementation is not `against`, compared with that implementation's cell of the same layer, problem, pass, threads and
 * cache state; corrected for the number of cells in which both have a time. Cells without a counterpart are left out.
 */
export function compareAgainst(
  timings: readonly TimingEntry[],
  against: string,
  { threshold }: { readonly threshold: number },
): readonly ComparisonEntry[] {
  const older = new Map(
    timings.filter(({ impl }) => impl === against).map((entry) => [questionKey(entry), entry] as const),
  );
  const pairs = timings.flatMap((newer) => {
    const other = newer.impl === against ? undefined : older.get(questionKey(newer));
    return other === undefined ? [] : [{ newer, older: other }];
  });
  const cells = pairs.filter((pair) => isTimed(pair.newer) && isTimed(pair.older)).length;
  return pairs.map((pair) => compareSameRounds(pair.newer, pair.older, { threshold, cells }));
}

/** Why a cell has no time to compare. */
export function untimedReason({ impl, status, reason }: TimingEntry): string {
  return `${impl} has no time: ${status === "passed" ? "its output was not checked" : status}${reason === undefined ? "" : `, ${reason}`}`;
}

function counted(rounds: number): string {
  return rounds === 1 ? "one round" : `${rounds} rounds`;
}
