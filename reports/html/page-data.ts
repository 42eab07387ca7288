import type { CheckEntry, Environment, ImplEntry, RunRecord } from "../../harness/record.ts";
import { extentOf, failureCases, failureFacts, type FailureCase } from "../failure-facts.ts";
import { headline, type Headline } from "../headline.ts";
import { gaps, timingViews, type Gap, type TimingView } from "../timing-view.ts";
import { knownDefects, standings, verdicts, type KnownDefectSummary, type Standing, type Verdict } from "../verdict.ts";

/** A table of timings with its answer and what is missing from it. */
export interface PageView extends TimingView {
  readonly headline: Headline;
  readonly gaps: readonly Gap[];
}

/** All that the page shows, as it lies in the page's JSON; non-finite numbers and −0 are strings there. */
export interface PageData {
  readonly environment: Environment;
  readonly command: string;
  readonly impls: readonly (ImplEntry & { readonly standing: Standing })[];
  /** The answer where there are no timings. */
  readonly headline: Headline;
  readonly views: readonly PageView[];
  readonly verdicts: readonly Verdict[];
  readonly checks: readonly CheckEntry[];
  readonly knownDefects: readonly KnownDefectSummary[];
  readonly extent: readonly string[];
  readonly failures: readonly (FailureCase & { readonly facts: readonly (readonly [string, string])[] })[];
}

/** What the page shows of a record. */
export function pageData(record: RunRecord): PageData {
  const standingOf = standings(record);
  return {
    environment: record.environment,
    command: record.command,
    impls: record.impls.flatMap((impl, index) => {
      const standing = standingOf[index];
      return standing === undefined ? [] : [{ ...impl, standing }];
    }),
    headline: headline(record, undefined),
    views: timingViews(record).map((view) => ({ ...view, headline: headline(record, view), gaps: gaps(view) })),
    verdicts: verdicts(record),
    checks: record.checks,
    knownDefects: knownDefects(record),
    extent: extentOf(record),
    failures: failureCases(record).map((entry) => ({ ...entry, facts: failureFacts(entry.failure, entry.alsoBroken) })),
  };
}
