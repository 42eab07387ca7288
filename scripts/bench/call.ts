import type { Identification } from "../../core/identification.ts";
import { userPath } from "../../core/paths.ts";
import { plainText } from "../../core/plain-text.ts";
import { readRecord } from "../../core/record-file.ts";
import type { RunRecord } from "../../core/record.ts";
import { UsageError } from "../../core/usage-error.ts";
import type { Limits, Reference } from "../../harness/bench/compare/comparands.ts";
import { environment } from "../../harness/runner/machine.ts";
import { lastComparable } from "../cli/kept-records.ts";
import { thresholdOf } from "../cli/common-options.ts";
import type { ParsedOptions } from "../cli/options.ts";
import { readIdentifications } from "../identify/read.ts";
import { wholeHint, type AskedOptions } from "./options.ts";
import { Outputs } from "./outputs.ts";

/** The word in `--baseline` for the newest record that was kept. */
const LAST = "last";

/** A call of bench that is right as far as can be told before a plugin is loaded. */
export interface BenchCall {
  /** What `--impl` selects; all where it selects nothing. */
  readonly selectors: readonly string[];
  readonly asked: AskedOptions;
  readonly reference: Reference;
  readonly limits: Limits;
  /** The record of an interrupted run, to go on from. */
  readonly resumed: RunRecord | undefined;
  /** What `identify` found, for what is timed. */
  readonly identified: readonly Identification[];
  readonly outputs: Outputs;
  /** What the user calls the machine. */
  readonly machine: string | undefined;
  readonly hint: string | undefined;
}

/** @throws UsageError for a file that cannot be read or written, and for options that exclude each other. */
export function benchCall(parsed: ParsedOptions, asked: AskedOptions): BenchCall {
  const resumed = parsed.text("resume");
  if (resumed !== undefined && !parsed.has("json"))
    throw new UsageError(
      `--resume ${plainText(resumed)} needs --json FILE, where the finished record is to be kept; it may be the same file`,
    );
  const identified = parsed.text("identified");
  return {
    selectors: parsed.list("impl"),
    asked,
    reference: referenceOf(parsed, asked.suite),
    limits: { threshold: thresholdOf(parsed), force: parsed.has("force") },
    resumed: resumed === undefined ? undefined : readRecord(userPath(resumed)),
    identified: identified === undefined ? [] : readIdentifications(userPath(identified)),
    outputs: new Outputs(parsed, asked.suite),
    machine: parsed.text("machine"),
    hint: wholeHint(parsed),
  };
}

function referenceOf(parsed: ParsedOptions, suite: string): Reference {
  const selector = parsed.text("against");
  const baseline = parsed.text("baseline");
  if (selector !== undefined && baseline !== undefined)
    throw new UsageError("--against and --baseline exclude each other; --against is the one that can be trusted");
  if (selector !== undefined) {
    if (parsed.has("impl")) return { kind: "implementation", selector };
    throw new UsageError(`--against ${plainText(selector)} needs --impl: what is compared with it?`);
  }
  if (baseline === LAST)
    return { kind: "record", record: lastComparable(suite, environment({ machine: parsed.text("machine") })) };
  if (baseline !== undefined) return { kind: "record", record: readRecord(userPath(baseline)) };
  // A first look is quick, and no baseline.
  return parsed.has("json") || !parsed.has("quick") ? { kind: "later" } : { kind: "none" };
}
