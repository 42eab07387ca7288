import type {
  Ceilings,
  CheckEntry,
  ComparisonEntry,
  Environment,
  ImplEntry,
  RunRecord,
  TimingEntry,
} from "../../core/record.ts";
import { machineDifferences } from "../../harness/bench/compare/machine.ts";
import { extentOf, failureCases, failureFacts, type FailureCase } from "../failure-facts.ts";
import { headline, headlineSource, type Headline, type HeadlineSource } from "../headline.ts";
import { withModelAnswer, type ModelView } from "../model-ranking.ts";
import { publishedFor, type PublishedBreakdown } from "../published-breakdown.ts";
import { comparisonsOf, gaps, timingViews, viewTitle, type Gap, type TimingView } from "../timing-view.ts";
import { pastOf, sameView, trendOf, type Trend } from "../trend.ts";
import { expectedFailures, verdicts, type ExpectedFailureSummary, type Standing, type Verdict } from "../verdict.ts";
import { intensityOf } from "../layer-problem.ts";

/** What the page may show besides a record. */
export interface PageOptions {
  /** An earlier record, drawn side by side. */
  readonly baseline?: RunRecord;
  /** Records of a folder, for the trend. */
  readonly history?: readonly RunRecord[];
  /** The page is served and is told when the record has changed. */
  readonly live?: boolean;
}

/** A table of timings with its answer and all that is drawn of it. */
export interface PageView extends TimingView {
  readonly title: string;
  readonly headline: Headline;
  readonly gaps: readonly Gap[];
  /** FLOP per byte of compulsory traffic, per layer; null where the descriptor is not valid. */
  readonly intensities: readonly (number | null)[];
  readonly ceilings: Ceilings | null;
  readonly comparisons: readonly ComparisonEntry[];
  readonly published: PublishedBreakdown | null;
  /** The same view of the baseline. */
  readonly older: TimingView | null;
  readonly trend: Trend | null;
}

/** What tells one view of a record from another. */
export const AXES = ["suite", "pass", "threads", "cache", "batch"] as const;

export type ViewAxes = Pick<TimingView, (typeof AXES)[number]>;

/** All that the page shows but its views, which are read one by one. In the page's JSON non-finite numbers and −0 are strings; client/data.ts decodes them. */
export interface PageData {
  readonly environment: Environment;
  readonly command: string;
  readonly live: boolean;
  readonly impls: readonly (ImplEntry & { readonly standing: Standing })[];
  /** The answer where there are no timings. */
  readonly headline: Headline;
  readonly views: readonly ViewAxes[];
  readonly models: readonly ModelView[];
  /** Who disturbed the others. */
  readonly rivals: HeadlineSource["rivals"];
  readonly verdicts: readonly Verdict[];
  readonly checks: readonly CheckEntry[];
  readonly expectedFailures: readonly ExpectedFailureSummary[];
  readonly extent: readonly string[];
  readonly failures: readonly (FailureCase & { readonly facts: readonly (readonly [string, string])[] })[];
  readonly ceilings: readonly Ceilings[];
  readonly baseline: {
    readonly environment: Environment;
    readonly command: string;
    /** How the machines differ, a sentence each. */
    readonly differences: readonly string[];
  } | null;
}

/** The views of a record by itself, in the order of `PageData.views`. `models` are those of `modelViews`. */
export function pageViews(record: RunRecord, models: readonly ModelView[]): readonly PageView[] {
  const source = headlineSource(record);
  const ceilings = record.ceilings ?? [];
  return timingViews(record).map((view) => ({
    ...view,
    title: viewTitle(view),
    headline: withModelAnswer(models, headline(source, view), true),
    gaps: gaps(view),
    intensities: view.layers.map(({ problem }) => intensityOf(problem, view.pass)),
    ceilings: ceilings.find(({ threads }) => threads === view.threads) ?? null,
    comparisons: comparisonsOf(record, view),
    published: publishedFor(view),
    older: null,
    trend: null,
  }));
}

/** The same beside earlier records. */
export function pageViewsBeside(
  record: RunRecord,
  models: readonly ModelView[],
  { baseline, history = [] }: PageOptions,
): readonly PageView[] {
  const olderViews = baseline === undefined ? [] : timingViews(baseline);
  const past = history.length === 0 ? null : pastOf(record, history);
  return pageViews(record, models).map((view) => ({
    ...view,
    older: sameView(olderViews, view) ?? null,
    trend: past && trendOf(view, past),
  }));
}

/** What the page shows of a record, besides its views. */
export function pageData(record: RunRecord, models: readonly ModelView[], options: PageOptions = {}): PageData {
  const { baseline, live = false } = options;
  const source = headlineSource(record);
  const standingOf = source.standings;
  return {
    environment: record.environment,
    command: record.command,
    live,
    impls: record.impls.flatMap((impl, index) => {
      const standing = standingOf[index];
      return standing === undefined ? [] : [{ ...impl, standing }];
    }),
    headline: withModelAnswer(models, headline(source, undefined), false),
    views: timingViews(record).map(({ suite, pass, threads, cache, batch }) => ({
      suite,
      pass,
      threads,
      cache,
      batch,
    })),
    models,
    rivals: source.rivals,
    verdicts: verdicts(record),
    checks: record.checks,
    expectedFailures: expectedFailures(record),
    extent: extentOf(record),
    failures: failureCases(record).map((entry) => ({ ...entry, facts: failureFacts(entry) })),
    ceilings: record.ceilings ?? [],
    baseline:
      baseline === undefined
        ? null
        : {
            environment: baseline.environment,
            command: baseline.command,
            differences: machineDifferences(baseline.environment, record.environment),
          },
  };
}

/** Of a record with more samples the page has every n-th of each round: it opens quickly, and drift and modes show. */
const MOST_SAMPLES = 400_000;

export interface PageSamples {
  /** One in this many samples is here. */
  readonly every: number;
  /** In ms, rounds in time order: [view][implementation][layer][round][sample]; null without a time. */
  readonly views: readonly (readonly (readonly (readonly (readonly number[])[] | null)[])[])[];
}

/** The samples, apart from the rest: the page reads them only when they are to be shown. */
export function pageSamples(record: RunRecord): PageSamples {
  const count = record.timings.reduce(
    (sum, { launches }) => sum + launches.reduce((own, { samplesMs }) => own + samplesMs.length, 0),
    0,
  );
  const every = Math.max(1, Math.ceil(count / MOST_SAMPLES));
  const byCell = new Map(record.timings.map((timing) => [cellKey(timing), timing]));
  const views = timingViews(record).map((view) =>
    view.implementations.map(({ impl, cells }) =>
      view.layers.map(({ layer, problem }, index) => {
        const timing = byCell.get(cellKey({ ...view, impl, layer, problem }));
        return cells[index]?.kind === "time" && timing !== undefined ? thinned(timing, every) : null;
      }),
    ),
  );
  return { every, views };
}

function cellKey({
  impl,
  suite,
  layer,
  problem,
  pass,
  threads,
  cache,
}: Pick<TimingEntry, "impl" | "suite" | "layer" | "problem" | "pass" | "threads" | "cache">): string {
  return JSON.stringify([impl, suite, layer, problem, pass, threads, cache]);
}

function thinned({ launches }: TimingEntry, every: number): number[][] {
  return launches
    .toSorted((a, b) => a.startedAt.localeCompare(b.startedAt))
    .map(({ samplesMs }) => samplesMs.filter((_, index) => index % every === 0).map((ms) => Number(ms.toPrecision(4))));
}
