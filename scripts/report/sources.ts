import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { commandLine } from "../../core/command-line.ts";
import { statusOf } from "../../core/file-status.ts";
import { plainText } from "../../core/plain-text.ts";
import { readRecord } from "../../core/record-file.ts";
import type { RunRecord } from "../../core/record.ts";
import { UsageError } from "../../core/usage-error.ts";

/** What the user named: a record, two of them, or a folder of records. Paths are absolute. */
export type Source =
  | { readonly kind: "record"; readonly path: string }
  | { readonly kind: "pair"; readonly paths: readonly [string, string] }
  | { readonly kind: "folder"; readonly path: string };

/** @throws UsageError unless it is one file, two files or one folder. */
export function sourceOf(paths: readonly string[]): Source {
  const [path, second, ...others] = paths;
  if (path === undefined) throw new UsageError(`a record is missing: ${commandLine("report", ["RECORD"])}`);
  const folder = paths.find((each) => statusOf(each)?.isDirectory() === true);
  if (others.length > 0 || (second !== undefined && folder !== undefined)) {
    const what =
      folder === undefined ? `${paths.length} files` : `${plainText(folder)}, a folder, among ${paths.length}`;
    throw new UsageError(`report draws one record, two side by side, or a folder of them as a history, got ${what}`);
  }
  if (folder !== undefined) return { kind: "folder", path };
  return second === undefined ? { kind: "record", path } : { kind: "pair", paths: [path, second] };
}

/** The records that the source has now, oldest first. */
export interface Found {
  readonly records: readonly RunRecord[];
  /** Files of a folder that are no records, and why, a line each. */
  readonly skipped: readonly string[];
}

/** @throws UsageError when a file that was named cannot be read or is no record. */
export function readSource(source: Source): Found {
  switch (source.kind) {
    case "record":
      return { records: [readRecord(source.path)], skipped: [] };
    case "pair":
      return { records: source.paths.map(readRecord).sort(byStart), skipped: [] };
    case "folder":
      return readFolder(source.path);
  }
}

/**
 * Whether everything that was named exists; a run may still write it.
 * @throws UsageError when a file does not exist and neither does its folder.
 */
export function isThere(source: Source): boolean {
  return pathsOf(source).every((path) => {
    if (statusOf(path) !== undefined) return true;
    const folder = dirname(path);
    if (statusOf(folder) === undefined)
      throw new UsageError(`cannot wait for ${plainText(path)}: there is no folder ${plainText(folder)}`);
    return false;
  });
}

/** What was named. */
export function pathsOf(source: Source): readonly string[] {
  return source.kind === "pair" ? source.paths : [source.path];
}

/** The files that are read, records or not. */
export function filesRead(source: Source): readonly string[] {
  return source.kind === "folder" ? jsonFiles(source.path) : pathsOf(source);
}

function jsonFiles(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => /\.json$/i.test(name))
    .sort()
    .map((name) => join(folder, name));
}

function readFolder(folder: string): Found {
  const records: RunRecord[] = [];
  const skipped: string[] = [];
  for (const path of jsonFiles(folder)) {
    try {
      records.push(readRecord(path));
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      skipped.push(error.message);
    }
  }
  return { records: records.sort(byStart), skipped };
}

function byStart(a: RunRecord, b: RunRecord): number {
  return Date.parse(a.environment.startedAt) - Date.parse(b.environment.startedAt);
}
