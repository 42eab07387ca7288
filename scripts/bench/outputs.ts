import { join } from "node:path";
import { assertWritable, assertWritableFolder, writeAtomically } from "../../core/atomic-file.ts";
import { userPath } from "../../core/paths.ts";
import { plainText } from "../../core/plain-text.ts";
import { encodeReadableRecord } from "../../core/record-file.ts";
import type { RunRecord } from "../../core/record.ts";
import { UsageError } from "../../core/usage-error.ts";
import { renderCsv } from "../../reports/csv.ts";
import { renderJunit } from "../../reports/junit.ts";
import { renderPage } from "../../reports/page/render.ts";
import { renderMarkdown } from "../../reports/markdown.ts";
import { renderTerminal } from "../../reports/terminal.ts";
import { textOptions } from "../../reports/text-table.ts";
import { keepOf, keepRecord } from "../cli/kept-records.ts";
import type { ParsedOptions } from "../cli/options.ts";
import { outputFolder } from "../cli/output-folder.ts";
import { RecordKeeper } from "../cli/record-keeper.ts";

/** `baseline` is the record that the run was compared with. */
type Render = (record: RunRecord, baseline?: RunRecord) => string;

const TEXTS = {
  json: encodeReadableRecord,
  csv: (record) => renderCsv([record]),
  markdown: renderMarkdown,
  junit: renderJunit,
} as const satisfies Readonly<Record<string, Render>>;

const FILES = ["csv", "markdown", "junit"] as const;
const STDOUT = "-";

/** Where a run's results go: the files that were asked for, the page, and stdout. */
export class Outputs {
  readonly #files = new Map<string, Render>();
  readonly #toStdout: Render;
  /** Whether stdout is one of the files. */
  #isDocument = false;
  readonly jsonPath: string | undefined;
  readonly htmlPath: string;
  readonly #keeper: RecordKeeper;
  readonly #keepRecord: (record: RunRecord) => void;

  /** @throws UsageError when a file cannot be written, before any work is done, or when two results ask for stdout. */
  constructor(parsed: ParsedOptions, suite: string) {
    this.htmlPath = pagePath(parsed.text("html"), suite);
    const most = keepOf(parsed);
    this.#keepRecord = (record) => keepRecord(suite, record, most);
    const wantStdout: string[] = [];
    const layers = parsed.has("layers");
    let toStdout: Render = (record, baseline) =>
      renderTerminal(record, { ...textOptions(process.stdout), layers }, baseline);
    for (const [name, render] of Object.entries(TEXTS)) {
      const path = parsed.text(name);
      if (path === STDOUT) {
        wantStdout.push(`--${name}`);
        toStdout = render;
        this.#isDocument = true;
      } else if (path !== undefined && name !== "json") {
        this.#files.set(userPath(path), render);
      }
    }
    this.#toStdout = toStdout;
    if (wantStdout.length > 1) {
      throw new UsageError(`${wantStdout.join(" and ")} both ask for stdout (-); give one of them a file`);
    }
    const json = parsed.text("json");
    this.jsonPath = json === undefined || json === STDOUT ? undefined : userPath(json);
    this.#keeper = new RecordKeeper(this.jsonPath);
    const paths = ["json", "html", ...FILES].flatMap((name) => {
      const path = parsed.text(name);
      return path === undefined || path === STDOUT ? [] : [{ name, path: userPath(path) }];
    });
    for (const { name, path } of paths) {
      const other = paths.find((one) => one.path === path && one.name !== name);
      if (other !== undefined)
        throw new UsageError(`--${name} and --${other.name} name the same file: ${plainText(path)}`);
      assertWritable(path);
    }
    assertWritable(this.htmlPath);
  }

  /** Keeps what was measured so far. */
  keep(record: RunRecord): void {
    this.#keeper.keep(record);
  }

  /**
   * Writes everything, stdout first, because a full disk cannot lose it. `more` follows the tables on stdout.
   * @throws UsageError for the first file that cannot be written, after all others were.
   */
  writeAll(record: RunRecord, baseline: RunRecord | undefined, more?: string): void {
    process.stdout.write(this.#toStdout(record, baseline));
    if (more !== undefined && !this.#isDocument) process.stdout.write(`\n${more}`);
    const failures: UsageError[] = [];
    const attempt = (write: () => void): void => {
      try {
        write();
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        failures.push(error);
      }
    };
    attempt(() => this.#keeper.finish(record));
    attempt(() => this.#keepRecord(record));
    for (const [path, render] of this.#files) attempt(() => writeAtomically(path, render(record, baseline)));
    attempt(() => {
      writeAtomically(this.htmlPath, renderPage(record, baseline === undefined ? {} : { baseline }));
      process.stderr.write(`the page: ${plainText(this.htmlPath)}\n`);
    });
    const [first] = failures;
    if (first !== undefined) throw first;
  }
}

function pagePath(given: string | undefined, suite: string): string {
  if (given !== undefined) return userPath(given);
  const folder = outputFolder();
  assertWritableFolder(folder);
  return join(folder, `${suite.replaceAll(/[^\w.-]/g, "-")}.html`);
}
