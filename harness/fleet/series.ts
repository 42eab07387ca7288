/** Trends: the times of each cell on each machine, over records. */
import type { RunRecord, TimingEntry } from "../../core/record.ts";
import { isTimed, questionKey, type Question } from "../bench/compare/cells.ts";
import { logRatios, trimmedMean } from "../bench/compare/change.ts";
import { commonControl, controlTimes } from "../bench/compare/control.ts";
import { machineOf } from "./merge.ts";

/** One cell in one run. */
export interface CellPoint {
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly commit: string | null;
  readonly medianMs: number;
  /** Time ÷ the control benchmark's in the same rounds; null where none was timed beside the cell. */
  readonly perControl: number | null;
}

/** A cell's points on one machine, oldest first. */
export interface CellSeries {
  readonly suite: string;
  readonly machine: string;
  readonly impl: string;
  readonly layer: string;
  readonly problem: string;
  readonly pass: string;
  readonly threads: number;
  readonly points: readonly CellPoint[];
}

/** A cell of a record that has a time. */
interface TimedCell extends Question {
  readonly impl: string;
  readonly ms: number;
  /** Time ÷ the control benchmark's. */
  readonly ratio: number | null;
}

export function timedCells(record: RunRecord): readonly TimedCell[] {
  const control = commonControl([record]);
  const controls = control === undefined ? new Map<string, TimingEntry>() : controlTimes(record, control);
  return record.timings.flatMap((entry) => {
    const { suite, impl, layer, problem, pass, threads, cache, medianMs } = entry;
    if (!isTimed(entry) || medianMs === null) return [];
    const ratio = ratioOf(entry, controls.get(questionKey(entry)));
    return [{ suite, impl, layer, problem, pass, threads, cache, ms: medianMs, ratio }];
  });
}

function ratioOf(entry: TimingEntry, control: TimingEntry | undefined): number | null {
  const ratios = control === undefined || control.impl === entry.impl ? [] : logRatios(entry, control);
  return ratios.length === 0 ? null : Math.exp(trimmedMean(ratios).mean);
}

/** The trends over records in any order, as the database gives them of those that it has. */
export function seriesOfRecords(records: readonly RunRecord[]): readonly CellSeries[] {
  const seen = records
    .toSorted((a, b) => a.environment.startedAt.localeCompare(b.environment.startedAt))
    .flatMap((record) => {
      const machine = machineOf(record);
      const { startedAt, commit = null } = record.environment;
      return timedCells(record).map((cell) => ({ cell, machine, startedAt, commit }));
    });
  const groups = Map.groupBy(seen, ({ cell, machine }) => JSON.stringify([questionKey(cell), cell.impl, machine]));
  return [...groups.values()].flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    const { suite, impl, layer, problem, pass, threads } = first.cell;
    const points = own.map(({ cell: { ms, ratio }, startedAt, commit }) => {
      return { startedAt, commit, medianMs: ms, perControl: ratio };
    });
    return [{ suite, machine: first.machine, impl, layer, problem, pass, threads, points }];
  });
}
