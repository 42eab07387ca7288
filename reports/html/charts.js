// @ts-check
/** @import { PageView } from "./page-data.ts" */
/** @import { Contender, TimedCell } from "../timing-view.ts" */
import { percentage, relativeInterval, significant } from "../format.ts";
import { bands, canvasBox, commonOptions, logAxis, nameAxis, segmentLabels, whiskers } from "./chart-parts.js";
import { cssVariable, layerColour, markOf } from "./theme.js";

/** @typedef {{ box: HTMLElement, draw: () => import("chart.js").Chart }} Drawable */

/** Contenders that have at least one time. @param {PageView} view */
export function timedContenders(view) {
  return view.contenders.filter(({ timedLayers }) => timedLayers > 0);
}

/** All times of a view. @param {PageView} view */
export function timedCells({ contenders }) {
  return contenders.flatMap(({ cells }) => cells).filter((cell) => cell.kind === "time");
}

/** @param {Contender} contender @param {number} layer @returns {TimedCell | null} */
export function timeAt({ cells }, layer) {
  const cell = cells[layer];
  return cell?.kind === "time" ? cell : null;
}

/** The breakdown: each contender's time by layer, as parts of 100 %. @param {PageView} view @returns {Drawable} */
export function shareChart(view) {
  const contenders = timedContenders(view);
  const { canvas, box } = canvasBox(
    `Stacked bars: share of ${view.pass} time per layer, one bar for each implementation. The data table below has the figures.`,
    44 * contenders.length + 44,
  );
  const draw = () =>
    new Chart(canvas, {
      type: "bar",
      data: {
        labels: contenders.map(({ impl, timedLayers }) =>
          timedLayers === view.layers.length ? impl : [impl, `${timedLayers} of ${view.layers.length} layers`],
        ),
        datasets: view.layers.map(({ layer }, index) => ({
          label: layer,
          data: contenders.map((contender) => 100 * (timeAt(contender, index)?.share ?? 0)),
          backgroundColor: layerColour(index, view.layers.length),
          borderColor: cssVariable("--paper"),
          borderWidth: { right: 2 },
          borderSkipped: false,
          barThickness: 30,
        })),
      },
      options: {
        ...commonOptions(),
        indexAxis: "y",
        scales: {
          x: {
            stacked: true,
            max: 100,
            border: { display: false },
            grid: { color: cssVariable("--rule"), drawTicks: false },
            ticks: { color: cssVariable("--muted"), padding: 6, callback: (value) => `${value} %` },
          },
          y: {
            stacked: true,
            border: { display: false },
            grid: { display: false },
            afterFit: (axis) => {
              axis.width = Math.min(axis.width, 0.36 * axis.chart.width);
            },
            ticks: { color: cssVariable("--ink"), crossAlign: "far", padding: 8 },
          },
        },
        plugins: {
          ...commonOptions().plugins,
          tooltip: {
            ...commonOptions().plugins.tooltip,
            callbacks: {
              label: ({ dataset, parsed, dataIndex, datasetIndex }) => {
                const cell = contenders[dataIndex] && timeAt(contenders[dataIndex], datasetIndex);
                return ` ${dataset.label}: ${percentage((parsed.x ?? 0) / 100)}${cell ? `, ${significant(cell.medianMs)} ms` : ""}`;
              },
            },
          },
        },
      },
      plugins: [segmentLabels],
    });
  return { box, draw };
}

/**
 * Median time per layer with its interval, contenders side by side in each layer.
 * @param {PageView} view @param {(impl: string) => number} indexOf @param {ReadonlySet<string>} concealed @returns {Drawable}
 */
