import { changeText } from "../../comparison-table.ts";
import { significant } from "../../format.ts";
import type { Trend } from "../../trend.ts";
import type { PageData } from "../page-data.ts";
import { placeOf } from "./cells.ts";
import { canvasBox, commonOptions, nameAxis, pointStyle, valueAxis } from "./chart-parts.ts";
import { Chart } from "./chart.ts";
import type { Drawable } from "./figure.ts";
import { choice, type ShownView } from "./state.ts";
import type { TableData } from "./table.ts";
import { markOf } from "./theme.ts";

/** The layer whose trend is shown, as its place in the whole view; null for the sum of all. */
export function trendLayer(view: ShownView): number | null {
  const name = choice("trend");
  const index = view.layers.findIndex(({ layer }) => layer === name);
  return index < 0 ? null : (view.places[index] ?? null);
}

function trendSeries(view: ShownView, trend: Trend, place: number | null) {
  const shown = new Set(view.implementations.map(({ impl }) => impl));
  return trend.series
    .filter(({ impl }) => shown.has(impl))
    .map(({ impl, totalMs, layersMs }) => ({ impl, values: place === null ? totalMs : (layersMs[place] ?? []) }))
    .filter(({ values }) => values.some((value) => value !== null));
}

/** "2026-11-20 09:30 4f2a91c+". */
function nameOfRecord({ startedAt, commits }: Trend, index: number): string {
  const time = (startedAt[index] ?? "").slice(0, 16).replace("T", " ");
  return [time, commits[index] ?? ""].join(" ").trim();
}

export function trendTable(view: ShownView, trend: Trend, place: number | null): TableData {
  const series = trendSeries(view, trend, place);
  return {
    caption: "Median time in milliseconds, a record in each row",
    head: ["record", ...series.map(({ impl }) => impl)],
    rows: trend.startedAt.map((_, index) => [
      nameOfRecord(trend, index),
      ...series.map(({ values }) => values[index] ?? null),
    ]),
    className: "numbers",
  };
}

/**
 * Medians over the records of a history, each relative to the implementation's oldest; the table has the milliseconds.
 */
export function trendChart(data: PageData, view: ShownView, trend: Trend, place: number | null): Drawable {
  const { canvas, box } = canvasBox(
    "Lines: change of the median in each record against the oldest, in percent. The data table below has the figures.",
    360,
  );
  const series = trendSeries(view, trend, place);
  const names = trend.startedAt.map((startedAt, index) => trend.commits[index] ?? startedAt.slice(5, 10));
  const draw = () =>
    new Chart(canvas, {
      type: "line",
      data: {
        datasets: series.map((each) => ({
          ...pointStyle(placeOf(data, each.impl)),
          label: each.impl,
          borderWidth: 1.75,
          borderDash: markOf(placeOf(data, each.impl)).dash,
          spanGaps: true,
          data: relative(each.values).map((y, x) => ({ x, y })),
        })),
      },
      options: {
        ...commonOptions({
          title: ([item]) => nameOfRecord(trend, item?.parsed.x ?? 0),
          label: ({ dataset, datasetIndex, dataIndex, parsed }) =>
            ` ${dataset.label}: ${significant(series[datasetIndex]?.values[dataIndex] ?? NaN)} ms, ` +
            changeText(1 + (parsed.y ?? NaN) / 100),
        }),
        interaction: { mode: "nearest", intersect: false },
        scales: {
          x: nameAxis(names),
          y: valueAxis("change of time, %", { suggestedMin: -5, suggestedMax: 5, grace: "6%" }),
        },
      },
    });
  return { box, canvas, draw };
}

/** Percent above the first value that there is. */
function relative(values: readonly (number | null)[]): number[] {
  const first = values.find((value) => value !== null) ?? NaN;
  return values.map((value) => (value === null ? NaN : 100 * (value / first - 1)));
}

/** The last record against those before it: all changes of one layer, or of all layers those that stand out. */
export function changeTable(view: ShownView, trend: Trend, place: number | null): TableData {
  const shown = new Set(view.implementations.map(({ impl }) => impl));
  const rows = trend.series
    .filter(({ impl }) => shown.has(impl))
    .flatMap(({ impl, changes }) =>
      view.layers.flatMap(({ layer }, index) => {
        const own = view.places[index] ?? -1;
        const change = changes[own];
        if (!change) return [];
        const standsOut = change.verdict === "faster" || change.verdict === "slower";
        if (place === null ? !standsOut : own !== place) return [];
        return [[impl, layer, change.verdict, { text: change.note, className: "prose" }]];
      }),
    );
  return {
    caption: "The last record against those before it",
    head: ["implementation", "layer", "verdict", "what was seen"],
    rows,
  };
}
