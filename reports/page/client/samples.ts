import type { Plugin } from "chart.js";
import { significant } from "../../format.ts";
import type { TimedCell } from "../../timing-view.ts";
import { timeAt, timedImplementations } from "./cells.ts";
import { canvasBox, commonOptions, font, valueAxis } from "./chart-parts.ts";
import { Chart } from "./chart.ts";
import { pageSamples } from "./data.ts";
import type { Drawable } from "./figure.ts";
import { choice, type ShownView } from "./state.ts";
import type { TableData } from "./table.ts";
import { cssVariable } from "./theme.ts";

/** The cell whose samples are shown: the reader's choice, else the first with a warning, else the first of all. */
export function sampleCell(view: ShownView) {
  const cells = timedImplementations(view).flatMap((implementation) =>
    view.layers.flatMap(({ layer }, index) => {
      const cell = timeAt(implementation, index);
      return cell ? [{ impl: implementation.impl, layer, index, cell }] : [];
    }),
  );
  const [impl, layer] = [choice("trace"), choice("of")];
  const flagged = cells.find(({ cell }) => cell.flags.length > 0) ?? cells[0];
  return (
    cells.find((each) => each.impl === (impl ?? flagged?.impl) && each.layer === (layer ?? flagged?.layer)) ??
    cells.find((each) => each.impl === impl) ??
    flagged
  );
}

/** The samples of a cell, rounds in time order. */
export function roundsOf(view: ShownView, impl: string, layer: number): readonly (readonly number[])[] {
  const own = pageSamples().views[view.number] ?? [];
  return own[view.impls.indexOf(impl)]?.[view.places[layer] ?? 0] ?? [];
}

export function sampleTable(rounds: readonly (readonly number[])[], name: string): TableData {
  return {
    caption: `Samples of ${name} in milliseconds`,
    head: ["round", "sample", "ms"],
    rows: rounds.flatMap((round, index) =>
      round.map((ms, sample) => [
        { text: String(index + 1), value: index + 1 },
        { text: String(sample + 1), value: sample + 1 },
        ms,
      ]),
    ),
    className: "numbers",
  };
}

/** Every sample in time order, round by round, with the median and its interval. */
export function sampleChart(
  rounds: readonly (readonly number[])[],
  cell: Pick<TimedCell, "medianMs" | "ci95Ms" | "fastMs">,
  name: string,
): Drawable {
  const starts: number[] = [];
  let count = 0;
  const most = scaleEnd(rounds.flat(), cell);
  const above = rounds.flat().filter((ms) => ms > most);
  const { canvas, box } = canvasBox(
    `Samples of ${name} in time order, round by round, in milliseconds${aboveText(above)}. ` +
      "The data table below has the figures.",
    320,
  );
  const sets = rounds.map((round) => {
    starts.push(count);
    const data = round.map((ms) => ({ x: count++, y: Math.min(ms, most), ms }));
    return {
      data,
      pointStyle: ({ raw }: { readonly raw: unknown }) => (isAbove(raw, most) ? "triangle" : "circle"),
      showLine: true,
      borderWidth: 1,
      borderColor: cssVariable("--accent"),
      backgroundColor: cssVariable("--accent"),
      pointRadius: ({ raw }: { readonly raw: unknown }) => (isAbove(raw, most) ? 6 : count > 600 ? 0 : 2.5),
    };
  });
  const draw = () =>
    new Chart(canvas, {
      type: "scatter",
      data: { datasets: sets },
      options: {
        ...commonOptions({
          label: ({ raw, datasetIndex }) => ` round ${datasetIndex + 1}: ${significant(sampleMs(raw))} ms`,
        }),
        interaction: { mode: "nearest", intersect: false },
        scales: {
          x: {
            type: "linear",
            min: -0.5,
            max: count - 0.5,
            title: {
              display: true,
              text: `samples in time order, a band for each round${aboveText(above)}`,
              color: cssVariable("--muted"),
            },
            border: { display: false },
            grid: { display: false },
            ticks: { display: false },
          },
          y: valueAxis("ms", { grace: "8%" }),
        },
      },
      plugins: [roundBands(starts, count), estimates(cell)],
    });
  return { box, canvas, draw };
}

/** So many interquartile ranges above the third quartile a sample is an outlier, as Tukey's far ones are. */
const FAR = 3;
/** Less than this beyond the median needs no scale of its own. */
const LEAST_FAR = 1.5;

