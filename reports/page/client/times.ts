import { relativeInterval, significant } from "../../format.ts";
import type { Implementation } from "../../timing-view.ts";
import type { PageData } from "../page-data.ts";
import { estimateOf, isFastMode, placeOf, timeAt, timedCells, timedImplementations } from "./cells.ts";
import { bands, canvasBox, commonOptions, logAxis, nameAxis, pointStyle, valueAxis, whiskers } from "./chart-parts.ts";
import { Chart } from "./chart.ts";
import type { Drawable } from "./figure.ts";
import { choice, type ShownView } from "./state.ts";
import { cssVariable, markOf } from "./theme.ts";

/** Bars need a zero, so they only show times that lie within this factor of each other. */
const BARS_UP_TO = 40;

/** Bars from zero or points on a logarithmic axis: what the reader chose, else what shows all times. */
export function timeScale(view: ShownView): "bars" | "points" {
  const chosen = choice("scale");
  if (chosen === "bars" || chosen === "points") return chosen;
  const times = shownTimes(view);
  return Math.max(...times) <= BARS_UP_TO * Math.min(...times) ? "bars" : "points";
}

function shownTimes(view: ShownView): number[] {
  return timedCells(view).flatMap((cell) => estimateOf(cell)?.ms ?? []);
}

/** Time per layer with its interval, implementations side by side in each layer. */
export function timeChart(data: PageData, view: ShownView): Drawable {
  const implementations = timedImplementations(view);
  const isBars = timeScale(view) === "bars";
  const { canvas, box } = canvasBox(
    `${isBars ? "Bars" : "Points"} with error bars: median time per layer and its 95 % interval, ` +
      "lower is faster. The data table below has the figures.",
    400,
  );
  const times = shownTimes(view);
  const title = isFastMode() ? "ms, best-case (p10)" : "ms, median";
  const step = 0.72 / Math.max(1, implementations.length);
  const offset = (index: number) => (index - (implementations.length - 1) / 2) * step;
  const draw = () =>
    new Chart(canvas, {
      type: isBars ? "bar" : "scatter",
      data: {
        datasets: implementations.map((implementation, index) => ({
          ...pointStyle(placeOf(data, implementation.impl)),
          ...(isBars ? barStyle(placeOf(data, implementation.impl)) : {}),
          label: implementation.impl,
          data: view.layers.flatMap((_, layer) => {
            const cell = timeAt(implementation, layer);
            const estimate = cell && estimateOf(cell);
            if (!estimate) return [];
            const [low, high] = estimate.interval ?? [null, null];
            return [{ x: layer + (isBars ? 0 : offset(index)), y: estimate.ms, low, high }];
          }),
        })),
      },
      options: {
        ...commonOptions({
          title: ([item]) => view.layers[Math.round(item?.parsed.x ?? 0)]?.layer ?? "",
          label: ({ dataset, parsed }) => timeLabel(implementations, dataset.label ?? "", Math.round(parsed.x ?? 0)),
        }),
        interaction: { mode: "nearest", intersect: false },
        scales: {
          x: nameAxis(view.layers.map(({ layer }) => layer)),
          y: isBars ? valueAxis(title, { beginAtZero: true }) : logAxis(title, times),
        },
      },
      plugins: [bands, whiskers],
    });
  return { box, canvas, draw };
}

function timeLabel(implementations: readonly Implementation[], impl: string, layer: number): string {
  const implementation = implementations.find((each) => each.impl === impl);
  const cell = implementation && timeAt(implementation, layer);
  const estimate = cell && estimateOf(cell);
  if (!cell || !estimate) return "";
  const warned = cell.flags.length === 0 ? "" : `, ${cell.flags.map(({ kind }) => kind).join(", ")}`;
  return ` ${impl}: ${significant(estimate.ms)} ms ${relativeInterval(estimate.ms, estimate.interval)}${warned}`;
}

function barStyle(place: number) {
  const { colour, hollow } = markOf(place);
  return {
    backgroundColor: hollow ? cssVariable("--paper") : `${colour}b3`,
    borderColor: colour,
    borderWidth: 1,
    barPercentage: 0.92,
    categoryPercentage: 0.8,
  };
}

/** Rate per layer: a line for each implementation, because the question is how its rate changes from layer to layer. */
export function rateChart(data: PageData, view: ShownView): Drawable {
  const implementations = timedImplementations(view);
  const { canvas, box } = canvasBox(
    "Lines: GFLOP/s per layer on a logarithmic axis, higher is faster. The data table below has the figures.",
    380,
  );
  const rates = timedCells(view).map(({ gflops }) => gflops ?? NaN);
  const draw = () =>
    new Chart(canvas, {
      type: "line",
      data: {
        datasets: implementations.map((implementation) => ({
          ...pointStyle(placeOf(data, implementation.impl)),
          label: implementation.impl,
          borderDash: markOf(placeOf(data, implementation.impl)).dash,
          borderWidth: 1.75,
          data: view.layers.map((_, layer) => ({ x: layer, y: timeAt(implementation, layer)?.gflops ?? NaN })),
        })),
      },
      options: {
        ...commonOptions({
          title: ([item]) => view.layers[item?.parsed.x ?? 0]?.layer ?? "",
          label: ({ dataset, parsed }) => ` ${dataset.label}: ${significant(parsed.y ?? NaN)} GFLOP/s`,
        }),
        interaction: { mode: "nearest", intersect: false },
        scales: { x: nameAxis(view.layers.map(({ layer }) => layer)), y: logAxis("GFLOP/s", rates) },
      },
      plugins: [bands],
    });
  return { box, canvas, draw };
}
