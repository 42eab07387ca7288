import type { ComparisonEntry, RunRecord } from "../core/record.ts";
import { comparisonSummary } from "./comparison-table.ts";
import { failureCases, failureTitle, type FailureCase } from "./failure-facts.ts";
import { counted, listed, percentage, relativeInterval, significant } from "./format.ts";
import { ranksOf, ratioText } from "./ranking.ts";
import { freshCosts, rivals, sureness, warnings } from "./time-notes.ts";
import { comparisonsOf, type TimingView } from "./timing-view.ts";
import { standings, type Standing } from "./verdict.ts";

/** The answer in words: one sentence that carries it, then what it rests on. */
export interface Headline {
  readonly answer: string;
  /** Who holds and who fails. */
  readonly right: readonly string[];
  /** Who leads by how much, and who is not ranked. */
  readonly fast: readonly string[];
  /** Rounds, intervals, the load of the machine. */
  readonly sure: readonly string[];
}

/** What the answer is drawn from: a record, or what the page has of one. */
export interface HeadlineSource {
  readonly impls: RunRecord["impls"];
  readonly environment: RunRecord["environment"];
  readonly ceilings: NonNullable<RunRecord["ceilings"]>;
  readonly comparisons: NonNullable<RunRecord["comparisons"]>;
  readonly standings: readonly Standing[];
  readonly failures: readonly FailureCase[];
  readonly rivals: NonNullable<RunRecord["rivals"]>;
}

export function headlineSource(record: RunRecord): HeadlineSource {
  const { impls, environment, ceilings = [], comparisons = [], rivals: found = [] } = record;
  return {
    impls,
    environment,
    ceilings,
    comparisons,
    standings: standings(record),
    failures: failureCases(record),
    rivals: found,
  };
}

/**
 * What is wrong, where something is; otherwise what changed, where something was compared; otherwise who is fastest of
 * the view. Then what that rests on.
 */
export function headline(source: HeadlineSource, view: TimingView | undefined): Headline {
  const right = correctness(source);
  const [failure, ...others] = shownFailures(source, view);
  const more = others.length === 0 ? "" : `; ${counted(others.length, "more failure")}`;
  const wrong = failure === undefined ? [] : [`${failureTitle(failure)}${more}.`];
  if (view === undefined) {
    const [answer, ...rest] = [...wrong, right.answer] as const;
    return { answer, right: [...rest, ...right.support], fast: [], sure: [] };
  }
  const speed = speedOf(view);
  const change = changeOf(source, view);
  // Where some are right and have times, who is fastest among them is still the answer.
  const isAnswer = ranksOf(view).length === 0;
  const isCompared = change !== undefined && comparesAll(source, view);
  const [answer = speed.answer, ...rest] = [
    ...(isAnswer ? wrong : []),
    ...(isCompared ? [change] : []),
    speed.answer,
    ...(change === undefined || isCompared ? [] : [change]),
  ];
  return {
    answer,
    right: [...(isAnswer ? [] : wrong), right.answer, ...right.support],
    fast: [...rest, ...speed.support, ...shareOfCeiling(source, view), ...choices(view), ...freshCosts(view)],
    sure: [
      ...rivals(source.rivals),
      ...detectable(source, view),
      ...sureness(source.environment, view),
      ...warnings(view),
    ],
  };
}

/** The failures of what the view shows. */
function shownFailures({ failures }: HeadlineSource, view: TimingView | undefined): readonly FailureCase[] {
  return view === undefined
    ? failures
    : failures.filter(({ impl, pass }) => {
        return pass === view.pass && view.implementations.some((shown) => shown.impl === impl);
      });
}

/** One sentence and what supports it. */
interface Finding {
  readonly answer: string;
  readonly support: readonly string[];
}

/** What an implementation did that did not hold, in words. */
const LAPSES = [
  ["failed", "fails", "fail"],
  ["crashed", "crashed", "crashed"],
  ["timed-out", "timed out", "timed out"],
  ["mistrusted", "could not be checked", "could not be checked"],
  ["known-defect", "shows a known defect", "show known defects"],
] as const;

