import { median } from "../harness/bench/clock/statistics.ts";
import { plainText } from "../core/plain-text.ts";
import type { RunRecord } from "../core/record.ts";
import { changeText } from "./comparison-table.ts";
import { counted, significant } from "./format.ts";
import { dimmed, joined, layOutTable, paint, truncate, wrap, type TextOptions } from "./text-table.ts";
import { timingViews, viewTitle, type TimingView } from "./timing-view.ts";
import { pastOf, trendOf, type Past, type TrendSeries } from "./trend.ts";

const HEAD = ["implementation", "runs", "lowest ms", "median ms", "last ms", "change"];

/**
 * How a record's times stand in a history: per view the totals of each implementation, and the cells that changed in
 * the record's run against those before it, which is a description and no gate. Empty where no view has an earlier run
 * on the machine.
 */
export function renderTrends(record: RunRecord, others: readonly RunRecord[], options: TextOptions): string {
  const past = pastOf(record, others);
  return timingViews(record)
    .flatMap((view) => trendText(view, past, options))
    .join("\n");
}

function trendText(view: TimingView, past: Past, options: TextOptions): string[] {
  const trend = trendOf(view, past);
  if (trend === null) return [];
  const { startedAt, commits, series, otherMachines } = trend;
  const label = (index: number): string => [startedAt.at(index) ?? "", commits.at(index) ?? ""].join(" ").trim();
  const apart = otherMachines === 0 ? "" : `; ${counted(otherMachines, "record")} of other machines kept apart`;
  const span = `${counted(startedAt.length, "record")} from ${label(0)} to ${label(-1)}${apart}`;
  const caption = `ms for all layers in ${span}; change: of the last against the median of those before`;
  return [
    joined([
      paint(`history: ${plainText(viewTitle(view))}`, "bold", options),
      "",
      ...layOutTable(
        [HEAD, ...series.map(seriesRow)],
        HEAD.map((_, column) => (column === 0 ? "left" : "right")),
        options,
      ),
      "",
      ...dimmed(plainText(caption), options),
      ...series.flatMap((each) => changeTexts(each, view)).flatMap((text) => wrap(plainText(text), options.columns)),
    ]),
  ];
}

function seriesRow({ impl, totalMs }: TrendSeries): string[] {
  const known = totalMs.filter((ms) => ms !== null);
  const earlier = totalMs.slice(0, -1).filter((ms) => ms !== null);
  const last = totalMs.at(-1) ?? null;
  const before = earlier.length === 0 ? null : median(earlier);
  return [
    truncate(plainText(impl), 32),
    String(known.length),
    known.length === 0 ? "–" : significant(Math.min(...known)),
    before === null ? "–" : significant(before),
    last === null ? "–" : significant(last),
    last === null || before === null ? "–" : changeText(last / before),
  ];
}

function changeTexts({ impl, changes }: TrendSeries, { layers }: TimingView): string[] {
  return layers.flatMap(({ layer }, index) => {
    const change = changes[index] ?? null;
    return change?.verdict === "slower" || change?.verdict === "faster"
      ? [`${impl} ${layer} is ${change.verdict}: ${change.note}`]
      : [];
  });
}
