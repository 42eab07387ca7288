import type { ComparisonEntry, RunRecord } from "../core/record.ts";
import { END_TO_END } from "../suites/suite.ts";
import { counted, listed, significant } from "./format.ts";
import { comparisonsOf, timingViews, viewTitle, type TimingView } from "./timing-view.ts";
import { sameView } from "./trend.ts";

export interface ComparisonRow {
  readonly verdict: ComparisonEntry["verdict"];
  /** As many as the table's head has. */
  readonly cells: readonly string[];
}

/**
 * One implementation against another, or its earlier self, in one view of the timings: text that is not escaped yet.
 */
export interface ComparisonTable {
  readonly title: string;
  /** The first two columns hold text, the others figures, the most important first. */
  readonly head: readonly string[];
  /** Empty where no cell could be compared: the notes say why. */
  readonly rows: readonly ComparisonRow[];
  /** How the figures are to be read. */
  readonly caption: string;
  /** Each reason once, with the layers that have it unless all do. */
  readonly notes: readonly string[];
}

const HEAD = ["layer", "verdict", "change", "interval", "detectable", "old ms", "new ms"];

/**
 * The comparisons of a record, a table for each view and pair of implementations.
 * @param baseline the earlier record, where there is one: the old times of comparisons through a control benchmark are
 * there
 */
export function comparisonTables(record: RunRecord, baseline?: RunRecord): ComparisonTable[] {
  const olderViews = baseline === undefined ? [] : timingViews(baseline);
  return timingViews(record).flatMap((view) => {
    const older = sameView(olderViews, view);
    const groups = Map.groupBy(comparisonsOf(record, view), ({ impl, against, method, confidence, threshold }) =>
      JSON.stringify([impl, against, method, confidence, threshold]),
    );
    return [...groups.values()].flatMap((own) => tableOf(own, view, older));
  });
}

function tableOf(own: readonly ComparisonEntry[], view: TimingView, older: TimingView | undefined): ComparisonTable[] {
  const [first] = own;
  if (first === undefined) return [];
  const hasFigures = own.some(({ ratio }) => ratio !== null);
  const rows = (hasFigures ? own : []).map((entry) => ({
    verdict: entry.verdict,
    cells: [
      entry.layer,
      entry.verdict,
      ...figures(entry),
      milliseconds(entry.method === "same-rounds" ? view : older, entry.against, entry),
      milliseconds(view, entry.impl, entry),
    ],
  }));
  const { impl, against, method } = first;
  const other = method === "anchor" && impl === against ? "the earlier record" : against;
  return [
    {
      title: `${impl} against ${other}: ${viewTitle(view)}`,
      head: HEAD,
      rows,
      caption: captionOf(first),
      notes: notesOf(own),
    },
  ];
}

/**
 * What the comparisons come to in one sentence: "Of 8 compared cells 1 is slower (conv2 by 5.2 %), 7 are the same.";
 * empty without any.
 */
export function comparisonSummary(comparisons: readonly ComparisonEntry[]): string {
  const hasSeveral = new Set(comparisons.map(({ impl, against }) => JSON.stringify([impl, against]))).size > 1;
  const clauses = (["slower", "faster", "same", "inconclusive"] as const).flatMap((verdict) => {
    const own = comparisons.filter((entry) => entry.verdict === verdict);
    if (own.length === 0) return [];
    const names = own.map(
      ({ impl, layer, ratio }) =>
        `${hasSeveral ? `${impl} ` : ""}${layer}${ratio === null ? "" : ` ${changeText(ratio)}`}`,
    );
    const which = verdict === "slower" || verdict === "faster" ? ` (${listed(names)})` : "";
    return [`${own.length} ${own.length === 1 ? "is" : "are"} ${verdict === "same" ? "the same" : verdict}${which}`];
  });
  return clauses.length === 0 ? "" : `Of ${counted(comparisons.length, "compared cell")} ${listed(clauses, 4)}.`;
}

/** A ratio of new to old as a signed percentage: 1.052 is "+5.2 %". */
export function changeText(ratio: number): string {
  const percent = 100 * (ratio - 1);
  const size = Math.abs(percent) < 9.95 ? Math.abs(percent).toFixed(1) : Math.abs(percent).toFixed(0);
  return `${Number(size) === 0 ? "±" : percent < 0 ? "−" : "+"}${size} %`;
}

function figures({ ratio, interval, smallestChange }: ComparisonEntry): string[] {
  return [
    ratio === null ? "–" : changeText(ratio),
    interval === null ? "–" : `${changeText(interval[0]).slice(0, -2)} to ${changeText(interval[1])}`,
    smallestChange === null ? "–" : changeText(1 + smallestChange).slice(1),
  ];
}

function captionOf({ confidence, threshold, method }: ComparisonEntry): string {
  const how =
    method === "same-rounds"
      ? "timed in the same rounds"
      : "two runs, each relative to a control benchmark that both timed";
  return [
    `change: new time against old, ${how}`,
    `interval: ${Number((100 * confidence).toPrecision(4))} %`,
    `a change under ${Number((100 * threshold).toPrecision(3))} % does not count`,
    "detectable: the smallest change that would have led to a verdict",
  ].join("; ");
}

function notesOf(comparisons: readonly ComparisonEntry[]): string[] {
  const withReason = comparisons.flatMap(({ layer, reason = "" }) => (reason === "" ? [] : [{ layer, reason }]));
  return [...Map.groupBy(withReason, ({ reason }) => reason)].map(([reason, own]) =>
    own.length === comparisons.length ? reason : `${own.map(({ layer }) => layer).join(", ")}: ${reason}`,
  );
}

/** The median of an implementation's cell, where it may be shown. */
function milliseconds(view: TimingView | undefined, impl: string, { layer, problem }: ComparisonEntry): string {
  const index = view?.layers.findIndex((each) => each.layer === layer && each.problem === problem) ?? -1;
  const implementation = view?.implementations.find((each) => each.impl === impl);
  const cell = layer === END_TO_END ? implementation?.endToEnd?.cell : implementation?.cells[index];
  return cell?.kind === "time" ? significant(cell.medianMs) : "–";
}
