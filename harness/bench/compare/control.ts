import { FAST_MODE } from "../clock/statistics.ts";
import type { RunRecord, TimingEntry } from "../../../core/record.ts";
import { isTimed, questionKey } from "./cells.ts";
import { variance, type Estimate } from "./trimmed-mean.ts";

/** Implementations that serve as an anchor where a record has no anchor of its own: plain TypeScript that changes seldom. */
const STAND_INS = ["im2col-gemm", "naive"] as const;
/** The unevenness of a change over fewer layers is no estimate. */
export const FEWEST_ANCHOR_CELLS = 3;

/** The kernel that relates two runs: its timings in one of them, by question. */
export type AnchorTimes = ReadonlyMap<string, TimingEntry>;

/** The anchor that all `records` timed: the one asked for, else the records' own, else an implementation that serves; undefined where there is none. */
export function commonAnchor(records: readonly RunRecord[], asked?: string): string | undefined {
  const own = records.flatMap(({ anchors = [] }) => anchors.map(({ impl }) => impl));
  const candidates = asked === undefined ? [...new Set(own), ...STAND_INS] : [asked];
  return candidates.find((name) => records.every((record) => anchorTimes(record, name).size > 0));
}

/** The anchor's timings in a record. */
export function anchorTimes({ anchors = [], timings }: RunRecord, name: string): AnchorTimes {
  const own = [...timings, ...anchors].filter((entry) => entry.impl === name && isTimed(entry));
  return new Map(own.map((entry) => [questionKey(entry), entry]));
}

/**
 * How unevenly the machine changed from run to run, from the changes of the anchor's own fastest round, one for each cell, in natural
 * logarithms: the standard deviation of the difference of two of them, √2 times their own. An implementation whose code did not change
 * may move against the anchor by as much as the anchor on one layer moves against itself on another. The noise of the anchor's times
 * is in it too, which errs on the side of no claim. Undefined where fewer than three cells are in both runs.
 */
export function unevenness(before: AnchorTimes, after: AnchorTimes): Estimate | undefined {
  const changes = [...after].flatMap(([key, entry]) => {
    const earlier = before.get(key);
    return earlier === undefined ? [] : [Math.log(fastestMs(entry) / fastestMs(earlier))];
  });
  if (changes.length < FEWEST_ANCHOR_CELLS) return undefined;
  return { mean: 0, standardError: Math.sqrt(2 * variance(changes)), degreesOfFreedom: changes.length - 1 };
}

/** Of the fastest round: a slow mode that lasted for most rounds of one layer is no unevenness, as the implementations of a round share it. */
function fastestMs({ launches }: TimingEntry): number {
  return Math.min(...launches.map(({ samplesMs }) => FAST_MODE.ofRound(samplesMs)));
}
