import { percentage, significant } from "../../format.ts";
import { colourOfLayer, shownTotal, timeAt, timedImplementations, timeText } from "./cells.ts";
import { canvasBox, commonOptions, font, paintedBox, segmentLabels } from "./chart-parts.ts";
import { Chart } from "./chart.ts";
import type { Drawable } from "./figure.ts";
import type { ShownView } from "./state.ts";
import { cssVariable, inkOn } from "./theme.ts";

/** Each implementation's time by layer, as parts of 100 %. */
export function shareChart(view: ShownView): Drawable {
  const implementations = timedImplementations(view);
  const { canvas, box } = canvasBox(
    `Stacked bars: share of ${view.pass} time per layer, one bar for each implementation. The ` +
      "data table below has the figures.",
    40 * implementations.length + 44,
  );
  const draw = () =>
    new Chart(canvas, {
      type: "bar",
      data: {
        labels: implementations.map(({ impl, timedLayers }) =>
          timedLayers === view.layers.length ? impl : [impl, `${timedLayers} of ${view.layers.length} layers`],
        ),
        datasets: view.layers.map(({ layer }, index) => ({
          label: layer,
          data: implementations.map((implementation) => 100 * (timeAt(implementation, index)?.share ?? 0)),
          backgroundColor: colourOfLayer(view, index),
          borderColor: cssVariable("--paper"),
          borderWidth: { right: view.layers.length > 30 ? 0 : 2 },
          borderSkipped: false,
          barThickness: 28,
        })),
      },
      options: {
        ...commonOptions({
          label: ({ dataset, parsed, dataIndex, datasetIndex }) => {
            const cell = implementations[dataIndex] && timeAt(implementations[dataIndex], datasetIndex);
            return (
              ` ${dataset.label}: ` +
              `${percentage((parsed.x ?? 0) / 100)}${cell ? `, ${significant(cell.medianMs)} ms` : ""}`
            );
          },
        }),
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
      },
      plugins: [segmentLabels],
    });
  return { box, canvas, draw };
}

/** How many pies fit in a row, and their size. */
function pieLayout(width: number, count: number) {
  const columns = Math.max(1, Math.min(count, Math.floor(width / (width < 480 ? 165 : 236))));
  // A box that is not laid out yet, as in a print, has no width.
  const radius = Math.max(1, Math.min(104, width / columns / 2 - 8));
  return { columns, radius, cell: width / columns, height: 2 * radius + 72 };
}

/** A pie per implementation: the share of each layer in the network's time. */
export function pieChart(view: ShownView): Drawable {
  const implementations = timedImplementations(view);
  const count = implementations.length;
  return paintedBox(
    `Pies: share of each layer in the ${view.pass} time, one pie for each implementation. The ` +
      "data table above has the figures.",
    (width) => pieLayout(width, count).height * Math.ceil(count / pieLayout(width, count).columns),
    (context, width) => {
      const { columns, radius, cell, height } = pieLayout(width, count);
      implementations.forEach((implementation, index) => {
        const centre = {
          x: (index % columns) * cell + cell / 2,
          y: Math.floor(index / columns) * height + radius + 14,
        };
        const total = shownTotal(view, implementation);
        const slices = view.layers.map(({ layer }, at) => ({
          name: layer,
          share: timeAt(implementation, at)?.share ?? 0,
          colour: colourOfLayer(view, at),
        }));
        drawPie(context, centre, radius, largest(slices));
        const caption = { x: centre.x, y: centre.y + radius };
        drawCaption(
          context,
          caption,
          implementation.impl,
          total === null ? "not all layers timed" : timeText(total),
          cell - 12,
        );
      });
    },
  );
}

export interface Slice {
  readonly name: string;
  readonly share: number;
  readonly colour: string;
}

/** More slices than this cannot be told apart: the smallest are one. */
const MOST_SLICES = 8;

function largest(slices: readonly Slice[]): readonly Slice[] {
  if (slices.length <= MOST_SLICES) return slices;
  const kept = new Set(slices.toSorted((a, b) => b.share - a.share).slice(0, MOST_SLICES - 1));
  const others = slices.filter((slice) => !kept.has(slice));
  const share = others.reduce((sum, slice) => sum + slice.share, 0);
  const rest = { name: `${others.length} others`, share, colour: cssVariable("--rule-strong") };
  return [...slices.filter((slice) => kept.has(slice)), rest];
}

/** Clockwise from the top, in the layers' order; a label where its slice has room. */
function drawPie(
  context: CanvasRenderingContext2D,
  { x, y }: { x: number; y: number },
  radius: number,
  slices: readonly Slice[],
): void {
  const whole = slices.reduce((sum, { share }) => sum + share, 0);
  let angle = -Math.PI / 2;
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (const { name, share, colour } of slices) {
    if (share <= 0) continue;
    const sweep = (2 * Math.PI * share) / whole;
    context.beginPath();
    context.moveTo(x, y);
    context.arc(x, y, radius, angle, angle + sweep);
    context.closePath();
    context.fillStyle = colour;
    context.fill();
    context.strokeStyle = cssVariable("--paper");
    context.lineWidth = 1.5;
    context.stroke();
    if (share / whole > 0.08) {
      const [labelX, labelY] = [
        x + 0.72 * radius * Math.cos(angle + sweep / 2),
        y + 0.72 * radius * Math.sin(angle + sweep / 2),
      ];
      context.fillStyle = /^#[0-9a-f]{6}$/i.test(colour) ? inkOn(colour) : cssVariable("--ink");
      context.font = font(11, 600);
      context.fillText(name, labelX, labelY - 6, 0.6 * radius);
      context.font = font(11);
      context.fillText(percentage(share), labelX, labelY + 7);
    }
    angle += sweep;
  }
}

function drawCaption(
  context: CanvasRenderingContext2D,
  { x, y }: { x: number; y: number },
  name: string,
  text: string,
  width: number,
): void {
  context.textAlign = "center";
  context.textBaseline = "alphabetic";
  context.fillStyle = cssVariable("--ink");
  context.font = font(13, 600);
  context.fillText(name, x, y + 21, width);
  context.fillStyle = cssVariable("--muted");
  context.font = font(12);
  context.fillText(text, x, y + 38, width);
}
