import { assertWritableFolder } from "../core/atomic-file.ts";
import { commandLine } from "../core/command-line.ts";
import { regressed } from "../harness/bench/compare/verdict.ts";
import { userPath } from "../core/paths.ts";
import { plainText } from "../core/plain-text.ts";
import { UsageError } from "../core/usage-error.ts";
import { renderPage } from "../reports/page/render.ts";
import { serveReport } from "../reports/serve.ts";
import { renderTerminal } from "../reports/terminal.ts";
import { textOptions } from "../reports/text-table.ts";
import { renderTrends } from "../reports/trend-table.ts";
import { EXIT, main } from "./cli/main.ts";
import { latestRecord } from "./cli/kept-records.ts";
import { refuseAlone, type ParsedOptions } from "./cli/options.ts";
import { outputFolder } from "./cli/output-folder.ts";
import { comparing, draw, type Drawing } from "./report/drawing.ts";
import { drawMany, isOfMany } from "./report/many.ts";
import { filesOf, KINDS, kindOnStdout, RENDERERS, writeAll } from "./report/outputs.ts";
import { isThere, pathsOf, sourceOf } from "./report/sources.ts";

const OPTIONS = {
  html: {
    value: "FILE",
    help: "write the page there (default: benchconv-out/RECORD.html, unless another file is asked for)",
  },
  markdown: { value: "FILE", help: "write Markdown for a pull request there" },
  csv: { value: "FILE", help: "write a row per timing cell there" },
  badge: { value: "FILE", help: "write a badge there: JSON for shields.io's endpoint" },
  merge: { value: "DIR", help: "of many records: write one for each machine there, rounds and cases together" },
  site: { value: "DIR", help: "of many records: write a static site there, a page a suite, machine, implementation" },
  layers: { help: "every layer, verdict and reason in the terminal too, not only on the page" },
  serve: { help: "show the page at a local address, anew whenever a record changes, until Ctrl-C" },
  port: { value: "N", help: "of --serve (default: a free one)" },
  threshold: { value: "PERCENT", help: "of two records: a smaller change is not reported (default 2.5)" },
  force: { help: "of two records: compare them although their machines differ" },
} as const;

const CALLS: readonly (readonly [options: string, what: string])[] = [
  ["[options]", "draws the newest record that was kept in benchconv-out/records/"],
  ["RECORD [options]", "draws a record of verify or bench"],
  ["RECORD RECORD2 [options]", "draws two side by side, the newer compared with the older; exit 3 on slower"],
  ["FOLDER [options]", "draws the newest record of a folder, and the others as its history"],
  ["RECORD|FOLDER... --merge DIR", "writes the records of each machine as one (docs/fleet.md)"],
  ["RECORD|FOLDER... --site DIR", "writes a static site of their history"],
  ["--serve [RECORD...]", "shows them in a browser while they are being written (default: benchconv-out)"],
];
const USAGE = `${CALLS.map(([options, what]) => `${commandLine("report", [options.padEnd(28)])}   ${what}`).join("\n")}
Tables go to the terminal, the page into one HTML file. A FILE that is - is stdout, and then nothing else goes there.`;

await main({ usage: USAGE, options: OPTIONS, takesWords: true }, async (parsed) => {
  const typed = parsed.words.map((path) => userPath(path));
  if (parsed.has("serve")) return await serve(parsed, typed);
  refuseAlone(parsed, "port", ["serve"]);
  if (isOfMany(parsed)) {
    drawMany(parsed, typed);
    return EXIT.ok;
  }
  const latest = typed.length === 0 ? latestRecord() : undefined;
  const source = sourceOf(latest === undefined ? typed : [latest]);
  const how = comparing(parsed, source);
  const { drawing, skipped } = draw(source, how);
  for (const line of skipped) process.stderr.write(`skipped: ${line}\n`);
  if (drawing === undefined) throw new UsageError(`there is no record in ${plainText(pathsOf(source).join(", "))}`);
  const toStdout = kindOnStdout(parsed);
  const files = filesOf(parsed, source);
  const texts = [...files].map(([path, kind]) => ({ path, text: RENDERERS[kind](drawing) }));
  process.stdout.write(
    toStdout === undefined ? terminalText(drawing, parsed.has("layers")) : RENDERERS[toStdout](drawing),
  );
  writeAll(texts);
  const isSlower = drawing.baseline !== undefined && regressed(drawing.record.comparisons ?? []);
  return isSlower ? EXIT.slower : EXIT.ok;
});

function terminalText({ record, baseline, history }: Drawing, layers: boolean): string {
  const options = { ...textOptions(process.stdout), layers };
  const trends = history === undefined ? "" : renderTrends(record, history, options);
  return `${trends === "" ? "" : `${trends}\n`}${renderTerminal(record, options, baseline)}`;
}

/** Serves until Ctrl-C. */
async function serve(parsed: ParsedOptions, typed: readonly string[]): Promise<number> {
  const wanted = KINDS.filter((kind) => parsed.has(kind)).map((kind) => `--${kind}`);
  if (wanted.length > 0) throw new UsageError(`--serve writes no file: leave out ${wanted.join(" and ")}`);
  const port = parsed.number("port", { min: 0, max: 65_535, integer: true }) ?? 0;
  if (typed.length === 0) assertWritableFolder(outputFolder());
  const source = sourceOf(typed.length === 0 ? [outputFolder()] : typed);
  const waitsFor = isThere(source) ? "" : " (waiting for the first cell)";
  const how = comparing(parsed, source);
  const { url } = await serveReport({
    draw: () => {
      const drawing = isThere(source) ? draw(source, how).drawing : undefined;
      if (drawing === undefined) return undefined;
      const { record, ...beside } = drawing;
      return renderPage(record, { ...beside, live: true });
    },
    watched: pathsOf(source),
    port,
  });
  process.stdout.write(`${url}\n`);
  process.stderr.write(`shows ${plainText(pathsOf(source).join(", "))}${waitsFor}; Ctrl-C ends it\n`);
  return await new Promise(() => {});
}
