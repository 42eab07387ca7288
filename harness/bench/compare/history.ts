import { median } from "../clock/statistics.ts";
import type { RunRecord, TimingEntry } from "../../../core/record.ts";
import { anchorTimes, commonAnchor } from "./control.ts";
import { cellKey, isTimed, questionKey, questionOf, type Question } from "./cells.ts";
import { machineDifferences, machineName } from "./machine.ts";
import { logRatios } from "./round-times.ts";
import { studentQuantile, trimmedMean } from "./trimmed-mean.ts";
import { changeText } from "./verdict.ts";

/** Of earlier runs: fewer do not show how much runs differ by themselves. */
const FEWEST_EARLIER = 3;
const CONFIDENCE = 0.95;

/** One cell in one run. */
export interface HistoryPoint {
  /** ISO 8601, UTC: when the run began */
  readonly startedAt: string;
  readonly medianMs: number;
  readonly fastMs: number | null;
  /** Time ÷ the anchor's time in the same rounds; null where no anchor was timed beside the cell. */
  readonly perAnchor: number | null;
}

/** The last run against the median of those before it. */
export interface HistoryChange {
  readonly verdict: "faster" | "slower" | "same" | "inconclusive";
  /** Last ÷ median of the earlier ones; null with no earlier run. */
  readonly ratio: number | null;
  /** The ratio that a run like the earlier ones would stay within, up or down, in 95 %; null where they are too few. */
  readonly expectedWithin: number | null;
  /** One sentence. */
  readonly note: string;
}

/** One cell over the runs of one machine, oldest first. */
export interface HistorySeries extends Question {
  readonly impl: string;
  readonly machine: string;
  readonly points: readonly HistoryPoint[];
  readonly change: HistoryChange;
}

export interface HistoryOptions {
  /** A change below this is none: 0.025 is 2.5 %. */
  readonly threshold: number;
  readonly anchor?: string;
}

/**
 * The trend of every cell over `records` (any order): its times on one machine, oldest first, and what the last run says against those
 * before it. Machines are kept apart. It is a description, not a gate: nothing is corrected for the number of cells.
 */
export function history(records: readonly RunRecord[], options: HistoryOptions): readonly HistorySeries[] {
  const sorted = records.toSorted((a, b) => a.environment.startedAt.localeCompare(b.environment.startedAt));
  return byMachine(sorted).flatMap((own) => seriesOf(own, options));
}

/** Each group's records differ from its first in nothing that a time depends on. */
function byMachine(records: readonly RunRecord[]): readonly (readonly RunRecord[])[] {
  const groups: { readonly first: RunRecord; readonly members: RunRecord[] }[] = [];
  for (const record of records) {
    const group = groups.find(({ first }) => machineDifferences(first.environment, record.environment).length === 0);
    if (group === undefined) groups.push({ first: record, members: [record] });
    else group.members.push(record);
  }
  return groups.map(({ members }) => members);
}

function seriesOf(records: readonly RunRecord[], { threshold, anchor }: HistoryOptions): readonly HistorySeries[] {
  const [first] = records;
  if (first === undefined) return [];
  const name = commonAnchor(records, anchor);
  const machine = machineName(first.environment);
  const seen = records.flatMap((record) => {
    const anchors = name === undefined ? new Map<string, TimingEntry>() : anchorTimes(record, name);
    return record.timings.flatMap((entry) => {
      const point = pointOf(record.environment.startedAt, entry, anchors.get(questionKey(entry)));
      return point === undefined ? [] : [{ entry, point }];
    });
  });
  return [...Map.groupBy(seen, ({ entry }) => cellKey(entry)).values()].flatMap((own) => {
    const entry = own[0]?.entry;
    if (entry === undefined) return [];
    const points = own.map(({ point }) => point);
    return [{ impl: entry.impl, ...questionOf(entry), machine, points, change: changeOf(points, threshold) }];
  });
}

function pointOf(startedAt: string, entry: TimingEntry, anchor: TimingEntry | undefined): HistoryPoint | undefined {
  const { medianMs, fastMs = null } = entry;
  if (!isTimed(entry) || medianMs === null) return undefined;
  const ratios = anchor === undefined || anchor.impl === entry.impl ? [] : logRatios(entry, anchor);
  const perAnchor =
    ratios.length === 0 ? null : Math.exp(ratios.length === 1 ? (ratios[0] ?? NaN) : trimmedMean(ratios).mean);
  return { startedAt, medianMs, fastMs, perAnchor };
}

/** Relative to the anchor where every run has it, else in the fast mode where every run has it, else by medians. */
function changeOf(points: readonly HistoryPoint[], threshold: number): HistoryChange {
  const measures = [
    { of: ({ perAnchor }: HistoryPoint) => perAnchor, words: "relative to the anchor" },
    { of: ({ fastMs }: HistoryPoint) => fastMs, words: "in the fast mode" },
    { of: ({ medianMs }: HistoryPoint) => medianMs, words: "by medians" },
  ];
  const chosen = measures.find(({ of }) => points.every((point) => of(point) !== null));
  const logs = points.map((point) => Math.log(chosen?.of(point) ?? NaN));
  const last = logs.at(-1) ?? NaN;
  const earlier = logs.slice(0, -1);
  if (earlier.length === 0)
    return {
      verdict: "inconclusive",
      ratio: null,
      expectedWithin: null,
      note: "the only run of this cell on this machine",
    };
  const centre = median(earlier);
  const ratio = Math.exp(last - centre);
  const runs = earlier.length === 1 ? "the run before" : `the median of ${earlier.length} earlier runs`;
  const against = `${changeText(last - centre)} against ${runs}, ${chosen?.words ?? ""}`;
  if (earlier.length < FEWEST_EARLIER) {
    const note = `${against}; ${FEWEST_EARLIER} earlier runs would show how much runs differ by themselves`;
    return { verdict: "inconclusive", ratio, expectedWithin: null, note };
  }
  const within = predictionHalfWidth(earlier, centre);
  const note = `${against}; a run like them stays within ${changeText(within).slice(1)}`;
  const found = { ratio, expectedWithin: Math.exp(within), note };
  const limit = Math.log1p(threshold);
  const size = Math.abs(last - centre);
  if (size > Math.max(limit, within)) return { verdict: last > centre ? "slower" : "faster", ...found };
  return { verdict: within <= limit && size <= limit ? "same" : "inconclusive", ...found };
}

/**
 * Half the width of the interval in which one more value like these n would lie with 95 %: t · s · √(1 + 1/n), s about their median.
 * Source: Hahn and Meeker, Statistical Intervals, 1991 (prediction interval for one future observation of a normal distribution).
 */
function predictionHalfWidth(values: readonly number[], centre: number): number {
  const count = values.length;
  const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (count - 1));
  return studentQuantile(1 - (1 - CONFIDENCE) / 2, count - 1) * spread * Math.sqrt(1 + 1 / count);
}
