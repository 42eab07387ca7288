import { join } from "node:path";
import { assertWritableFolder, writeAtomically } from "../../core/atomic-file.ts";
import { fileNameOf, userPath } from "../../core/paths.ts";
import { plainText } from "../../core/plain-text.ts";
import { encodeReadableRecord } from "../../core/record-file.ts";
import type { RunRecord } from "../../core/record.ts";
import { UsageError } from "../../core/usage-error.ts";
import { machineOf, mergeByMachine } from "../../harness/fleet/merge.ts";
import { renderSite, type SiteFile } from "../../reports/fleet/site.ts";
import { counted } from "../../reports/format.ts";
import type { ParsedOptions } from "../cli/options.ts";
import { readSource, sourceOf } from "./sources.ts";

const FOLDERS = ["merge", "site"] as const;

/** Whether all records are drawn together. */
export function isOfMany(parsed: ParsedOptions): boolean {
  return FOLDERS.some((option) => parsed.has(option));
}

/** Writes what is asked for of any number of records and folders of them. @throws UsageError for a file that is none */
export function drawMany(parsed: ParsedOptions, paths: readonly string[]): void {
  const idle = ["html", "markdown", "csv", "badge", "layers", "threshold", "force"].find((name) => parsed.has(name));
  if (idle !== undefined) throw new UsageError(`--${idle} does nothing with --merge and --site`);
  const found = paths.map((path) => readSource(sourceOf([path])));
  for (const line of found.flatMap(({ skipped }) => skipped)) process.stderr.write(`skipped: ${line}\n`);
  const records = found.flatMap((one) => one.records);
  if (records.length === 0) throw new UsageError("there is no record: name records, or folders of them");
  for (const option of FOLDERS) {
    const folder = parsed.text(option);
    if (folder === undefined) continue;
    const path = userPath(folder);
    assertWritableFolder(path);
    const files = option === "merge" ? mergedFiles(records) : renderSite(records);
    for (const { name, text } of files) writeAtomically(join(path, name), text);
    process.stderr.write(`wrote ${counted(files.length, "file")} to ${plainText(path)}\n`);
  }
}

function mergedFiles(records: readonly RunRecord[]): readonly SiteFile[] {
  return mergeByMachine(records).map((record) => ({
    name: `${fileNameOf(machineOf(record))}.json`,
    text: encodeReadableRecord(record),
  }));
}
