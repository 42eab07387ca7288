import { plainText } from "../harness/plain-text.ts";
import type { RunRecord } from "../harness/record.ts";
import { extentOf, failureCases, failureFacts, type FailureCase } from "./failure-facts.ts";
import { counted, marginText, percentage, relativeInterval, significant } from "./format.ts";
import { headline } from "./headline.ts";
import { gaps, timingViews, type Cell, type TimingView } from "./timing-view.ts";
import { knownDefects, verdicts, type KnownDefectSummary } from "./verdict.ts";

/** The whole record as GitHub-flavoured Markdown: the answer, bench's tables, verify's table and failures. */
export function renderMarkdown(record: RunRecord): string {
  const views = timingViews(record);
  const { answer, right, fast, sure } = headline(record, views[0]);
  const blocks = [
    `**${escapeMarkdown(answer)}**`,
    [...fast, ...right, ...sure].map(escapeMarkdown).join("\n"),
    ...views.map(timingTable),
    ...(record.checks.length === 0
      ? []
      : [
          verdictTable(record),
          ...failureCases(record).map(failureText),
          ...knownDefects(record).map(defectText),
          extentOf(record).map(escapeMarkdown).join("\n"),
        ]),
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}

function timingTable(view: TimingView): string {
  const { suite, pass, threads, cache, layers, contenders } = view;
  const title = `### ${escapeMarkdown(suite)}, ${pass}, ${counted(threads, "thread")}, ${cache} cache`;
  const timed = contenders.filter(({ timedLayers }) => timedLayers > 0);
  const rows = layers.map(({ layer }, index) => [
    escapeMarkdown(layer),
    ...timed.map(({ cells }) => cellText(cells[index])),
  ]);
  const totals = timed.map(({ total }) =>
    total === null ? "–" : `**${timeText(total.medianMs, total.ci95Ms)}**<br>${rateText(total.gflops)}`,
  );
  const head = ["layer", ...timed.map(({ impl }) => codeSpan(impl))];
  const reasons = gaps(view).map(
    ({ impl, where, status, reason }) =>
      `- ${codeSpan(impl)}${where === "" ? "" : ` ${escapeMarkdown(where)}`} *${status}*${reason === "" ? "" : `: ${escapeMarkdown(reason)}`}`,
  );
  const blocks = [
    title,
    ...(timed.length === 0 ? [] : [table([head, ...rows, ["**total**", ...totals]], timed.length)]),
    ...(timed.length === 0 ? [] : ["Median ms ±95 % interval, GFLOP/s, share of the implementation's total."]),
    ...(reasons.length === 0 ? [] : [reasons.join("\n")]),
  ];
  return blocks.join("\n\n");
}

function cellText(cell: Cell | undefined): string {
  if (cell === undefined) return "";
  if (cell.kind === "none") return `*${cell.status}*`;
  return `${timeText(cell.medianMs, cell.ci95Ms)}<br>${rateText(cell.gflops)} · ${percentage(cell.share)}`;
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
  return `### Verdicts\n\n${table([["implementation", "pass", "status", "reason", "cases", "margin"], ...rows], 2)}`;
}

function failureText({ impl, law, pass, failure, alsoBroken }: FailureCase): string {
  const facts = [["problem", failure.descriptor], ...failureFacts(failure, alsoBroken), ["rerun", failure.rerun]];
  return [
    `#### ${codeSpan(impl)} ${pass}, law ${escapeMarkdown(law)}`,
    escapeMarkdown(failure.message),
    ...(failure.picture === undefined ? [] : [failure.picture.map(codeSpan).join("<br>\n")]),
    facts.map(([name, value = ""]) => `- ${name} ${codeSpan(value)}`).join("\n"),
  ].join("\n\n");
}

function defectText({ id, title, impls, rerun }: KnownDefectSummary): string {
  return `- known defect ${codeSpan(id)}: ${escapeMarkdown(title)} (${impls.map(codeSpan).join(", ")}); ${codeSpan(rerun)}`;
}

/** A GFM table; the last `numeric` columns are aligned right. A `|` in a cell is escaped, in code too. */
function table([head = [], ...rows]: readonly (readonly string[])[], numeric: number): string {
  const rule = head.map((_, column) => (column < head.length - numeric ? "---" : "--:"));
  return [head, rule, ...rows]
    .map((row) => `| ${row.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`)
    .join("\n");
}

/** Text as Markdown that shows exactly that text: no markup, HTML, table cell, link, mention (@name) or reference (#1) comes of it. */
export function escapeMarkdown(text: string): string {
  return plainText(text)
    .replace(/[\\`*_{}[\]()!~$]|:(?=\/\/)|(?<=www)\.|^[-+=]|(?<=^\d+)[.)]/gi, "\\$&")
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
