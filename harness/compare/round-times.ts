import { FAST_MODE } from "../clock/statistics.ts";
import type { Launch, TimingEntry } from "../record.ts";

/**
 * The natural logarithms of the ratios `numerator` ÷ `denominator`, one for each round in which both were timed: of the first deciles of
 * their samples in that round. Only turns that both took count, so that both had the same neighbours in time.
 */
export function logRatios(numerator: TimingEntry, denominator: TimingEntry): readonly number[] {
  const others = new Map(denominator.launches.map((launch) => [launch.startedAt, launch]));
  return numerator.launches.flatMap((launch) => {
    const other = others.get(launch.startedAt);
    if (other === undefined) return [];
    const turns = Math.min(turnCount(launch), turnCount(other));
    const ratio = Math.log(fastMs(firstTurns(launch, turns)) / fastMs(firstTurns(other, turns)));
    return Number.isFinite(ratio) ? [ratio] : [];
  });
}

function fastMs(samplesMs: readonly number[]): number {
  return FAST_MODE.ofRound(samplesMs);
}

/** A launch that does not say what its turns gave counts as a whole. */
function turnCount({ turns }: Launch): number {
  return turns?.length ?? Infinity;
}

function firstTurns({ samplesMs, turns }: Launch, count: number): readonly number[] {
  if (turns === undefined || turns.length <= count) return samplesMs;
  return samplesMs.slice(
    0,
    turns.slice(0, count).reduce((sum, samples) => sum + samples, 0),
  );
}
