import { plainText } from "../core/plain-text.ts";
import type { RunRecord } from "../core/record.ts";
import { comparisonSummary, comparisonTables, type ComparisonTable } from "./comparison-table.ts";
import { extentOf, failureCases, failureFacts, failureWords, type FailureCase } from "./failure-facts.ts";
import { flagNotes } from "./flag-notes.ts";
import { counted, marginText, percentage, relativeInterval, significant } from "./format.ts";
import { headline, headlineSource } from "./headline.ts";
import { gaps, timingViews, viewTitle, type Cell, type EndToEnd, type TimingView } from "./timing-view.ts";
import { expectedFailures, verdicts, type ExpectedFailureSummary } from "./verdict.ts";

/**
 * A record as GitHub-flavoured Markdown for a pull request: the answer, the comparisons where there are any, the
 * totals; layers, verdicts and failures are folded below.
 * @param baseline the earlier record that the comparisons are with, where there is one
 */
export function renderMarkdown(record: RunRecord, baseline?: RunRecord): string {
  const views = timingViews(record);
  const { answer, right, fast, sure } = headline(headlineSource(record), views[0]);
  const tables = comparisonTables(record, baseline);
  const isLong = tables.reduce((count, { rows }) => count + rows.length, 0) > MOST_OPEN_ROWS;
  const comparisons = tables.map(comparisonText);
  const failures = failureCases(record);
  const blocks = [
    `**${escapeMarkdown(answer)}**`,
    ...(isLong ? [details(comparisonSummary(record.comparisons ?? []), comparisons)] : comparisons),
    [...fast, ...right, ...sure].map(escapeMarkdown).join("\n"),
    totalsTable(views),
    ...views.map((view) => details(viewTitle(view), [layerTable(view)])),
    details("Verdicts", [
      ...(record.checks.length === 0 ? [] : [verdictTable(record)]),
      expectedFailures(record).map(defectText).join("\n"),
      extentOf(record).map(escapeMarkdown).join("\n"),
    ]),
    details(counted(failures.length, "failure"), failures.map(failureText)),
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}

/** More rows of comparisons than this are folded: a comment on a pull request is read at a glance. */
const MOST_OPEN_ROWS = 16;

/**
 * Blocks behind a line that opens them; nothing where there are none. In that line Markdown is not read, so it is
 * escaped as HTML.
 */
function details(summary: string, blocks: readonly string[]): string {
  const body = blocks.filter((block) => block !== "");
  return body.length === 0
    ? ""
    : [`<details><summary>${escapeHtml(summary)}</summary>`, ...body, "</details>"].join("\n\n");
}

function comparisonText({ title, head, rows, caption, notes }: ComparisonTable): string {
  const body = rows.map(({ verdict, cells: [layer = "", , ...figures] }) => [
    escapeMarkdown(layer),
    verdict === "same" ? verdict : `**${verdict}**`,
    ...figures,
  ]);
  return [
    `### ${escapeMarkdown(title)}`,
    ...(rows.length === 0 ? [] : [table([head, ...body], head.length - 2)]),
    [...(rows.length === 0 ? [] : [caption]), ...notes].map((text) => `- ${escapeMarkdown(text)}`).join("\n"),
  ].join("\n\n");
}

/** A row per implementation, a column per view: the sum over the layers; without any sum, nothing. */
function totalsTable(views: readonly TimingView[]): string {
  const names = [...new Set(views.flatMap(({ implementations }) => implementations.map(({ impl }) => impl)))];
  const rows = names.map((impl) => [
    codeSpan(impl),
    ...views.map(({ implementations }) => {
      const total = implementations.find((implementation) => implementation.impl === impl)?.total ?? null;
      return total === null ? "–" : `${timeText(total.medianMs, total.ci95Ms)}<br>${rateText(total.gflops)}`;
    }),
  ]);
  const shown = rows.filter((row) => row.some((cell, column) => column > 0 && cell !== "–"));
  const head = ["all layers", ...views.map((view) => escapeMarkdown(viewTitle(view)))];
  return shown.length === 0 ? "" : table([head, ...shown], views.length);
}

function layerTable(view: TimingView): string {
  const { layers, implementations } = view;
  const timed = implementations.filter(({ timedLayers }) => timedLayers > 0);
  const rows = layers.map(({ layer, multiplicity }, index) => [
    `${escapeMarkdown(layer)}${multiplicity === 1 ? "" : ` ×${multiplicity}`}`,
    ...timed.map(({ cells }) => cellText(cells[index])),
  ]);
  const endToEnd = timed.some((implementation) => implementation.endToEnd !== null)
    ? [["all in one call", ...timed.map((implementation) => endToEndText(implementation.endToEnd))]]
    : [];
  const reasons = gaps(view).map(({ impl, where, status, reason }) => {
    const of = where === "" ? codeSpan(impl) : `${codeSpan(impl)} ${escapeMarkdown(where)}`;
    return `- ${of} *${status}*${reason === "" ? "" : `: ${escapeMarkdown(reason)}`}`;
  });
  const flags = flagNotes(view).map((note) => `- ${escapeMarkdown(note)}`);
  const head = ["layer", ...timed.map(({ impl }) => codeSpan(impl))];
  const hasPlain = timed.some(({ cells }) => cells.some((cell) => cell.kind === "time" && cell.isPlain));
  const isCounted = layers.some(({ multiplicity }) => multiplicity > 1);
  const legend = [
    "Median ms ±95 % interval, GFLOP/s, share of the implementation's total.",
    ...(isCounted ? ["×N: times of one use, counted N times in shares and total."] : []),
    ...(hasPlain ? ["*ts*: plain TypeScript, the implementation has no such layer."] : []),
  ].join(" ");
  const blocks = [
    ...(timed.length === 0 ? [] : [table([head, ...rows, ...endToEnd], timed.length), legend]),
    [...reasons, ...flags].join("\n"),
  ];
  return blocks.filter((block) => block !== "").join("\n\n");
}

function cellText(cell: Cell | undefined): string {
  if (cell === undefined) return "";
  if (cell.kind === "none") return `*${cell.status}*`;
  const facts = [rateText(cell.gflops), percentage(cell.share), ...(cell.isPlain ? ["*ts*"] : [])];
  return `${timeText(cell.medianMs, cell.ci95Ms)}<br>${facts.join(" · ")}`;
}

function endToEndText(endToEnd: EndToEnd | null): string {
  if (endToEnd === null) return "–";
  const { cell, ofTotal } = endToEnd;
  if (cell.kind === "none") return `*${cell.status}*`;
  const ratio = ofTotal === null ? "" : `<br>${ofTotal.toFixed(2)} × the sum`;
  return `${timeText(cell.medianMs, cell.ci95Ms)}${ratio}`;
}

function timeText(medianMs: number, ci95Ms: readonly [number, number] | null): string {
  return `${significant(medianMs)} ms ${relativeInterval(medianMs, ci95Ms)}`.trim();
}

function rateText(gflops: number | null): string {
  return gflops === null ? "–" : `${significant(gflops)} GFLOP/s`;
}

function verdictTable(record: RunRecord): string {
  const rows = verdicts(record).map(({ impl, pass, status, cases, margin, reasons }) => [
    codeSpan(impl),
    pass,
    status === "passed" ? status : `**${status}**`,
    reasons.map(escapeMarkdown).join("; "),
    String(cases),
    marginText(margin),
  ]);
  return table([["implementation", "pass", "status", "reason", "cases", "margin"], ...rows], 2);
}

function failureText(entry: FailureCase): string {
  const { impl, law, pass, failure } = entry;
  const facts = [["problem", failure.descriptor], ...failureFacts(entry), ["rerun", failure.rerun]];
  return [
    `#### ${codeSpan(impl)} ${pass}, law ${escapeMarkdown(law)}`,
    escapeMarkdown(failureWords(failure)),
    ...(failure.picture === undefined ? [] : [failure.picture.map(codeSpan).join("<br>\n")]),
    facts.map(([name, value = ""]) => `- ${name} ${codeSpan(value)}`).join("\n"),
  ].join("\n\n");
}

function defectText({ id, title, impls, rerun }: ExpectedFailureSummary): string {
  const names = impls.map(codeSpan).join(", ");
  return `- known defect ${codeSpan(id)}: ${escapeMarkdown(title)} (${names}); ${codeSpan(rerun)}`;
}

/** A GFM table; the last `numeric` columns are aligned right. */
function table([head = [], ...rows]: readonly (readonly string[])[], numeric: number): string {
  const rule = head.map((_, column) => (column < head.length - numeric ? "---" : "--:"));
  return [head, rule, ...rows].map((row) => `| ${row.map(escapePipes).join(" | ")} |`).join("\n");
}

/**
 * A `|` is escaped, in code too. Backslashes before it pair up, so that an odd one of the text's own (in code) is
 * doubled.
 */
function escapePipes(cell: string): string {
  return cell.replace(/(\\*)\|/g, (_, before: string) => `${before}${before.length % 2 === 0 ? "" : "\\"}\\|`);
}

/**
 * Text as Markdown that shows exactly that text: no markup, HTML, table cell, link, mention (@name) or reference (#1)
 * comes of it.
 */
export function escapeMarkdown(text: string): string {
  const escaped = plainText(text).replace(/[\\`*_{}[\]()!~$]|:(?=\/\/)|(?<=www)\.|^[-+=]|(?<=^\d+)[.)]/gi, "\\$&");
  return entities(escaped);
}

/** Text as HTML within Markdown. */
function escapeHtml(text: string): string {
  return entities(plainText(text));
}

/** Without the characters that begin a tag or an entity, and with those apart that make a mention or a reference. */
function entities(text: string): string {
  return text
    .replace(/[<>&]/g, (character) => `&#${character.charCodeAt(0)};`)
    .replace(/@(?=\w)|(?<!&)#(?=\w)|^#/g, "$&&#8203;");
}

/** Text as inline code, fenced by more backticks than it holds in a row. */
export function codeSpan(text: string): string {
  const plain = plainText(text);
  const fence = "`".repeat(1 + Math.max(0, ...[...plain.matchAll(/`+/g)].map(([run]) => run.length)));
  const space = /^`|`$|^ .* $/.test(plain) ? " " : "";
  return plain === "" ? "" : `${fence}${space}${plain}${space}${fence}`;
}