function correctness({ standings: all, impls }: HeadlineSource): Finding {
  const names = (status: Standing["status"]) =>
    all.filter((standing) => standing.status === status).map(({ impl }) => impl);
  const software = impls.flatMap(({ name, status, software: driver }) =>
    driver === undefined || status === "unavailable"
      ? []
      : [`${name} ran on a software driver (${driver}), not on a GPU.`],
  );
  const support = [
    ...software,
    ...sentence(names("unavailable"), "is not available on this machine", "are not available on this machine"),
    ...sentence(names("not checked"), "was not checked", "were not checked"),
    ...sentence(names("unsupported"), "does none of these problems", "do none of these problems"),
  ];
  const holding = names("passed");
  const lapses = LAPSES.map(([status, singular, plural]) => ({ own: names(status), singular, plural }));
  const checked = lapses.reduce((count, { own }) => count + own.length, holding.length);
  if (checked === 0) return { answer: "Nothing was checked.", support };
  if (holding.length === checked) {
    const answer =
      checked === 1
        ? `${listed(holding)} passes all checks.`
        : `${checked === 2 ? "Both" : `All ${checked}`} implementations pass all checks.`;
    return { answer, support };
  }
  const of = `of ${counted(checked, "implementation")}`;
  const holds =
    holding.length === 0
      ? []
      : [`${holding.length} ${of} ${holding.length === 1 ? "passes all checks" : "pass all checks"}`];
  const others = lapses.flatMap(({ own, singular, plural }) => clause(own, singular, plural));
  return { answer: `${[...holds, ...others].join("; ")}.`, support };
}

function clause(names: readonly string[], singular: string, plural: string): string[] {
  return names.length === 0 ? [] : [`${listed(names)} ${names.length === 1 ? singular : plural}`];
}

function sentence(names: readonly string[], singular: string, plural: string): string[] {
  return clause(names, singular, plural).map((text) => `${text}.`);
}

function speedOf(view: TimingView): Finding {
  const ranks = ranksOf(view);
  const [first, second] = ranks;
  const layers = counted(view.layers.length, "layer");
  if (first === undefined) {
    const most = view.implementations[0]?.timedLayers ?? 0;
    return most === 0
      ? { answer: `No implementation has a time for ${view.suite}.`, support: [] }
      : { answer: `No implementation has a time for all ${layers} of ${view.suite}.`, support: [] };
  }
  const time = [`${significant(first.total.medianMs)} ms`, relativeInterval(first.total.medianMs, first.total.ci95Ms)];
  const pass = view.pass === "forward" ? "" : ` (${view.pass})`;
  const total = `${time.filter((part) => part !== "").join(" ")} for the ${layers} of ${view.suite}${pass}`;
  const support = incomplete(view, ranks.length);
  if (second === undefined) return { answer: `${first.impl} takes ${total}.`, support };
  if (groupOf(first, view) !== groupOf(second, view)) {
    const next = `${second.impl}, the next, has ${significant(second.total.medianMs)} ms`;
    const apart = "but they were not timed side by side, as the memory did not hold both at once.";
    return { answer: `${first.impl} has the shortest time: ${total}.`, support: [`${next}, ${apart}`, ...support] };
  }
  const tied = ranks.filter(({ standing }) => standing === "tied");
  if (tied.length > 0) {
    const names = listed([first, ...tied].map(({ impl }) => impl));
    return { answer: `${names} are tied: ${total}.`, support: ["Their intervals overlap.", ...support] };
  }
  const next = `${second.impl}, the next, takes ${ratioText(second)} the time`;
  return second.standing === "unsure"
    ? {
        answer: `${first.impl} looks fastest: ${total}.`,
        support: [`${next}; measured once, so no error estimate.`, ...support],
      }
    : {
        answer: `${first.impl} is fastest: ${total}.`,
        support: [`${next}; the intervals do not overlap.`, ...support],
      };
}

