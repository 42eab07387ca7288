import { plainText } from "../core/plain-text.ts";
import type { Pass } from "../core/problem.ts";
import type { RunRecord } from "../core/record.ts";
import { comparisonTables, type ComparisonTable } from "./comparison-table.ts";
import { extentOf, failureCases, failureFacts, failureTitle, type FailureCase } from "./failure-facts.ts";
import { counted, marginText } from "./format.ts";
import { headline, headlineSource } from "./headline.ts";
import { modelViews } from "./model-ranking.ts";
import { renderModel } from "./model-text.ts";
import { renderRanking } from "./ranking-table.ts";
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

/** Of more views than this the ranking is left to the page. */
const MOST_VIEWS = 3;

/**
 * The record as text: failures, the comparisons, then a ranked list and the answer; with `layers` every verdict and
 * time before them.
 * @param baseline the earlier record that the comparisons are with, where there is one
 */
export function renderTerminal(record: RunRecord, options: TextOptions, baseline?: RunRecord): string {
  const views = timingViews(record);
  const { layers = false } = options;
  const [first, ...others] = views.slice(0, MOST_VIEWS);
  const isShort = first !== undefined && !layers;
  const parts = [
    ...(record.checks.length === 0 || isShort ? [] : [renderVerdicts(record, options)]),
    ...(isShort ? [joined(failureCases(record).flatMap((failure) => failureLines(failure, options)))] : []),
    ...(layers
      ? views.map((view) =>
          renderTimings(
            view,
            options,
            record.ceilings?.find(({ threads }) => threads === view.threads),
          ),
        )
      : []),
    ...comparisonTables(record, baseline).map((table) => renderComparisons(table, options)),
    // With timings the list counts them.
    ...(views.length === 0 ? absentees(record, options) : []),
    ...(first === undefined ? [] : [...others.toReversed(), first].map((view) => renderRanking(record, view, options))),
    ...(views.length > MOST_VIEWS ? [joined([`${views.length - MOST_VIEWS} more tables on the page`])] : []),
    renderAnswer(record, first, options),
    ...modelViews(record).map((view) => renderModel(view, options)),
  ];
  return parts.filter((part) => part !== "").join("\n");
}

/** Who could not run here, each with the reason; of many only how many. */
function absentees({ impls }: RunRecord, { columns, layers = false }: TextOptions): string[] {
  const absent = impls.filter(({ status }) => status === "unavailable");
  if (absent.length === 0) return [];
  if (absent.length > MOST_DETAILED && !layers)
    return [joined(wrap(`${absent.length} are unavailable on this machine (--layers says why)`, columns))];
  return [
    joined(absent.flatMap(({ name, reason }) => wrap(plainText(`${name} unavailable: ${reason ?? ""}`), columns))),
  ];
}

/** The answer in words. */
export function renderAnswer(record: RunRecord, view: TimingView | undefined, options: TextOptions): string {
  const { answer, right, fast, sure } = headline(headlineSource(record), view);
  const lines = wrap(plainText(answer), options.columns).map((line) => paint(line, "bold", options));
  return joined([...lines, ...[...fast, ...right, ...sure].flatMap((text) => wrap(plainText(text), options.columns))]);
}

/** More implementations, known defects or failures than this are not told in detail. */
const MOST_DETAILED = 3;

/**
 * verify's summary: a row per implementation and pass, then each failure with all that is needed to see it again. Of
 * many implementations those that pass everything are only named.
 */
export function renderVerdicts(record: RunRecord, options: TextOptions): string {
  const { layers = false, columns } = options;
  const all = verdicts(record);
  const impls = new Set(all.map(({ impl }) => impl));
  const isShort = impls.size > MOST_DETAILED && !layers;
  const worstOf = (impl: string): "plain" | "known" | "bad" => {
    const statuses = all.filter((row) => row.impl === impl).map(({ status }) => status);
    if (!statuses.every((status) => ["passed", "unsupported", "known-defect"].includes(status))) return "bad";
    return statuses.includes("known-defect") ? "known" : "plain";
  };
  const kinds = Map.groupBy(isShort ? impls : [], worstOf);
  const plain = kinds.get("plain") ?? [];
  const knowing = kinds.get("known") ?? [];
  const named = new Set([...plain, ...knowing]);
  const rows = all.filter(({ impl, status }) => !isShort || (!named.has(impl) && status !== "passed"));
  const head = ["implementation", "pass", "status", "cases", "margin"];
  const cells = rows.map(({ impl, pass, status, cases, margin }) => [
    truncate(plainText(impl), 32),
    passText(record, impl, pass),
    statusText(status, options),
    String(cases),
    marginText(margin),
  ]);
  const lines =
    rows.length === 0 ? [] : layOutTable([head, ...cells], ["left", "left", "left", "right", "right"], options);
  const body = lines.flatMap((line, index) => [line, ...(isShort ? [] : reasonLines(rows[index - 1], options))]);
  const failures = failureCases(record);
  const told = layers ? failures : failures.slice(0, MOST_DETAILED);
  const failed = told.flatMap((failure) => failureLines(failure, options));
  const untold = failures.slice(told.length).map((failure) => truncate(plainText(failureTitle(failure)), columns));
  const defects = expectedFailures(record);
  const isFew = layers || defects.length <= MOST_DETAILED;
  const known = isFew
    ? defects.flatMap((defect) => defectLines(defect, options))
    : wrap(
        `${counted(defects.length, "known defect")}: ${plainText(defects.map(({ id }) => id).join(", "))}; expected-failure ID shows one`,
        columns,
      );
  const names = [
    ...(plain.length === 0 ? [] : wrap(plainText(`pass all checks: ${withVariants(plain)}`), columns)),
    ...(knowing.length === 0 ? [] : wrap(plainText(`pass but for known defects: ${withVariants(knowing)}`), columns)),
  ];
  const sentences = extentOf(record).slice(0, isShort ? 1 : undefined);
  const extent = sentences.flatMap((text) => wrap(plainText(text), columns));
  return joined([
    ...body,
    ...names,
    ...failed,
    ...(untold.length === 0 ? [] : ["", ...untold]),
    ...(isFew || known.length === 0 ? known : ["", ...known]),
    ...(extent.length === 0 ? [] : ["", ...extent]),
  ]);
}

/** The pass, with the type and the fused operations where there are any: "forward f16 add,relu". */
function passText({ checks }: RunRecord, impl: string, pass: Pass): string {
  const { type = "", post = "" } = checks.find((check) => check.impl === impl && check.pass === pass) ?? {};
  return plainText([pass, type, post].filter((word) => word !== "").join(" "));
}

/** Implementations by name, variants of a library by their number: "naive, onnxruntime, 26 variants of onnxruntime". */
function withVariants(impls: readonly string[]): string {
  const [own, variants] = [impls.filter((impl) => !impl.includes(":")), impls.filter((impl) => impl.includes(":"))];
  const counts = [...Map.groupBy(variants, (impl) => impl.split(":")[0] ?? "")].map(
    ([library, some]) => `${counted(some.length, "variant")} of ${library}`,
  );
  return [...own, ...counts].join(", ");
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
