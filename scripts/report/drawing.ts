import { compareRecords } from "../../harness/bench/compare/records.ts";
import type { RunRecord } from "../../core/record.ts";
import { UsageError } from "../../core/usage-error.ts";
import { thresholdOf } from "../cli/common-options.ts";
import type { ParsedOptions } from "../cli/options.ts";
import { readSource, type Source } from "./sources.ts";

/** What is drawn of a source. */
export interface Drawing {
  /** The only one, the newer of two with its comparisons, or the newest of a folder. */
  readonly record: RunRecord;
  /** The older of two. */
  readonly baseline?: RunRecord;
  /** All of a folder, oldest first. */
  readonly history?: readonly RunRecord[];
}

/** How records are compared. */
export interface Comparing {
  /** A smaller change is not reported: 0.025 is 2.5 %. */
  readonly threshold: number;
  /** Also records of different machines. */
  readonly force: boolean;
}

/** @throws UsageError for a value that is wrong, or an option that does nothing with this source. */
export function comparing(parsed: ParsedOptions, source: Source): Comparing {
  const idle = ["force", "threshold"].find((name) => parsed.has(name) && source.kind !== "pair");
  if (idle !== undefined) throw new UsageError(`--${idle} goes with two records`);
  return { threshold: thresholdOf(parsed), force: parsed.has("force") };
}

/**
 * What the source has now, `drawing` undefined where it has no record.
 * @throws UsageError when a file that was named is no record, or two records cannot be compared
 */
export function draw(
  source: Source,
  how: Comparing,
): { readonly drawing: Drawing | undefined; readonly skipped: readonly string[] } {
  const { records, skipped } = readSource(source);
  const [oldest, record] = [records[0], records.at(-1)];
  if (oldest === undefined || record === undefined) return { drawing: undefined, skipped };
  switch (source.kind) {
    case "record":
      return { drawing: { record }, skipped };
    case "folder":
      return { drawing: { record, history: records }, skipped };
    case "pair": {
      const comparisons = [
        // Comparisons of its own run stay; those with an earlier record are made anew, with this one.
        ...(record.comparisons ?? []).filter(({ method }) => method === "same-rounds"),
        ...compareRecords(oldest, record, how),
      ];
      return { drawing: { record: { ...record, comparisons }, baseline: oldest }, skipped };
    }
  }
}
