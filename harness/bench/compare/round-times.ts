import { FAST_MODE, median } from "../clock/statistics.ts";
import type { Launch, TimingEntry } from "../../../core/record.ts";

/**
 * The natural logarithms of the ratios `numerator` ÷ `denominator`, one for each round in which both were timed: the median over the turns
 * that both took of the ratios of the turns' first deciles. What both took within a moment is divided before anything is pooled, so that a machine
 * that changes from turn to turn leaves the ratios as they are.
 */
export function logRatios(numerator: TimingEntry, denominator: TimingEntry): readonly number[] {
  const others = new Map(denominator.launches.map((launch) => [launch.startedAt, launch]));
  return numerator.launches.flatMap((launch) => {
    const other = others.get(launch.startedAt);
    if (other === undefined) return [];
    const theirs = turnsOf(other);
    const ratios = turnsOf(launch)
      .slice(0, theirs.length)
      .map((samplesMs, turn) => Math.log(FAST_MODE.ofRound(samplesMs) / FAST_MODE.ofRound(theirs[turn] ?? [])));
    const ratio = median(ratios);
    return Number.isFinite(ratio) ? [ratio] : [];
  });
}

/** The samples of each turn. A launch that does not say what its turns gave is one turn. */
function turnsOf({ samplesMs, turns = [samplesMs.length] }: Launch): readonly (readonly number[])[] {
  let begin = 0;
  return turns.map((count) => samplesMs.slice(begin, (begin += count)));
}
