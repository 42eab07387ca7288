import { p10, variance } from "../clock/statistics.ts";
import type { RunRecord, TimingEntry } from "../../../core/record.ts";
import { isTimed, questionKey } from "./cells.ts";
import type { Estimate } from "./change.ts";

/** Serve as the control benchmark where a record has none of its own: plain TypeScript that changes seldom. */
const SUBSTITUTES = ["im2col-gemm", "naive"] as const;
/** Changes over fewer layers do not show how uneven they are. */
export const FEWEST_CONTROL_CELLS = 3;

/** The timings of the control benchmark, the kernel that relates two runs, in one of them; by question. */
export type ControlTimes = ReadonlyMap<string, TimingEntry>;

/**
 * The name of the control benchmark that all `records` timed: their own, else an implementation that can stand in for
 * it; undefined where they have none in common.
 */
export function commonControl(records: readonly RunRecord[]): string | undefined {
  const own = records.flatMap(({ anchors = [] }) => anchors.map(({ impl }) => impl));
  return [...new Set(own), ...SUBSTITUTES].find((name) =>
    records.every((record) => controlTimes(record, name).size > 0),
  );
}

/** The control benchmark's timings in a record. */
export function controlTimes({ anchors = [], timings }: RunRecord, name: string): ControlTimes {
  const own = [...timings, ...anchors].filter((entry) => entry.impl === name && isTimed(entry));
  return new Map(own.map((entry) => [questionKey(entry), entry]));
}

/**
 * How unevenly the machine changed between two runs: the standard deviation of the difference of two changes of the
 * control benchmark, √2 times their own. A change is that of its fastest round on one layer, in natural logarithms.
 * Unchanged code may move against the control benchmark by as much as the control benchmark on one layer moves against
 * itself on another. The noise of its times is included, which makes claims rarer, never wrong. Undefined where both
 * runs have fewer than three cells of it in common.
 */
export function unevenness(before: ControlTimes, after: ControlTimes): Estimate | undefined {
  const changes = [...after].flatMap(([key, entry]) => {
    const earlier = before.get(key);
    return earlier === undefined ? [] : [Math.log(fastestMs(entry) / fastestMs(earlier))];
  });
  if (changes.length < FEWEST_CONTROL_CELLS) return undefined;
  return { mean: 0, standardError: Math.sqrt(2 * variance(changes)), degreesOfFreedom: changes.length - 1 };
}

/**
 * The p10 of the fastest round. A slow mode that lasts for most rounds of one layer makes no unevenness: it slows all
 * implementations of those rounds alike.
 */
function fastestMs({ launches }: TimingEntry): number {
  return Math.min(...launches.map(({ samplesMs }) => p10(samplesMs)));
}
