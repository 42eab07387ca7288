import { median } from "../clock/statistics.ts";
import type { RunRecord, TimingEntry } from "../../../core/record.ts";
import { cellKey, isTimed, questionKey, questionOf, type Question } from "./cells.ts";
import { logRatios, trimmedMean } from "./change.ts";
import { commonControl, controlTimes } from "./control.ts";
import { studentQuantile } from "./distributions.ts";
import { machineDifferences, machineName } from "./machine.ts";
import { changeText, type ComparisonLimits } from "./verdict.ts";

/** Fewer earlier runs do not show how much unchanged code varies from run to run. */
const FEWEST_EARLIER = 3;
const CONFIDENCE = 0.95;

/** One cell in one run. */
export interface HistoryPoint {
  /** ISO 8601, UTC: when the run began */
  readonly startedAt: string;
  readonly medianMs: number;
  readonly fastMs: number | null;
  /** Time ÷ the control benchmark's time in the same rounds; null where none was timed beside the cell. */
  readonly perControl: number | null;
}

/** The last run against the median of those before it. */
export interface HistoryChange {
  readonly verdict: "faster" | "slower" | "same" | "inconclusive";
  /** Last ÷ median of the earlier ones; null without an earlier run. */
  readonly ratio: number | null;
  /** A run like the earlier ones stays within this ratio, up or down, in 95 % of cases; null where they are too few. */
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

/**
 * The trend of every cell over `records` (any order): its times on one machine, oldest first, and how the last run
 * differs from those before it. Machines are kept apart. It is a description, not a gate: nothing is corrected for the
 * number of cells.
 */
export function history(
  records: readonly RunRecord[],
  { threshold }: Pick<ComparisonLimits, "threshold">,
): readonly HistorySeries[] {
  const sorted = records.toSorted((a, b) => a.environment.startedAt.localeCompare(b.environment.startedAt));
  return byMachine(sorted).flatMap((own) => seriesOf(own, threshold));
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

function seriesOf(records: readonly RunRecord[], threshold: number): readonly HistorySeries[] {
  const [first] = records;
  if (first === undefined) return [];
  const name = commonControl(records);
  const machine = machineName(first.environment);
  const seen = records.flatMap((record) => {
    const controls = name === undefined ? new Map<string, TimingEntry>() : controlTimes(record, name);
    return record.timings.flatMap((entry) => {
      const point = pointOf(record.environment.startedAt, entry, controls.get(questionKey(entry)));
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

function pointOf(startedAt: string, entry: TimingEntry, control: TimingEntry | undefined): HistoryPoint | undefined {
  const { medianMs, fastMs = null } = entry;
  if (!isTimed(entry) || medianMs === null) return undefined;
  const ratios = control === undefined || control.impl === entry.impl ? [] : logRatios(entry, control);
  return { startedAt, medianMs, fastMs, perControl: ratios.length === 0 ? null : Math.exp(trimmedMean(ratios).mean) };
}

/** Relative to the control benchmark, or by fast modes, or by medians: the first that every run has. */
function changeOf(points: readonly HistoryPoint[], threshold: number): HistoryChange {
  const measures = [
    { of: ({ perControl }: HistoryPoint) => perControl, words: "relative to the control benchmark" },
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
    const note = `${against}; ${FEWEST_EARLIER} earlier runs would show how much unchanged code varies`;
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
 * Half the width of the interval in which one more value like these n would lie with 95 %: t · s · √(1 + 1/n), s about
 * their median.
 * Source: Hahn and Meeker, Statistical Intervals, 1991 (prediction interval for one future observation of a normal
 * distribution).
 */
function predictionHalfWidth(values: readonly number[], centre: number): number {
  const count = values.length;
  const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (count - 1));
  return studentQuantile(1 - (1 - CONFIDENCE) / 2, count - 1) * spread * Math.sqrt(1 + 1 / count);
}
