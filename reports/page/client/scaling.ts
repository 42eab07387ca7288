import type { Scale } from "chart.js";
import { significant } from "../../format.ts";
import { AXES, type PageData, type PageView } from "../page-data.ts";
import { placeOf, shownTotal, timeAt } from "./cells.ts";
import { canvasBox, commonOptions, pointStyle, valueAxis } from "./chart-parts.ts";
import { Chart } from "./chart.ts";
import { pageView } from "./data.ts";
import type { Drawable } from "./figure.ts";
import type { ShownView } from "./state.ts";
import type { TableData } from "./table.ts";
import { cssVariable, markOf } from "./theme.ts";

export interface Ladder {
  readonly axis: "batch" | "threads";
  readonly steps: readonly { at: number; view: PageView }[];
}

/** The record's views that differ from this one in batch or threads alone, in order; null where there is but one. */
export function ladderOf({ views }: PageData, view: ShownView, axis: Ladder["axis"]): Ladder | null {
  const others = AXES.filter((name) => name !== axis);
  const steps = views
    .flatMap((each, number) => {
      const at = each[axis];
      const whole = others.every((name) => each[name] === view[name]) ? pageView(number) : undefined;
      return at === null || whole === undefined ? [] : [{ at, view: whole }];
    })
    .sort((a, b) => a.at - b.at);
  return steps.length > 1 ? { axis, steps } : null;
}

export interface Series {
  readonly impl: string;
  readonly values: readonly (number | null)[];
}

/** Per implementation: cost of one image relative to the smallest batch, or speed-up over the fewest threads. */
function seriesOf(view: ShownView, { axis, steps }: Ladder): Series[] {
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

/** Milliseconds of the shown layers, by name, in another view; null where one has no time. */
function stepTime(shown: ShownView, view: PageView, impl: string): number | null {
  const implementation = view.implementations.find((each) => each.impl === impl);
  if (implementation === undefined) return null;
  const cells = shown.layers.flatMap(({ layer }) => {
    const cell = timeAt(
      implementation,
      view.layers.findIndex((each) => each.layer === layer),
    );
    return cell ? [cell] : [];
  });
  return cells.length < shown.layers.length ? null : shownTotal(shown, { cells });
}

export function scalingTable(view: ShownView, ladder: Ladder): TableData {
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

export function scalingChart(data: PageData, view: ShownView, ladder: Ladder): Drawable {
  const { axis, steps } = ladder;
  const isBatch = axis === "batch";
  const { canvas, box } = canvasBox(
    isBatch
      ? "Lines: time of one image relative to the smallest batch, against the batch. The data table " +
          "below has the figures."
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
        ...commonOptions({
          title: ([item]) => `${axis} ${item?.parsed.x ?? ""}`,
          label: ({ dataset, parsed }) => ` ${dataset.label}: ${significant(parsed.y ?? NaN)}×`,
        }),
        interaction: { mode: "nearest", intersect: false },
        scales: {
          x: {
            type: "logarithmic",
            min: first / 1.15,
            max: (steps.at(-1)?.at ?? 1) * 1.15,
            title: { display: true, text: isBatch ? "batch" : "threads", color: cssVariable("--muted") },
            border: { color: cssVariable("--rule-strong") },
            grid: { display: false },
            afterBuildTicks: (scale: Scale) => {
              scale.ticks = steps.map(({ at }) => ({ value: at }));
            },
            ticks: { color: cssVariable("--ink"), callback: (value: number | string) => String(value) },
          },
          y: valueAxis(isBatch ? "cost of an image" : "times as fast", { beginAtZero: true, grace: "6%" }),
        },
      },
    });
  return { box, canvas, draw };
}
