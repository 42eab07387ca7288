import type { RandomStream } from "../data/random.ts";

/** An integer from `least` to `most`, both included. */
export function between(random: RandomStream, least: number, most: number): number {
  return least + random.nextBelow(most - least + 1);
}

/** One of the values. */
export function pick<T>(random: RandomStream, values: readonly T[]): T {
  return values[random.nextBelow(values.length)]!;
}

/** Puts values in random order, in place (Fisher and Yates). */
export function shuffle(values: { readonly length: number; [index: number]: unknown }, random: RandomStream): void {
  for (let at = values.length - 1; at > 0; at--) {
    const other = random.nextBelow(at + 1);
    [values[at], values[other]] = [values[other], values[at]];
  }
}
