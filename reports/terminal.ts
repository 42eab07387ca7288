import { plainText } from "../core/plain-text.ts";
import type { RunRecord } from "../core/record.ts";
import { comparisonTables, type ComparisonTable } from "./comparison-table.ts";
import { extentOf, failureCases, failureFacts, failureTitle, type FailureCase } from "./failure-facts.ts";
import { counted, marginText } from "./format.ts";
import { headline } from "./headline.ts";
import { statusText, verdictText } from "./status-text.ts";
import {
  dimmed,
  displayWidth,
  joined,
  layOutTable,
  pad,
  paint,
  truncate,
  wrap,
  type TextOptions,
} from "./text-table.ts";
import { renderTimings } from "./timing-table.ts";
import { timingViews, type TimingView } from "./timing-view.ts";
import { expectedFailures, verdicts, type ExpectedFailureSummary, type Verdict } from "./verdict.ts";

/**
 * The whole record as text: verify's summary where there are checks, bench's tables where there are timings, the
 * comparisons, then the answer.
 * @param baseline the earlier record that the comparisons are with, where there is one
 */
export function renderTerminal(record: RunRecord, options: TextOptions, baseline?: RunRecord): string {
  const views = timingViews(record);
  const parts = [
    ...(record.checks.length === 0 ? [] : [renderVerdicts(record, options)]),
    ...views.map((view) =>
      renderTimings(
        view,
        options,
        record.ceilings?.find(({ threads }) => threads === view.threads),
      ),
    ),
    ...comparisonTables(record, baseline).map((table) => renderComparisons(table, options)),
    // With timings the tables say it.
    ...(views.length === 0 ? absentees(record, options) : []),
    renderAnswer(record, views[0], options),
  ];
  return parts.join("\n");
}

/** Who could not run here, each with the reason. */
function absentees({ impls }: RunRecord, { columns }: TextOptions): string[] {
  const absent = impls.filter(({ status }) => status === "unavailable");
  if (absent.length === 0) return [];
  return [
    joined(absent.flatMap(({ name, reason }) => wrap(plainText(`${name} unavailable: ${reason ?? ""}`), columns))),
  ];
}

/** The answer in words. */
export function renderAnswer(record: RunRecord, view: TimingView | undefined, options: TextOptions): string {
  const { answer, right, fast, sure } = headline(record, view);
  const lines = wrap(plainText(answer), options.columns).map((line) => paint(line, "bold", options));
  return joined([...lines, ...[...fast, ...right, ...sure].flatMap((text) => wrap(plainText(text), options.columns))]);
}

/** verify's summary: a row per implementation and pass, then each failure with all that is needed to see it again. */
export function renderVerdicts(record: RunRecord, options: TextOptions): string {
  const rows = verdicts(record);
  const head = ["implementation", "pass", "status", "cases", "margin"];
  const cells = rows.map(({ impl, pass, status, cases, margin }) => [
    truncate(plainText(impl), 32),
    pass,
    statusText(status, options),
    String(cases),
    marginText(margin),
  ]);
  const lines = layOutTable([head, ...cells], ["left", "left", "left", "right", "right"], options);
  const body = lines.flatMap((line, index) => [line, ...reasonLines(rows[index - 1], options)]);
  const failed = failureCases(record).flatMap((failure) => failureLines(failure, options));
  const defects = expectedFailures(record).flatMap((defect) => defectLines(defect, options));
  const extent = extentOf(record).flatMap((text) => wrap(plainText(text), options.columns));
  return joined([...body, ...failed, ...defects, ...(extent.length === 0 ? [] : ["", ...extent])]);
}

function defectLines({ id, title, impls, rerun }: ExpectedFailureSummary, options: TextOptions): string[] {
  return [
    "",
    ...wrap(`known defect ${plainText(id)}: ${plainText(title)}`, options.columns),
    ...wrap(`in ${plainText(impls.join(", "))}`, options.columns - 2).map((line) => paint(`  ${line}`, "dim", options)),
    `  ${paint("rerun", "dim", options)}  ${plainText(rerun)}`,
  ];
}

/** Of an implementation and pass so many reasons are said; a wrong result breaks most laws at once. */
const MOST_REASONS = 2;

function reasonLines(verdict: Verdict | undefined, { columns }: TextOptions): string[] {
  const reasons = verdict?.reasons ?? [];
  const others = reasons.length - MOST_REASONS;
  return [...reasons.slice(0, MOST_REASONS), ...(others > 0 ? [`and ${counted(others, "more reason")}`] : [])].map(
    (reason) => truncate(`    ${plainText(reason)}`, columns),
  );
}

function failureLines(entry: FailureCase, options: TextOptions): string[] {
  const { failure } = entry;
  const facts = [["problem", failure.descriptor], ...failureFacts(entry), ["rerun", failure.rerun]];
  return [
    "",
    ...wrap(plainText(failureTitle(entry)), options.columns).map((line) => paint(line, ["bold", "red"], options)),
    ...(failure.picture ?? []).map((row) => `  ${plainText(row)}`),
    ...facts.map(([name = "", value = ""]) => `  ${paint(pad(name, 8, "left"), "dim", options)}  ${plainText(value)}`),
  ];
}

/** A pair's comparisons: a row per layer with the verdict, what it rests on and both times. */
function renderComparisons({ title, head, rows, caption, notes }: ComparisonTable, options: TextOptions): string {
  const body = rows.map(({ verdict, cells: [layer = "", , ...figures] }) => [
    truncate(plainText(layer), 24),
    verdictText(verdict, options),
    ...figures,
  ]);
  const alignments = head.map((_, column) => (column < 2 ? "left" : "right"));
  // What does not fit is left out, the last column first: the verdict is said whatever the width.
  const lines = alignments
    .slice(3)
    .map((_, dropped) => layOutTable([head, ...body], alignments.slice(0, alignments.length - dropped), options));
  const table = lines.find((some) => some.every((line) => displayWidth(line) <= options.columns)) ?? lines.at(-1) ?? [];
  return joined([
    ...wrap(plainText(title), options.columns).map((line) => paint(line, "bold", options)),
    ...(rows.length === 0 ? [] : ["", ...table, "", ...dimmed(plainText(caption), options)]),
    ...notes.flatMap((note) => wrap(plainText(note), options.columns)),
  ]);
}
