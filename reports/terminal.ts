import { plainText } from "../harness/plain-text.ts";
import type { RunRecord, Status } from "../harness/record.ts";
import { extentOf, failureCases, failureFacts, type FailureCase } from "./failure-facts.ts";
import { counted, marginText, percentage, relativeInterval, significant } from "./format.ts";
import { headline } from "./headline.ts";
import { displayWidth, layOut, pad, paint, truncate, wrap, type TextOptions } from "./text-table.ts";
import { gaps, timingViews, type Cell, type Contender, type EmptyCell, type TimingView } from "./timing-view.ts";
import { knownDefects, verdicts, type KnownDefectSummary, type Verdict } from "./verdict.ts";

/** The whole record as text: verify's summary where there are checks, bench's tables where there are timings, then the answer. */
export function renderTerminal(record: RunRecord, options: TextOptions): string {
  const views = timingViews(record);
  const parts = [
    ...(record.checks.length === 0 ? [] : [renderVerdicts(record, options)]),
    ...views.map((view) => renderTimings(view, options)),
    renderAnswer(record, views[0], options),
  ];
  return parts.join("\n");
}

/** The answer in words. */
export function renderAnswer(record: RunRecord, view: TimingView | undefined, options: TextOptions): string {
  const { answer, right, fast, sure } = headline(record, view);
  const lines = wrap(plainText(answer), options.columns).map((line) => paint(line, "bold", options));
  return joined([...lines, ...[...fast, ...right, ...sure].flatMap((text) => wrap(plainText(text), options.columns))]);
}

/** verify's summary: a row per contender and pass, then each failure with all that is needed to see it again. */
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
  const lines = layOut(
    [head.map((text) => paint(text, "dim", options)), ...cells],
    ["left", "left", "left", "right", "right"],
  );
  const body = lines.flatMap((line, index) => [line, ...reasonLines(rows[index - 1], options)]);
  const failed = failureCases(record).flatMap((failure) => failureLines(failure, options));
  const defects = knownDefects(record).flatMap((defect) => defectLines(defect, options));
  const extent = extentOf(record).flatMap((text) => wrap(plainText(text), options.columns));
  return joined([...body, ...failed, ...defects, ...(extent.length === 0 ? [] : ["", ...extent])]);
}

function defectLines({ id, title, impls, rerun }: KnownDefectSummary, options: TextOptions): string[] {
  return [
    "",
    ...wrap(`known defect ${plainText(id)}: ${plainText(title)}`, options.columns),
    ...wrap(`in ${plainText(impls.join(", "))}`, options.columns - 2).map((line) => paint(`  ${line}`, "dim", options)),
    `  ${paint("rerun", "dim", options)}  ${plainText(rerun)}`,
  ];
}

function reasonLines(verdict: Verdict | undefined, { columns }: TextOptions): string[] {
  return (verdict?.reasons ?? []).map((reason) => truncate(`    ${plainText(reason)}`, columns));
}

function failureLines({ impl, law, pass, failure, alsoBroken }: FailureCase, options: TextOptions): string[] {
  const title = `${plainText(impl)} ${pass}, law ${plainText(law)}: ${plainText(failure.message)}`;
  const facts = [["problem", failure.descriptor], ...failureFacts(failure, alsoBroken), ["rerun", failure.rerun]];
  return [
    "",
    ...wrap(title, options.columns).map((line) => paint(line, ["bold", "red"], options)),
    ...(failure.picture ?? []).map((row) => `  ${plainText(row)}`),
    ...facts.map(([name = "", value = ""]) => `  ${paint(pad(name, 8, "left"), "dim", options)}  ${plainText(value)}`),
  ];
}

/**
 * bench's table: a row per layer; per contender the median with its 95 % interval, GFLOP/s and the share of the contender's total.
 * Contenders that do not fit beside each other go into further blocks below.
 */
export function renderTimings(view: TimingView, options: TextOptions): string {
  const { suite, pass, threads, cache, layers, contenders } = view;
  const title = `${plainText(suite)} · ${pass} · ${counted(threads, "thread")} · ${cache} cache`;
  const timed = contenders.filter(({ timedLayers }) => timedLayers > 0);
  const labels = layOut(
    [["layer"], [""], ...layers.map(({ layer }) => [truncate(plainText(layer), 24)]), ["total"]],
    ["left"],
  );
  const blocks = packed(
    timed.map((contender) => columnLines(contender, options)),
    options.columns - Math.max(...labels.map(displayWidth)),
  );
  return joined([
    paint(title, "bold", options),
    ...blocks.flatMap((block) => [
      "",
      ...layOut(transposed([labels, ...block]), ["left", ...block.map(() => "left" as const)]),
    ]),
    ...(timed
      ? ["", paint("median ms ±95 % interval, GFLOP/s, share of the implementation's total", "dim", options)]
      : []),
    ...gapLines(view, options),
  ]);
}

/** One contender's column: its name, the units, a line per layer, the total. */
function columnLines({ impl, cells, total }: Contender, options: TextOptions): string[] {
  const totalCells = total === null ? ["–", "", "", ""] : timeCells(total.medianMs, total.ci95Ms, total.gflops, null);
  const rows = [["ms", "", "GFLOP/s", "share"], ...cells.map(cellTexts), totalCells];
  const lines = layOut(rows, ["right", "right", "right", "right"]).map((line, index) => {
    const cell = cells[index - 1];
    if (cell?.kind === "none") return statusText(cell.status, options);
    return index === 0 ? paint(line, "dim", options) : line;
  });
  return [paint(truncate(plainText(impl), 32), "bold", options), ...lines];
}

function cellTexts(cell: Cell): string[] {
  return cell.kind === "none" ? [] : timeCells(cell.medianMs, cell.ci95Ms, cell.gflops, cell.share);
}

function timeCells(
  medianMs: number,
  ci95Ms: readonly [number, number] | null,
  gflops: number | null,
  share: number | null,
): string[] {
  return [
    significant(medianMs),
    relativeInterval(medianMs, ci95Ms),
    gflops === null ? "–" : significant(gflops),
    share === null ? "" : percentage(share),
  ];
}

/** Columns in blocks that fit the width, two spaces before each; one that is too wide alone keeps a block of its own. */
function packed(columns: readonly (readonly string[])[], width: number): string[][][] {
  const blocks: string[][][] = [];
  let left = 0;
  for (const column of columns) {
    const needed = Math.max(...column.map(displayWidth)) + 2;
    const block = blocks.at(-1);
    if (block === undefined || needed > left) {
      blocks.push([[...column]]);
      left = width - needed;
    } else {
      block.push([...column]);
      left -= needed;
    }
  }
  return blocks;
}

function transposed(columns: readonly (readonly string[])[]): string[][] {
  return (columns[0] ?? []).map((_, row) => columns.map((column) => column[row] ?? ""));
}

function gapLines(view: TimingView, { columns }: TextOptions): string[] {
  return gaps(view).flatMap(({ impl, where, status, reason }) =>
    wrap(plainText(`${impl} ${where} ${status}${reason === "" ? "" : `: ${reason}`}`), columns),
  );
}

function statusText(status: Status | EmptyCell["status"], options: TextOptions): string {
  switch (status) {
    case "passed":
      return paint(status, "green", options);
    case "failed":
    case "crashed":
    case "timed-out":
      return paint(status, "red", options);
    case "mistrusted":
    case "known-defect":
    case "unverified":
      return paint(status, "yellow", options);
    case "unsupported":
    case "unavailable":
    case "not timed":
      return paint(status, "dim", options);
  }
}

function joined(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}
