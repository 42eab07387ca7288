import type { Comparands } from "../../harness/bench/clock/rounds.ts";
import { assertSameMachine } from "../../harness/bench/compare/machine.ts";
import { compareRecords } from "../../harness/bench/compare/records.ts";
import { compareAgainst } from "../../harness/bench/compare/same-rounds.ts";
import { findImplementations, type Implementation, type Finding } from "../../harness/runner/discovery.ts";
import { userPath } from "../../core/paths.ts";
import { plainText } from "../../core/plain-text.ts";
import { readRecord } from "../../core/record-file.ts";
import type { ComparisonEntry, Environment, RunRecord } from "../../core/record.ts";
import { UsageError } from "../../core/usage-error.ts";
import type { ParsedOptions } from "../cli/options.ts";
import { threshold } from "../cli/threshold.ts";

/** The control benchmark: plain TypeScript that changes seldom, fast enough to be timed beside anything. */
const CONTROL = "im2col-gemm";

/** What a run is compared with, found and checked before anything is timed. */
export interface Comparison extends Comparands {
  /** All that is timed: the implementations of the call, and the one that they are compared with. */
  readonly implementations: readonly Implementation[];
  readonly baseline: RunRecord | undefined;
  readonly compare: (record: RunRecord) => readonly ComparisonEntry[];
}

/**
 * Finds what `--against` and `--baseline` name, and the control benchmark that relates a record to others.
 * @throws UsageError when they exclude each other, are missing or wrong, or (the baseline) of another machine.
 */
export async function findComparison(
  parsed: ParsedOptions,
  implementations: readonly Implementation[],
  environment: Environment,
  finding: Finding,
): Promise<Comparison> {
  const against = parsed.text("against");
  const baselinePath = parsed.text("baseline");
  if (against !== undefined && baselinePath !== undefined)
    throw new UsageError("--against and --baseline exclude each other; --against is the one that can be trusted");
  const limits = { threshold: threshold(parsed), force: parsed.has("force") };
  if (against !== undefined) {
    if (!parsed.has("impl"))
      throw new UsageError(`--against ${plainText(against)} needs --impl: what is compared with it?`);
    const older = await findOlder(against, implementations, finding);
    const all = [...implementations, older];
    return {
      implementations: all,
      compared: new Set(all),
      baseline: undefined,
      compare: ({ timings }) => compareAgainst(timings, older.name, limits),
    };
  }
  const baseline = baselinePath === undefined ? undefined : readRecord(userPath(baselinePath));
  if (baseline !== undefined && !limits.force) assertSameMachine(baseline.environment, environment, "compare with");
  const control =
    baseline !== undefined || parsed.has("json") ? await findControl(implementations, finding) : undefined;
  return {
    implementations,
    compared: new Set(),
    ...(control === undefined ? {} : { control }),
    baseline,
    compare: (record) => (baseline === undefined ? [] : compareRecords(baseline, record, limits)),
  };
}

/** The old code under a name of its own: an older file of a plugin usually has the plugin's name. */
async function findOlder(
  selector: string,
  implementations: readonly Implementation[],
  finding: Finding,
): Promise<Implementation> {
  const found = await findImplementations([selector], finding);
  const sameName = found.find(({ name }) => implementations.some((implementation) => implementation.name === name));
  const older = found.length === 1 ? found[0] : sameName;
  if (older === undefined) {
    const names = found.map(({ name }) => plainText(name)).join(", ");
    throw new UsageError(`--against takes one implementation; ${plainText(selector)} has ${names}`);
  }
  const isItself = implementations.some(({ name, url }) => name === older.name && url === older.url);
  if (isItself && implementations.length > 1) return older;
  return { ...older, name: `${older.name}@against`, isNamed: true };
}

/** The control benchmark; undefined where it is an implementation of the call itself. */
async function findControl(
  implementations: readonly Implementation[],
  finding: Finding,
): Promise<Implementation | undefined> {
  const [control] = await findImplementations([CONTROL], finding);
  return implementations.some(({ url }) => url === control?.url) ? undefined : control;
}
