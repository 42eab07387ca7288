import type { Plugin } from "chart.js";
import { marginText, significant } from "../../format.ts";
import type { PageData } from "../page-data.ts";
import { placeOf, timeAt, timedImplementations } from "./cells.ts";
import { canvasBox, commonOptions, logAxis, pointStyle } from "./chart-parts.ts";
import { Chart } from "./chart.ts";
import type { Drawable } from "./figure.ts";
import type { ShownView } from "./state.ts";
import type { TableData } from "./table.ts";
import { cssVariable } from "./theme.ts";
import { layerTable } from "./timing-tables.ts";

/** The fastest time of a layer among all that are shown. */
function fastestOf(view: ShownView, layer: number): number {
  return Math.min(
    ...timedImplementations(view).map((implementation) => timeAt(implementation, layer)?.medianMs ?? Infinity),
  );
}

/** Error ÷ bound of the timed output, per layer. */
export function marginTable(view: ShownView): TableData {
  return layerTable(
    view,
    "Error ÷ bound of the timed output per layer",
    (implementation, layer) => {
      const margin = timeAt(implementation, layer)?.margin ?? null;
      return margin === null ? null : { text: marginText(margin), value: margin };
    },
    null,
  );
}

/** How much of its error bound a time uses up, against how much longer than the fastest it takes. */
export function accuracyChart(data: PageData, view: ShownView): Drawable {
  const { canvas, box } = canvasBox(
    "Points: error ÷ bound against time ÷ the fastest time of the layer, both logarithmic; low " +
      "and left is accurate and fast. The data table below has the figures.",
    400,
  );
  const sets = timedImplementations(view).map((implementation) => ({
    implementation,
    points: view.layers.flatMap((_, layer) => {
      const cell = timeAt(implementation, layer);
      if (cell === null || cell.margin === null) return [];
      return [{ x: cell.medianMs / fastestOf(view, layer), margin: cell.margin, layer }];
    }),
  }));
  const margins = sets.flatMap(({ points }) => points.map(({ margin }) => margin)).filter((margin) => margin > 0);
  // A logarithmic axis has no zero: exact results lie on the floor, below the smallest error that is one.
  const floor = 10 ** Math.floor(Math.log10(Math.min(0.01, ...margins)) - 0.5);
  const hasExact = sets.some(({ points }) => points.some(({ margin }) => margin === 0));
  const draw = () =>
    new Chart(canvas, {
      type: "scatter",
      data: {
        datasets: sets.map(({ implementation, points }) => ({
          ...pointStyle(placeOf(data, implementation.impl)),
          label: implementation.impl,
          data: points.map(({ x, margin, layer }) => ({ x, y: margin > 0 ? margin : floor, margin, layer })),
        })),
      },
      options: {
        ...commonOptions({
          label: ({ dataset, raw, parsed }) => {
            const { layer, margin } = isPoint(raw) ? raw : { layer: -1, margin: NaN };
            return (
              ` ${dataset.label} ${view.layers[layer]?.layer ?? ""}: error ${marginText(margin)} of the ` +
              `bound, ${significant(parsed.x ?? NaN)} times the fastest`
            );
          },
        }),
        interaction: { mode: "nearest", intersect: true },
        scales: {
          x: logAxis("time ÷ fastest of the layer", [1, ...sets.flatMap(({ points }) => points.map(({ x }) => x))]),
          y: { ...logAxis("error ÷ bound", [...(hasExact ? [floor] : []), 1, ...margins]) },
        },
      },
      plugins: [boundLine],
    });
  return { box, canvas, draw };
}

function isPoint(raw: unknown): raw is { layer: number; margin: number } {
  return typeof raw === "object" && raw !== null && "layer" in raw && "margin" in raw;
}

/** A line at the bound: results above it are wrong. */
const boundLine: Plugin = {
  id: "boundLine",
  beforeDatasetsDraw({ ctx, chartArea, scales }) {
    const scale = scales["y"];
    if (scale === undefined) return;
    const y = scale.getPixelForValue(1);
    ctx.save();
    ctx.strokeStyle = cssVariable("--bad");
    ctx.setLineDash([6, 4]);
    ctx.beginPath();
    ctx.moveTo(chartArea.left, y);
    ctx.lineTo(chartArea.right, y);
    ctx.stroke();
    ctx.fillStyle = cssVariable("--bad");
    ctx.textAlign = "right";
    ctx.fillText("the bound", chartArea.right - 4, y - 6);
    ctx.restore();
  },
};