/** The end of the scale: the largest sample, but for outliers, which would press all others together. */
function scaleEnd(samples: readonly number[], { medianMs, ci95Ms }: Pick<TimedCell, "medianMs" | "ci95Ms">): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  const fence = Math.max(at(0.75) + FAR * (at(0.75) - at(0.25)), LEAST_FAR * medianMs, ci95Ms?.[1] ?? 0);
  return Math.min(at(1), fence);
}

function aboveText(above: readonly number[]): string {
  if (above.length === 0) return "";
  const largest = `${significant(Math.max(...above))} ms`;
  return `; ▲ beyond the scale: ${above.length === 1 ? largest : `${above.length}, up to ${largest}`}`;
}

function sampleMs(point: unknown): number {
  return typeof point === "object" && point !== null && "ms" in point ? Number(point.ms) : NaN;
}

function isAbove(point: unknown, most: number): boolean {
  return sampleMs(point) > most;
}

/** A band and a number for each round. */
function roundBands(starts: readonly number[], end: number): Plugin {
  return {
    id: "rounds",
    beforeDatasetsDraw({ ctx, chartArea, scales }) {
      const scale = scales["x"];
      if (scale === undefined) return;
      ctx.save();
      ctx.font = font(11);
      ctx.textAlign = "center";
      starts.forEach((start, index) => {
        const left = scale.getPixelForValue(start - 0.5);
        const right = scale.getPixelForValue((starts[index + 1] ?? end) - 0.5);
        ctx.fillStyle = cssVariable("--band");
        if (index % 2 === 0) ctx.fillRect(left, chartArea.top, right - left, chartArea.height);
        ctx.fillStyle = cssVariable("--muted");
        if (right - left > 16) ctx.fillText(String(index + 1), (left + right) / 2, chartArea.top + 14);
      });
      ctx.restore();
    },
  };
}

/** The median with its interval and the fast mode, as lines through the samples. */
function estimates({
  medianMs,
  ci95Ms,
  fastMs,
}: {
  medianMs: number;
  ci95Ms: readonly [number, number] | null;
  fastMs: number | null;
}): Plugin {
  return {
    id: "estimates",
    afterDatasetsDraw({ ctx, chartArea, scales }) {
      const scale = scales["y"];
      if (scale === undefined) return;
      const line = (ms: number, name: string, dash: number[]) => {
        const y = scale.getPixelForValue(ms);
        ctx.setLineDash(dash);
        ctx.lineWidth = 1.25;
        ctx.strokeStyle = cssVariable("--ink");
        ctx.beginPath();
        ctx.moveTo(chartArea.left, y);
        ctx.lineTo(chartArea.right, y);
        ctx.stroke();
        ctx.setLineDash([]);
        ctx.lineWidth = 4;
        ctx.strokeStyle = cssVariable("--paper");
        ctx.strokeText(name, chartArea.right - 4, y - 5);
        ctx.fillText(name, chartArea.right - 4, y - 5);
      };
      ctx.save();
      ctx.font = font(11.5, 550);
      ctx.textAlign = "right";
      ctx.fillStyle = cssVariable("--ink");
      if (ci95Ms) {
        const [high, low] = [scale.getPixelForValue(ci95Ms[1]), scale.getPixelForValue(ci95Ms[0])];
        ctx.globalAlpha = 0.1;
        ctx.fillStyle = cssVariable("--accent");
        ctx.fillRect(chartArea.left, high, chartArea.right - chartArea.left, low - high);
        ctx.globalAlpha = 1;
        ctx.fillStyle = cssVariable("--ink");
      }
      line(medianMs, `median ${significant(medianMs)}`, []);
      const apart = fastMs !== null && Math.abs(scale.getPixelForValue(fastMs) - scale.getPixelForValue(medianMs)) > 16;
      if (fastMs !== null && apart) line(fastMs, `best-case (p10) ${significant(fastMs)}`, [5, 4]);
      ctx.restore();
    },
  };
}

/** Every warning of a view, with what to do. */
export function warningTable(view: ShownView): TableData {
  return {
    caption: "Warnings",
    head: ["implementation", "layer", "warning", "what was seen", "what to do"],
    rows: timedImplementations(view).flatMap((implementation) =>
      view.layers.flatMap(({ layer }, index) =>
        (timeAt(implementation, index)?.flags ?? []).map(({ kind, message, advice }) => [
          implementation.impl,
          layer,
          kind.replaceAll("-", " "),
          { text: message, className: "prose" },
          { text: advice, className: "prose" },
        ]),
      ),
    ),
  };
}
