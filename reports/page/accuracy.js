// @ts-check
/** @import { PageData } from "./page-data.ts" */
/** @import { Drawable } from "./figure.js" */
/** @import { TableData } from "./table.js" */
/** @import { ShownView } from "./state.js" */
import { marginText, significant } from "../format.ts";
import { placeOf, timeAt, timedImplementations } from "./cells.js";
import { canvasBox, commonOptions, logAxis, pointStyle } from "./chart-parts.js";
import { layerTable } from "./timing-tables.js";
import { cssVariable } from "./theme.js";

/** The fastest time of a layer among all that are shown. @param {ShownView} view @param {number} layer */
function fastestOf(view, layer) {
  return Math.min(
    ...timedImplementations(view).map((implementation) => timeAt(implementation, layer)?.medianMs ?? Infinity),
  );
}

/** Error ÷ bound of the timed output, per layer. @param {ShownView} view @returns {TableData} */
export function marginTable(view) {
  return layerTable(
    view,
    "Error ÷ bound of the timed output per layer",
    (implementation, layer) => {
      const margin = timeAt(implementation, layer)?.margin ?? null;
      return margin === null ? null : { text: marginText(Number(margin)), value: Number(margin) };
    },
    null,
  );
}

/** How much of its error bound a time uses up, against how much longer than the fastest it takes. @param {PageData} data @param {ShownView} view @returns {Drawable} */
export function accuracyChart(data, view) {
  const { canvas, box } = canvasBox(
    "Points: error ÷ bound against time ÷ the fastest time of the layer, both logarithmic; low and left is accurate and fast. The data table below has the figures.",
    400,
  );
  const sets = timedImplementations(view).map((implementation) => ({
    implementation,
    points: view.layers.flatMap((_, layer) => {
      const cell = timeAt(implementation, layer);
      if (cell === null || cell.margin === null) return [];
      return [{ x: cell.medianMs / fastestOf(view, layer), margin: Number(cell.margin), layer }];
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
        ...commonOptions(),
        interaction: { mode: "nearest", intersect: true },
        scales: {
          x: logAxis("time ÷ fastest of the layer", [1, ...sets.flatMap(({ points }) => points.map(({ x }) => x))]),
          y: { ...logAxis("error ÷ bound", [...(hasExact ? [floor] : []), 1, ...margins]) },
        },
        plugins: {
          ...commonOptions().plugins,
          tooltip: {
            ...commonOptions().plugins.tooltip,
            callbacks: {
              label: ({ dataset, raw, parsed }) => {
                const { layer, margin } = isPoint(raw) ? raw : { layer: -1, margin: NaN };
                return ` ${dataset.label} ${view.layers[layer]?.layer ?? ""}: error ${marginText(margin)} of the bound, ${significant(parsed.x ?? NaN)} times the fastest`;
              },
            },
          },
        },
      },
      plugins: [boundLine],
    });
  return { box, canvas, draw };
}

/** @param {unknown} raw @returns {raw is { layer: number, margin: number }} */
function isPoint(raw) {
  return typeof raw === "object" && raw !== null && "layer" in raw && "margin" in raw;
}

/** The bound itself, above which nothing holds. @type {import("chart.js").Plugin} */
const boundLine = {
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
