import type { SwitchProbe } from "../../../suites/problems/switch-probes.ts";

/** Neighbouring values of a factor between which the bits of the same sums change. */
export interface Switch {
  readonly probe: SwitchProbe;
  readonly before: number;
  readonly at: number;
}

/** What is asked for: the same sums, of data as of the problem at `real`, as the problem at `value` gives them. */
export interface Sums {
  readonly value: number;
  readonly real: number;
}

/** More tell no more: an implementation whose arithmetic depends on each size. */
const MOST_PER_PROBE = 6;
/** In the gap between two powers of two. */
const MOST_PER_GAP = 2;
const LEAST_WITH_NEIGHBOURS = 4;

/**
 * Yields what it asks for, and is answered with a digest of the bits, or undefined where there is no result. Compares
 * the ends of each gap, between two powers of two or two neighbours, and bisects only where they differ.
 */
export function* switchesOf(
  probe: SwitchProbe,
  scale: "powers" | "neighbours",
  onFound: (found: Switch) => void,
): Generator<Sums, void, number | undefined> {
  let found = 0;
  for (const [low, high] of gapsOf(probe, scale)) {
    for (let [from, inGap] = [low, 0]; from < high && inGap < MOST_PER_GAP; inGap++) {
      const base = yield { value: from, real: from };
      const end = yield { value: high, real: from };
      // It does not do such problems.
      if (base === undefined || end === undefined) return;
      if (end === base) break;
      // A result that does not repeat says nothing.
      if ((yield { value: from, real: from }) !== base) return;
      let [before, at] = [from, high];
      while (at - before > 1) {
        const middle = (before + at) >> 1;
        const digest = yield { value: middle, real: from };
        if (digest === base) before = middle;
        else at = middle;
      }
      onFound({ probe, before, at });
      if (++found >= MOST_PER_PROBE) return;
      from = at;
    }
  }
}

function gapsOf({ least, most }: SwitchProbe, scale: "powers" | "neighbours"): readonly (readonly [number, number])[] {
  const powers: number[] = [];
  for (let power = least; power <= most; power *= 2) powers.push(power);
  if (scale === "powers") return powers.slice(1).map((power) => [power / 2, power]);
  return powers
    .filter((power) => power >= LEAST_WITH_NEIGHBOURS)
    .flatMap((power): readonly (readonly [number, number])[] => [
      ...(power > least ? [[power - 1, power] as const] : []),
      [power, power + 1],
    ]);
}
