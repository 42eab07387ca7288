import { randomStream } from "../data/random.ts";

/** The middle value; the mean of the two middle ones of an even count. NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The median over rounds of each round's median. */
export function medianOfRounds(rounds: readonly (readonly number[])[]): number {
  return median(rounds.map(median));
}

const RESAMPLES = 500;

/**
 * A 95 % interval of {@link medianOfRounds} by the two-level bootstrap: rounds are drawn with replacement, then samples within each
 * drawn round, and the 2.5 and 97.5 percentiles of 500 such medians are taken. With one round it knows nothing of the
 * differences between processes, which are the larger part: more rounds are the cure.
 * Source: Kalibera and Jones, "Rigorous benchmarking in reasonable time", ISMM 2013, §5 (levels of repetition); Davison and
 * Hinkley, Bootstrap Methods and their Application, 1997, §3.8 (two-level resampling), §5.3.1 (percentiles).
 */
export function bootstrapInterval(rounds: readonly (readonly number[])[], seed: number): readonly [number, number] {
  const stream = randomStream("bootstrap", seed);
  const estimates: number[] = [];
  for (let i = 0; i < RESAMPLES; i++) {
    const resampled = rounds.map(() => {
      const round = rounds[stream.nextBelow(rounds.length)]!;
      return round.map(() => round[stream.nextBelow(round.length)]!);
    });
    estimates.push(medianOfRounds(resampled));
  }
  estimates.sort((a, b) => a - b);
  return [estimates[Math.floor(0.025 * RESAMPLES)]!, estimates[Math.ceil(0.975 * RESAMPLES) - 1]!];
}