export function timeChart(view, indexOf, concealed) {
  const contenders = timedContenders(view);
  const { canvas, box } = canvasBox(
    "Points with error bars: median time per layer in milliseconds on a logarithmic axis, lower is faster. The data table below has the figures.",
    420,
  );
  const times = timedCells(view).flatMap(({ medianMs, ci95Ms }) => [medianMs, ...(ci95Ms ?? [])]);
  const step = Math.min(0.8 / contenders.length, 0.14);
  const draw = () =>
    new Chart(canvas, {
      type: "scatter",
      data: {
        datasets: contenders.map((contender, at) => ({
          ...pointStyle(indexOf(contender.impl)),
          label: contender.impl,
          hidden: concealed.has(contender.impl),
          data: view.layers.flatMap((_, layer) => {
            const cell = timeAt(contender, layer);
            const x = layer + (at - (contenders.length - 1) / 2) * step;
            return cell ? [{ x, y: cell.medianMs, low: cell.ci95Ms?.[0] ?? null, high: cell.ci95Ms?.[1] ?? null }] : [];
          }),
        })),
      },
      options: {
        ...commonOptions(),
        interaction: { mode: "nearest", intersect: false },
        scales: { x: nameAxis(view.layers.map(({ layer }) => layer)), y: logAxis("ms, median", times) },
        plugins: {
          ...commonOptions().plugins,
          tooltip: {
            ...commonOptions().plugins.tooltip,
            callbacks: {
              title: ([item]) => view.layers[Math.round(item?.parsed.x ?? 0)]?.layer ?? "",
              label: ({ dataset, parsed }) => {
                const contender = contenders.find(({ impl }) => impl === dataset.label);
                const cell = contender && timeAt(contender, Math.round(parsed.x ?? 0));
                return cell
                  ? ` ${dataset.label}: ${significant(cell.medianMs)} ms ${relativeInterval(cell.medianMs, cell.ci95Ms)}`
                  : "";
              },
            },
          },
        },
      },
      plugins: [bands, whiskers],
    });
  return { box, draw };
}

/**
 * Rate per layer: a line for each contender, because the question is how its rate changes from layer to layer.
 * @param {PageView} view @param {(impl: string) => number} indexOf @param {ReadonlySet<string>} concealed @returns {Drawable}
 */
export function rateChart(view, indexOf, concealed) {
  const contenders = timedContenders(view);
  const { canvas, box } = canvasBox(
    "Lines: GFLOP/s per layer on a logarithmic axis, higher is faster. The data table below has the figures.",
    380,
  );
  const rates = timedCells(view).map(({ gflops }) => gflops ?? NaN);
  const draw = () =>
    new Chart(canvas, {
      type: "line",
      data: {
        datasets: contenders.map((contender) => ({
          ...pointStyle(indexOf(contender.impl)),
          label: contender.impl,
          hidden: concealed.has(contender.impl),
          borderDash: markOf(indexOf(contender.impl)).dash,
          borderWidth: 1.75,
          data: view.layers.map((_, layer) => ({ x: layer, y: timeAt(contender, layer)?.gflops ?? NaN })),
        })),
      },
      options: {
        ...commonOptions(),
        interaction: { mode: "nearest", intersect: false },
        scales: { x: nameAxis(view.layers.map(({ layer }) => layer)), y: logAxis("GFLOP/s", rates) },
        plugins: {
          ...commonOptions().plugins,
          tooltip: {
            ...commonOptions().plugins.tooltip,
            callbacks: {
              title: ([item]) => view.layers[item?.parsed.x ?? 0]?.layer ?? "",
              label: ({ dataset, parsed }) => ` ${dataset.label}: ${significant(parsed.y ?? NaN)} GFLOP/s`,
            },
          },
        },
      },
      plugins: [bands],
    });
  return { box, draw };
}

/** @param {number} index */
function pointStyle(index) {
  const { colour, shape, hollow } = markOf(index);
  const isStroke = shape === "star" || shape === "cross" || shape === "crossRot";
  return {
    pointStyle: shape,
    borderColor: colour,
    backgroundColor: hollow ? cssVariable("--paper") : colour,
    pointBackgroundColor: hollow ? cssVariable("--paper") : colour,
    pointBorderColor: colour,
    pointBorderWidth: hollow || isStroke ? 2 : 1,
    pointRadius: shape === "circle" || shape === "rect" ? 4.5 : 5.5,
    pointHoverRadius: 7,
  };
}