/** Which implementations it was timed beside; null where that is all of them. */
function groupOf({ impl }: { readonly impl: string }, { implementations }: TimingView): number | null {
  const cells = implementations.find((implementation) => implementation.impl === impl)?.cells ?? [];
  return cells.find((cell) => cell.kind === "time")?.group ?? null;
}

/** How near the fastest comes to what was measured as the machine's most. */
function shareOfCeiling({ ceilings }: HeadlineSource, { implementations, threads }: TimingView): string[] {
  const ceiling = ceilings.find((each) => each.threads === threads);
  const [first] = implementations;
  if (ceiling === undefined || first?.device === "gpu" || typeof first?.total?.gflops !== "number") return [];
  const native = ceiling.nativeGflops ?? 0;
  const most = Math.max(native, ceiling.wasmGflops);
  const kind = most === native ? "native" : "WebAssembly";
  const { gflops } = first.total;
  const share = gflops / most;
  // Above the peak only where the algorithm makes do with fewer operations than are counted.
  const rate =
    share > 1
      ? `${significant(gflops)} GFLOP/s, counted as the direct method's operations: it saves some of these, so that is no share of the machine's peak`
      : `${significant(gflops)} GFLOP/s, ${percentage(share)} of the ${kind} peak measured beside it`;
  return [`${first.impl} does ${rate}.`];
}

/** What implementations chose that have several ways to compute. */
function choices({ implementations, layers }: TimingView): string[] {
  return implementations.flatMap(({ impl, cells }) => {
    const chosen = cells.flatMap((cell, index) =>
      cell.kind === "time" && cell.choice !== null ? [{ choice: cell.choice, layer: layers[index]?.layer ?? "" }] : [],
    );
    const parts = [...Map.groupBy(chosen, ({ choice }) => choice)].map(
      ([choice, own]) => `${choice} for ${own.map(({ layer }) => layer).join(", ")}`,
    );
    return parts.length === 0 ? [] : [`${impl} chose ${parts.join("; ")}.`];
  });
}

/** The comparisons of what the view shows. */
function shownComparisons(source: HeadlineSource, view: TimingView): readonly ComparisonEntry[] {
  const shown = new Set(view.implementations.map(({ impl }) => impl));
  return comparisonsOf(source, view).filter(({ impl }) => shown.has(impl));
}

/** What changed, where old code or an earlier record was compared with new. */
function changeOf(source: HeadlineSource, view: TimingView): string | undefined {
  const own = shownComparisons(source, view);
  const [first] = own;
  if (first === undefined) return undefined;
  const impls = [...new Set(own.map(({ impl }) => impl))];
  const others = [
    ...new Set(
      own.map(({ impl, against, method }) => {
        return method === "anchor" && impl === against ? "the earlier record" : against;
      }),
    ),
  ];
  return `${listed(impls)} against ${listed(others)}: ${comparisonSummary(own)}`;
}

/** Whether the run was made to compare: with an earlier record, or of nothing but old and new. */
function comparesAll(source: HeadlineSource, view: TimingView): boolean {
  const own = shownComparisons(source, view);
  const parties = new Set(own.flatMap(({ impl, against }) => [impl, against]));
  return own.some(({ method }) => method === "anchor") || view.implementations.every(({ impl }) => parties.has(impl));
}

/** The smallest changes that the comparisons would have seen. */
function detectable(source: HeadlineSource, view: TimingView): string[] {
  const own = shownComparisons(source, view).flatMap(({ smallestChange }) => smallestChange ?? []);
  if (own.length === 0) return [];
  const [low, high] = [Math.min(...own), Math.max(...own)].map((change) => percentage(change));
  return [`Detectable change: ${low === high ? low : `${low} to ${high}`}, by cell.`];
}

function incomplete(view: TimingView, finishers: number): string[] {
  const partial = view.implementations
    .slice(finishers)
    .filter(({ total, timedLayers }) => total === null && timedLayers > 0);
  return sentence(
    partial.map(({ impl }) => impl),
    "has no time for some layers and is not ranked",
    "have no time for some layers and are not ranked",
  );
}
