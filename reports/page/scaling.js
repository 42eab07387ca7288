// @ts-check
/** @import { PageData, PageView } from "./page-data.ts" */
/** @import { Drawable } from "./figure.js" */
/** @import { TableData } from "./table.js" */
/** @import { ShownView } from "./state.js" */
import { significant } from "../format.ts";
import { placeOf, timeAt } from "./cells.js";
import { canvasBox, commonOptions, pointStyle, valueAxis } from "./chart-parts.js";
import { cssVariable, markOf } from "./theme.js";

/** @typedef {{ axis: "batch" | "threads", steps: readonly { at: number, view: PageView }[] }} Ladder */

/** The record's views that differ from this one in batch or threads alone, in order; null where there is but one. @param {PageData} data @param {ShownView} view @param {Ladder["axis"]} axis @returns {Ladder | null} */
export function ladderOf({ views }, view, axis) {
  const others = /** @type {const} */ (["suite", "pass", "threads", "cache", "batch"]).filter((name) => name !== axis);
  const steps = views
    .filter((each) => others.every((name) => each[name] === view[name]))
    .flatMap((each) => {
      const at = each[axis];
      return at === null ? [] : [{ at, view: each }];
    })
    .sort((a, b) => a.at - b.at);
  return steps.length > 1 ? { axis, steps } : null;
}

/** @typedef {{ impl: string, values: readonly (number | null)[] }} Series */

/** Per implementation: cost of one image relative to the smallest batch, or speed-up over the fewest threads. @param {ShownView} view @param {Ladder} ladder @returns {Series[]} */
function seriesOf(view, { axis, steps }) {
  return view.implementations.flatMap(({ impl }) => {
    const costs = steps.map((step) => {
      const time = stepTime(view, step.view, impl);
      return time === null ? null : axis === "batch" ? time / step.at : time;
    });
    const [first = null] = costs;
    const values = costs.map((cost) =>
      cost === null || first === null ? null : axis === "batch" ? cost / first : first / cost,
    );
    return values.filter((value) => value !== null).length > 1 ? [{ impl, values }] : [];
  });
}

/** Milliseconds of the shown layers, by name, in another view; null where one has no time. @param {ShownView} shown @param {PageView} view @param {string} impl */
function stepTime(shown, view, impl) {
  const implementation = view.implementations.find((each) => each.impl === impl);
  if (implementation === undefined) return null;
  let sum = 0;
  for (const { layer, multiplicity } of shown.layers) {
    const cell = timeAt(
      implementation,
      view.layers.findIndex((each) => each.layer === layer),
    );
    if (cell === null) return null;
    sum += multiplicity * cell.medianMs;
  }
  return sum;
}

/** @param {ShownView} view @param {Ladder} ladder @returns {TableData} */
export function scalingTable(view, ladder) {
  const { axis, steps } = ladder;
  const unit = axis === "batch" ? "cost of an image" : "speed-up";
  return {
    caption:
      axis === "batch"
        ? "Time of one image as the batch grows, relative to the smallest batch"
        : "Speed-up as threads are added",
    head: ["implementation", ...steps.map(({ at }) => `${unit}, ${axis} ${at}`)],
    rows: seriesOf(view, ladder).map(({ impl, values }) => [impl, ...values]),
    className: "numbers",
  };
}

/** @param {PageData} data @param {ShownView} view @param {Ladder} ladder @returns {Drawable} */
export function scalingChart(data, view, ladder) {
  const { axis, steps } = ladder;
  const isBatch = axis === "batch";
  const { canvas, box } = canvasBox(
    isBatch
      ? "Lines: time of one image relative to the smallest batch, against the batch. The data table below has the figures."
      : "Lines: speed-up against threads, with the ideal. The data table below has the figures.",
    360,
  );
  const series = seriesOf(view, ladder);
  const first = steps[0]?.at ?? 1;
  const ideal = {
    label: "ideal",
    data: steps.map(({ at }) => ({ x: at, y: at / first })),
    borderColor: cssVariable("--muted"),
    borderDash: [3, 4],
    borderWidth: 1.5,
    pointRadius: 0,
    pointHitRadius: 0,
  };
  const draw = () =>
    new Chart(canvas, {
      type: "line",
      data: {
        datasets: [
          ...series.map((each) => ({
            ...pointStyle(placeOf(data, each.impl)),
            label: each.impl,
            borderWidth: 1.75,
            borderDash: markOf(placeOf(data, each.impl)).dash,
            data: steps.map(({ at }, index) => ({ x: at, y: each.values[index] ?? NaN })),
          })),
          ...(isBatch ? [] : [ideal]),
        ],
      },
      options: {
        ...commonOptions(),
        interaction: { mode: "nearest", intersect: false },
        scales: {
          x: {
            type: "logarithmic",
            min: first / 1.15,
            max: (steps.at(-1)?.at ?? 1) * 1.15,
            title: { display: true, text: isBatch ? "batch" : "threads", color: cssVariable("--muted") },
            border: { color: cssVariable("--rule-strong") },
            grid: { display: false },
            afterBuildTicks: (/** @type {import("chart.js").Scale} */ scale) => {
              scale.ticks = steps.map(({ at }) => ({ value: at }));
            },
            ticks: { color: cssVariable("--ink"), callback: (/** @type {number | string} */ value) => String(value) },
          },
          y: valueAxis(isBatch ? "cost of an image" : "times as fast", { beginAtZero: true, grace: "6%" }),
        },
        plugins: {
          ...commonOptions().plugins,
          tooltip: {
            ...commonOptions().plugins.tooltip,
            callbacks: {
              title: ([item]) => `${axis} ${item?.parsed.x ?? ""}`,
              label: ({ dataset, parsed }) => ` ${dataset.label}: ${significant(parsed.y ?? NaN)}×`,
            },
          },
        },
      },
    });
  return { box, canvas, draw };
}
