import type { ComparisonEntry, TimingEntry } from "../../../core/record.ts";
import { apartReason, isTimed, questionKey, questionOf, untimedReason } from "./cells.ts";
import { FEWEST_ROUNDS, logRatios, trimmedMean } from "./change.ts";
import { findingOf, inconclusive, type ComparisonLimits, type Finding } from "./verdict.ts";

/**
 * New code against old code that was timed beside it, in the same rounds: the comparison that a gate can trust. In each
 * repetition the p10s of both batches are divided; a round's ratio is the median over its repetitions, the result the
 * 20 % trimmed mean of the logarithms over rounds, with Yuen's t-interval. docs/comparison.md says why.
 */
export function compareSameRounds(newer: TimingEntry, older: TimingEntry, limits: ComparisonLimits): ComparisonEntry {
  return {
    impl: newer.impl,
    against: older.impl,
    ...questionOf(newer),
    method: "same-rounds",
    ...findingInSameRounds(newer, older, limits),
  };
}

function findingInSameRounds(newer: TimingEntry, older: TimingEntry, limits: ComparisonLimits): Finding {
  const untimed = [newer, older].find((entry) => !isTimed(entry));
  if (untimed !== undefined) return inconclusive(untimedReason(untimed), limits);
  const apart = apartReason(newer, older);
  if (apart !== undefined) return inconclusive(apart, limits);
  const ratios = logRatios(newer, older);
  const rounds = ratios.length;
  if (rounds >= FEWEST_ROUNDS) return findingOf(trimmedMean(ratios), limits, rounds);
  const both = `${rounds === 1 ? "one round" : `${rounds} rounds`} in which both were timed`;
  return inconclusive(`${both}; an interval needs ${FEWEST_ROUNDS}: more --time gives more`, limits);
}

/**
 * Compares every cell of `timings` whose implementation is not `against` with that implementation's cell of the same
 * layer, problem, pass, threads and cache state; corrected for the number of cells in which both have a time. Cells
 * without a counterpart are left out.
 */
export function compareAgainst(
  timings: readonly TimingEntry[],
  against: string,
  { threshold }: Pick<ComparisonLimits, "threshold">,
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
