import { BarElement, type Chart, type Plugin, type Scale, type Tick, type TooltipCallbacks } from "chart.js";
import { significant } from "../../format.ts";
import { el } from "./dom.ts";
import type { Drawable } from "./figure.ts";
import { cssVariable, inkOn, markOf } from "./theme.ts";

export interface Whiskered {
  readonly x: number;
  readonly y: number;
  readonly low: number | null;
  readonly high: number | null;
}

/**
 * Error bars: a line with caps from `low` to `high` of every point that has them, behind points and in front of bars.
 */
export const whiskers: Plugin = {
  id: "whiskers",
  beforeDatasetsDraw: (chart) => void (isBarChart(chart) || drawWhiskers(chart)),
  afterDatasetsDraw: (chart) => void (isBarChart(chart) && drawWhiskers(chart)),
};

/** A dataset's colour; this page gives each dataset a single one. */
function colourOf(colour: unknown): string {
  return typeof colour === "string" ? colour : "";
}

function isBarChart(chart: Chart): boolean {
  return "type" in chart.config && chart.config.type === "bar";
}

function drawWhiskers(chart: Chart): void {
  const { ctx, scales } = chart;
  const scale = scales["y"];
  if (scale === undefined) return;
  ctx.save();
  ctx.lineWidth = 1.5;
  chart.data.datasets.forEach((dataset, index) => {
    ctx.strokeStyle = isBarChart(chart) ? cssVariable("--ink") : colourOf(dataset.borderColor);
    chart.getDatasetMeta(index).data.forEach((element, at) => {
      const point = dataset.data[at];
      if (!isWhiskered(point) || point.low === null || point.high === null) return;
      const [low, high] = [scale.getPixelForValue(point.low), scale.getPixelForValue(point.high)];
      ctx.beginPath();
      ctx.moveTo(element.x, low);
      ctx.lineTo(element.x, high);
      for (const end of [low, high]) {
        ctx.moveTo(element.x - 4, end);
        ctx.lineTo(element.x + 4, end);
      }
      ctx.stroke();
    });
  });
  ctx.restore();
}

function isWhiskered(point: unknown): point is Whiskered {
  return typeof point === "object" && point !== null && "low" in point && "high" in point;
}

/** Shades every other layer, so that the eye keeps a layer's points together. */
export const bands: Plugin = {
  id: "bands",
  beforeDraw({ ctx, chartArea, scales }) {
    const scale = scales["x"];
    if (scale === undefined) return;
    ctx.save();
    ctx.fillStyle = cssVariable("--band");
    for (let layer = 0; layer <= scale.max; layer += 2) {
      const left = Math.max(chartArea.left, scale.getPixelForValue(layer - 0.5));
      const right = Math.min(chartArea.right, scale.getPixelForValue(layer + 0.5));
      ctx.fillRect(left, chartArea.top, right - left, chartArea.height);
    }
    ctx.restore();
  },
};

/** Writes a bar segment's layer, and its share where there is room, into the segment. */
export const segmentLabels: Plugin = {
  id: "segmentLabels",
  afterDatasetsDraw(chart) {
    const { ctx } = chart;
    ctx.save();
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    chart.data.datasets.forEach((dataset, index) => {
      ctx.fillStyle = inkOn(colourOf(dataset.backgroundColor));
      chart.getDatasetMeta(index).data.forEach((element, at) => {
        const value = dataset.data[at];
        if (!(element instanceof BarElement) || typeof value !== "number") return;
        const { x, y, base } = element.getProps(["x", "y", "base"], true);
        if (x === null || y === null) return;
        const room = Math.abs(x - base) - 8;
        const label = String(dataset.label);
        ctx.font = font(11, 600);
        if (ctx.measureText(label).width > room) return;
        const share = `${Math.round(value)} %`;
        const both = `${label}  ${share}`;
        ctx.fillText(ctx.measureText(both).width <= room ? both : label, (x + base) / 2, y + 0.5);
      });
    });
    ctx.restore();
  },
};

export function font(size: number, weight: number = 400): string {
  return `${weight} ${size}px ${cssVariable("--sans")}`;
}

/** A chart's canvas in a box of a given height, with a label for screen readers. */
export function canvasBox(label: string, height: number) {
  const canvas = el("canvas", { role: "img", "aria-label": label });
  const box = el("div", { class: "chart" }, canvas);
  box.style.height = `${height}px`;
  return { canvas, box };
}

