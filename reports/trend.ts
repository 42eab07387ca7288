import { history, type HistoryChange, type HistorySeries } from "../harness/bench/compare/history.ts";
import { machineDifferences } from "../harness/bench/compare/machine.ts";
import { DEFAULT_THRESHOLD } from "../harness/bench/compare/verdict.ts";
import type { Environment, RunRecord } from "../core/record.ts";
import { timingViews, type TimingView } from "./timing-view.ts";

/** One implementation's medians over a history; null where a record has no such time. */
export interface TrendSeries {
  readonly impl: string;
  /** Sum over the layers, per record. */
  readonly totalMs: readonly (number | null)[];
  /** Per layer of the view, per record. */
  readonly layersMs: readonly (readonly (number | null)[])[];
  /** What the last record says against those before it, per layer. */
  readonly changes: readonly (HistoryChange | null)[];
}

/** The times of one view in every record of the same machine, oldest first. */
export interface Trend {
  readonly startedAt: readonly string[];
  /** The commit of each record, with a plus where files were changed; null where it is not known. */
  readonly commits: readonly (string | null)[];
  readonly series: readonly TrendSeries[];
  /** Records of other machines, which are kept apart. */
  readonly otherMachines: number;
}

/** One record of a history with its views. */
interface PastRun {
  readonly environment: Environment;
  readonly views: readonly TimingView[];
}

/** The runs of one machine, which all trends share. */
export interface Past {
  readonly runs: readonly PastRun[];
  readonly series: readonly HistorySeries[];
  readonly otherMachines: number;
}

/** The record and its history as far as they are of one machine, oldest first, without a copy of the record itself. */
export function pastOf(record: RunRecord, others: readonly RunRecord[]): Past {
  const { environment } = record;
  const all = [...others.filter((other) => other.environment.startedAt !== environment.startedAt), record];
  const own = all
    .filter((run) => machineDifferences(run.environment, environment).length === 0)
    .sort((a, b) => a.environment.startedAt.localeCompare(b.environment.startedAt));
  return {
    runs: own.map((run) => ({ environment: run.environment, views: timingViews(run) })),
    series: own.length < 2 ? [] : history(own, { threshold: DEFAULT_THRESHOLD }),
    otherMachines: all.length - own.length,
  };
}

function labelOf({ startedAt, commit, hasChanges = false }: Environment) {
  return { startedAt, commit: commit === undefined ? null : `${commit.slice(0, 7)}${hasChanges ? "+" : ""}` };
}

/** The trend of a view; null where it is in fewer than two runs. */
export function trendOf(view: TimingView, past: Past): Trend | null {
  const runs = past.runs.flatMap((run) => {
    const found = sameView(run.views, view);
    return found === undefined ? [] : [{ ...labelOf(run.environment), found }];
  });
  if (runs.length < 2) return null;
  const { suite, pass, threads, cache } = view;
  const own = new Map(
    past.series
      .filter((each) => each.suite === suite && each.pass === pass && each.threads === threads && each.cache === cache)
      .map((each) => [`${each.impl} ${each.layer} ${each.problem}`, each]),
  );
  const series = view.implementations
    .filter(({ timedLayers }) => timedLayers > 0)
    .map(({ impl }) => {
      const seen = runs.map(({ found }) => ({
        found,
        implementation: found.implementations.find((each) => each.impl === impl),
      }));
      return {
        impl,
        totalMs: seen.map(({ implementation }) => implementation?.total?.medianMs ?? null),
        layersMs: view.layers.map(({ layer, problem }) =>
          seen.map(({ found, implementation }) => {
            const index = found.layers.findIndex((each) => each.layer === layer && each.problem === problem);
            const cell = implementation?.cells[index];
            return cell?.kind === "time" ? cell.medianMs : null;
          }),
        ),
        changes: view.layers.map(({ problem, layer }) => own.get(`${impl} ${layer} ${problem}`)?.change ?? null),
      };
    });
  return {
    startedAt: runs.map(({ startedAt }) => startedAt),
    commits: runs.map(({ commit }) => commit),
    series,
    otherMachines: past.otherMachines,
  };
}

/** The view of the same suite, pass, threads, cache state and batch. */
export function sameView(views: readonly TimingView[], view: TimingView): TimingView | undefined {
  return views.find(
    ({ suite, pass, threads, cache, batch }) =>
      suite === view.suite &&
      pass === view.pass &&
      threads === view.threads &&
      cache === view.cache &&
      batch === view.batch,
  );
}
