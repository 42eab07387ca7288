import type { RandomStream } from "../data/random.ts";

/** An integer from `least` to `most`, both included. */
export function between(random: RandomStream, least: number, most: number): number {
  return least + random.nextBelow(most - least + 1);
}

/** One of the values. */
export function pick<T>(random: RandomStream, values: readonly T[]): T {
  return values[random.nextBelow(values.length)]!;
}
