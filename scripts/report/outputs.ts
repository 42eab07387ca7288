import { realpathSync } from "node:fs";
import { basename, join } from "node:path";
import { assertWritable, assertWritableFolder, writeAtomically } from "../../core/atomic-file.ts";
import { userPath } from "../../core/paths.ts";
import { plainText } from "../../core/plain-text.ts";
import { UsageError } from "../../core/usage-error.ts";
import { renderBadge } from "../../reports/badge.ts";
import { renderCsv } from "../../reports/csv.ts";
import { renderPage } from "../../reports/page/render.ts";
import { renderMarkdown } from "../../reports/markdown.ts";
import type { ParsedOptions } from "../cli/options.ts";
import { outputFolder } from "../cli/output-folder.ts";
import type { Drawing } from "./drawing.ts";
import { filesRead, pathsOf, type Source } from "./sources.ts";

/** The files that can be asked for, by option. */
export const RENDERERS = {
  html: ({ record, ...beside }: Drawing) => renderPage(record, beside),
  markdown: ({ record, baseline }: Drawing) => renderMarkdown(record, baseline),
  csv: ({ record, baseline, history }: Drawing) =>
    renderCsv(history ?? (baseline === undefined ? [record] : [baseline, record])),
  badge: ({ record }: Drawing) => renderBadge(record),
} as const;
export const KINDS = ["html", "markdown", "csv", "badge"] as const satisfies readonly (keyof typeof RENDERERS)[];
export type Kind = (typeof KINDS)[number];

const STDOUT = "-";

/** What goes to stdout in place of the tables. @throws UsageError when two ask for it. */
export function kindOnStdout(parsed: ParsedOptions): Kind | undefined {
  const [kind, second] = KINDS.filter((each) => parsed.text(each) === STDOUT);
  if (second !== undefined) throw new UsageError(`--${kind} and --${second} both ask for stdout (-); give one a file`);
  return kind;
}

/**
 * The files to write. All are checked before any is written: a call that is half wrong leaves nothing behind.
 * @throws UsageError when one cannot be written or would overwrite a record, or when two are the same.
 */
export function filesOf(parsed: ParsedOptions, source: Source): ReadonlyMap<string, Kind> {
  const asked = KINDS.filter((kind) => parsed.has(kind));
  const files = new Map<string, Kind>(asked.length === 0 ? [[defaultPage(source), "html"]] : []);
  for (const kind of asked) {
    const text = parsed.text(kind);
    if (text === undefined || text === STDOUT) continue;
    const path = userPath(text);
    const earlier = files.get(path);
    if (earlier !== undefined)
      throw new UsageError(`--${earlier} and --${kind} name the same file: ${plainText(path)}`);
    files.set(path, kind);
  }
  const read = filesRead(source).map((path) => realpathSync(path));
  for (const [path, kind] of files) {
    assertWritable(path);
    if (isSame(path, read)) throw new UsageError(`--${kind} would overwrite the record ${plainText(path)}`);
  }
  return files;
}

/** @throws UsageError for the first file that cannot be written, after all others were written. */
export function writeAll(texts: readonly { readonly path: string; readonly text: string }[]): void {
  const failures: UsageError[] = [];
  for (const { path, text } of texts) {
    try {
      writeAtomically(path, text);
      process.stderr.write(`wrote ${plainText(path)}\n`);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      failures.push(error);
    }
  }
  const [first] = failures;
  if (first !== undefined) throw first;
}

function isSame(path: string, others: readonly string[]): boolean {
  try {
    return others.includes(realpathSync(path));
  } catch {
    return false;
  }
}

function defaultPage(source: Source): string {
  const folder = outputFolder();
  assertWritableFolder(folder);
  return join(folder, `${basename(pathsOf(source).at(-1) ?? "").replace(/\.json$/i, "")}.html`);
}
