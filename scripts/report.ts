import { mkdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { assertWritable, writeAtomically } from "../harness/atomic-file.ts";
import { userPath } from "../harness/paths.ts";
import { plainText } from "../harness/plain-text.ts";
import { readRecord } from "../harness/record-file.ts";
import { UsageError } from "../harness/usage-error.ts";
import { renderPage } from "../reports/html/render.ts";
import { renderMarkdown } from "../reports/markdown.ts";
import { renderTerminal } from "../reports/terminal.ts";
import { textOptions } from "../reports/text-table.ts";
import { EXIT, main } from "./cli/main.ts";
import { helpText, parseOptions } from "./cli/options.ts";

const OPTIONS = {
  html: {
    value: "FILE",
    help: "write the page there (default: reports/out/RECORD.html, unless only --markdown is given)",
  },
  markdown: { value: "FILE", help: "write Markdown there; - writes it to stdout and nothing else" },
  help: { help: "this text" },
} as const;

const USAGE = `npm run report -- RECORD [options]
Draws a record of verify or bench: tables on the terminal, and a page that is one HTML file.`;

const OUTPUT_FOLDER = resolve(import.meta.dirname, "../reports/out");

await main(async () => {
  const parsed = parseOptions(OPTIONS, process.argv.slice(2), true);
  if (parsed.has("help")) {
    process.stdout.write(helpText(USAGE, OPTIONS));
    return EXIT.ok;
  }
  const [path, ...others] = parsed.positionals;
  if (path === undefined) throw new UsageError("a record is missing: npm run report -- RECORD");
  if (others.length > 0) throw new UsageError(`report draws one record at a time, got ${parsed.positionals.length}`);
  const record = readRecord(userPath(path));
  const markdown = parsed.text("markdown");
  const html = parsed.text("html");
  const pageFile = html !== undefined ? userPath(html) : markdown === undefined ? defaultPage(path) : undefined;
  const markdownFile = markdown === undefined || markdown === "-" ? undefined : userPath(markdown);
  // Both before either is written: a call that is half wrong leaves nothing behind.
  for (const file of [pageFile, markdownFile]) if (file !== undefined) assertWritable(file);
  if (pageFile !== undefined) writeAtomically(pageFile, renderPage(record));
  if (markdownFile !== undefined) writeAtomically(markdownFile, renderMarkdown(record));
  process.stdout.write(markdown === "-" ? renderMarkdown(record) : renderTerminal(record, textOptions(process.stdout)));
  for (const file of [pageFile, markdownFile])
    if (file !== undefined) process.stderr.write(`wrote ${plainText(file)}\n`);
  return EXIT.ok;
});

function defaultPage(record: string): string {
  mkdirSync(OUTPUT_FOLDER, { recursive: true });
  return join(OUTPUT_FOLDER, `${basename(record).replace(/\.json$/i, "")}.html`);
}
