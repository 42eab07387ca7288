import type { Comparands } from "../../harness/clock/rounds.ts";
import { assertSameMachine } from "../../harness/compare/machine.ts";
import { compareRecords } from "../../harness/compare/records.ts";
import { compareAgainst } from "../../harness/compare/same-rounds.ts";
import { findContenders, type Contender, type Finding } from "../../harness/discovery.ts";
import { userPath } from "../../harness/paths.ts";
import { plainText } from "../../harness/plain-text.ts";
import { readRecord } from "../../harness/record-file.ts";
import type { ComparisonEntry, Environment, RunRecord } from "../../harness/record.ts";
import { UsageError } from "../../harness/usage-error.ts";
import type { ParsedOptions } from "../cli/options.ts";
import { threshold } from "../cli/threshold.ts";

/** Relates one run to another: plain TypeScript that changes seldom, fast enough to be timed beside anything. */
const ANCHOR = "im2col-gemm";

/** What a run is compared with, found and checked before anything is timed. */
export interface Comparison extends Comparands {
  /** All that is timed: the contenders of the call, and the one that they are compared with. */
  readonly contenders: readonly Contender[];
  readonly baseline: RunRecord | undefined;
  readonly compare: (record: RunRecord) => readonly ComparisonEntry[];
}

/**
 * Finds what `--against` and `--baseline` name, and the anchor that a record needs to be compared with others.
 * @throws UsageError when they exclude each other, are missing or wrong, or (the baseline) of another machine.
 */
export async function findComparison(
  parsed: ParsedOptions,
  contenders: readonly Contender[],
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
    const older = await findOlder(against, contenders, finding);
    const all = [...contenders, older];
    return {
      contenders: all,
      compared: new Set(all),
      baseline: undefined,
      compare: ({ timings }) => compareAgainst(timings, older.name, limits),
    };
  }
  const baseline = baselinePath === undefined ? undefined : readRecord(userPath(baselinePath));
  if (baseline !== undefined && !limits.force) assertSameMachine(baseline.environment, environment, "compare with");
  const anchor = baseline !== undefined || parsed.has("json") ? await findAnchor(contenders, finding) : undefined;
  return {
    contenders,
    compared: new Set(),
    ...(anchor === undefined ? {} : { anchor }),
    baseline,
    compare: (record) => (baseline === undefined ? [] : compareRecords(baseline, record, limits)),
  };
}

/** The old code under a name of its own: an older file of a plugin most often has the plugin's name. */
async function findOlder(selector: string, contenders: readonly Contender[], finding: Finding): Promise<Contender> {
  const found = await findContenders([selector], finding);
  const sameName = found.find(({ name }) => contenders.some((contender) => contender.name === name));
  const older = found.length === 1 ? found[0] : sameName;
  if (older === undefined) {
    const names = found.map(({ name }) => plainText(name)).join(", ");
    throw new UsageError(`--against takes one implementation; ${plainText(selector)} has ${names}`);
  }
  const isItself = contenders.some(({ name, url }) => name === older.name && url === older.url);
  if (isItself && contenders.length > 1) return older;
  return { ...older, name: `${older.name}@against`, isNamed: true };
}

/** Undefined where it is a contender of the call itself. */
async function findAnchor(contenders: readonly Contender[], finding: Finding): Promise<Contender | undefined> {
  const [anchor] = await findContenders([ANCHOR], finding);
  return contenders.some(({ url }) => url === anchor?.url) ? undefined : anchor;
}
