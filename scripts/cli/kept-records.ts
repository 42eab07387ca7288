/** The records of earlier runs: every run leaves its own in benchconv-out/records/, by suite, date and commit. */
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { assertWritableFolder, writeAtomically } from "../../core/atomic-file.ts";
import { statusOf } from "../../core/file-status.ts";
import { plainText } from "../../core/plain-text.ts";
import { encodeReadableRecord, readRecord } from "../../core/record-file.ts";
import type { Environment, RunRecord } from "../../core/record.ts";
import { UsageError } from "../../core/usage-error.ts";
import { machineDifferences } from "../../harness/bench/compare/machine.ts";
import type { OptionSpec, ParsedOptions } from "./options.ts";
import { OUTPUT_FOLDER, outputFolder } from "./output-folder.ts";

export const KEEP_OPTION: OptionSpec = {
  value: "N",
  help: `how many records of such runs stay in ${OUTPUT_FOLDER}/records/ (default: all; 0 keeps none)`,
};

export function keepOf(parsed: ParsedOptions): number {
  return parsed.number("keep", { min: 0, max: 1e6, integer: true }) ?? Infinity;
}

/** The folder of one kind of run: a suite of bench, or `verify`. */
function folderOf(kind: string): string {
  return join(outputFolder(), "records", kind.replaceAll(/[^\w.-]/g, "-"));
}

/** Keeps a run's record, and removes all but the newest `most` of its kind. @throws UsageError when it cannot write. */
export function keepRecord(kind: string, record: RunRecord, most: number): void {
  const folder = folderOf(kind);
  if (most > 0) {
    assertWritableFolder(outputFolder());
    mkdirSync(folder, { recursive: true });
    writeAtomically(join(folder, nameOf(record.environment)), encodeReadableRecord(record));
  }
  for (const path of recordsIn(folder).slice(0, Math.max(0, recordsIn(folder).length - most))) rmSync(path);
}

/** `2026-12-01T09-30-00.123-4f2a91c03b7d+.json`: names sort by time; a plus marks changes that were not committed. */
function nameOf({ startedAt, commit, hasChanges = false }: Environment): string {
  const time = startedAt.replaceAll(":", "-").replace("Z", "");
  return `${[time, ...(commit === undefined ? [] : [`${commit}${hasChanges ? "+" : ""}`])].join("-")}.json`;
}

/** Paths, oldest first. */
function recordsIn(folder: string): readonly string[] {
  if (statusOf(folder)?.isDirectory() !== true) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .toSorted()
    .map((name) => join(folder, name));
}

/** The newest record of a suite that a run on this machine can be compared with. @throws UsageError without one. */
export function lastComparable(suite: string, environment: Environment): RunRecord {
  const reasons: string[] = [];
  for (const path of recordsIn(folderOf(suite)).toReversed()) {
    const record = readable(path);
    if (record === undefined) continue;
    const [difference] = machineDifferences(record.environment, environment);
    if (difference !== undefined) reasons.push(difference);
    else if ((record.anchors ?? []).length === 0)
      reasons.push("it has no control benchmark, as --quick runs have none");
    else return record;
  }
  const folder = plainText(join(OUTPUT_FOLDER, "records"));
  const why = reasons.length === 0 ? "there is none" : `the last: ${reasons[0]}`;
  throw new UsageError(`--baseline last: no record of ${plainText(suite)} in ${folder} can be compared (${why})`);
}

/** The path of the newest record of any kind; undefined where there is none. */
export function latestRecord(): string | undefined {
  const parent = join(outputFolder(), "records");
  if (statusOf(parent)?.isDirectory() !== true) return undefined;
  const kinds = readdirSync(parent).map((kind) => recordsIn(join(parent, kind)).at(-1));
  const timeOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
  return kinds
    .filter((path) => path !== undefined)
    .toSorted((a, b) => timeOf(a).localeCompare(timeOf(b)))
    .at(-1);
}

function readable(path: string): RunRecord | undefined {
  try {
    return readRecord(path);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return undefined;
  }
}