/** A canvas that `paint` draws on, in CSS pixels, now and whenever its width changes. */
export function paintedBox(
  label: string,
  heightAt: (width: number) => number,
  paint: (context: CanvasRenderingContext2D, width: number, height: number) => void,
): Drawable {
  const { canvas, box } = canvasBox(label, heightAt(900));
  let painted = 0;
  const draw = () => {
    const width = box.clientWidth;
    const height = heightAt(width);
    const scale = devicePixelRatio || 1;
    painted = width;
    box.style.height = `${height}px`;
    [canvas.width, canvas.height] = [Math.round(width * scale), Math.round(height * scale)];
    [canvas.style.width, canvas.style.height] = [`${width}px`, `${height}px`];
    const context = canvas.getContext("2d");
    if (!context || width === 0) return;
    context.scale(scale, scale);
    paint(context, width, height);
  };
  const observer = new ResizeObserver(() => {
    if (!box.isConnected) observer.disconnect();
    else if (box.clientWidth !== painted) draw();
  });
  observer.observe(box);
  return { box, canvas, draw };
}

/** A logarithmic axis that ends a little beyond the values; a short one is labelled between the powers of ten too. */
export function logAxis(title: string, values: readonly number[]) {
  const logarithms = values.filter((value) => value > 0 && Number.isFinite(value)).map(Math.log10);
  const [low, high] = logarithms.length === 0 ? [0, 0] : [Math.min(...logarithms), Math.max(...logarithms)];
  const room = Math.max(0.04 * (high - low), 0.04);
  const steps = high - low > 2 ? [1] : high - low > 0.7 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 7];
  const minor = ({ tick }: { readonly tick: Tick }) => tick.label === "";
  return {
    type: "logarithmic" as const,
    min: 10 ** (low - room),
    max: 10 ** (high + room),
    title: { display: true, text: title, color: cssVariable("--muted") },
    border: { display: false },
    // Between the labels a short mark for each whole step of the decade.
    grid: {
      color: (context: { readonly tick: Tick }) => (minor(context) ? "transparent" : cssVariable("--rule")),
      tickColor: (context: { readonly tick: Tick }) => (minor(context) ? cssVariable("--rule-strong") : "transparent"),
      tickLength: 5,
    },
    ticks: {
      color: cssVariable("--muted"),
      padding: 3,
      autoSkip: false,
      maxRotation: 0,
      callback: (value: number | string) => {
        const number = Number(value);
        const mantissa = number / 10 ** Math.floor(Math.log10(number) + 1e-9);
        const isStep = (step: number): boolean => Math.abs(mantissa - step) < 1e-6;
        return steps.some(isStep) ? compact(number) : [2, 3, 4, 5, 6, 7, 8, 9].some(isStep) ? "" : null;
      },
    },
  };
}

/** 0.01, 1, 100, 10 000. */
function compact(value: number): string {
  return value >= 1 ? value.toLocaleString("en").replaceAll(",", "\u202f") : String(Number(significant(value)));
}

/** An axis with a name per whole number. */
export function nameAxis(names: readonly string[]) {
  return {
    type: "linear" as const,
    offset: false,
    min: -0.5,
    max: names.length - 0.5,
    border: { color: cssVariable("--rule-strong") },
    grid: { display: false },
    afterBuildTicks: (axis: Scale) => {
      axis.ticks = names.map((_, value) => ({ value }));
    },
    ticks: {
      color: cssVariable("--ink"),
      autoSkip: true,
      maxRotation: 60,
      callback: (value: number | string) => names[Number(value)] ?? "",
    },
  };
}

/** A linear axis. */
export function valueAxis(title: string, options: object = {}) {
  return {
    type: "linear" as const,
    title: { display: true, text: title, color: cssVariable("--muted") },
    border: { display: false },
    grid: { color: cssVariable("--rule"), drawTicks: false },
    ticks: { color: cssVariable("--muted"), padding: 8 },
    ...options,
  };
}

/** How an implementation's points look. */
export function pointStyle(index: number) {
  const { colour, shape, rotation, hollow } = markOf(index);
  const isStroke = shape === "star" || shape === "cross" || shape === "crossRot";
  return {
    pointStyle: shape,
    pointRotation: rotation,
    borderColor: colour,
    backgroundColor: hollow ? cssVariable("--paper") : colour,
    pointBackgroundColor: hollow ? cssVariable("--paper") : colour,
    pointBorderColor: colour,
    pointBorderWidth: hollow || isStroke ? 2 : 1,
    pointRadius: shape === "circle" || shape === "rect" ? 4.5 : 5.5,
    pointHoverRadius: 7,
  };
}

/** What all charts share; `says` is what their tooltips say. */
export function commonOptions(says: Partial<TooltipCallbacks<"bar" | "line" | "scatter">>) {
  return {
    responsive: true,
    maintainAspectRatio: false,
    animation: false as const,
    plugins: {
      tooltip: {
        // The marks in it have the colours that stand out from the paper.
        backgroundColor: cssVariable("--paper"),
        titleColor: cssVariable("--ink"),
        bodyColor: cssVariable("--ink"),
        borderColor: cssVariable("--rule-strong"),
        borderWidth: 1,
        padding: 10,
        cornerRadius: 4,
        usePointStyle: true,
        callbacks: says,
      },
    },
  };
}
