// @ts-check
import { significant } from "../format.ts";
import { el } from "./dom.js";
import { cssVariable, inkOn, markOf } from "./theme.js";

/** @typedef {{ x: number, y: number, low: number | null, high: number | null }} Whiskered */

/** Error bars: a line with caps from `low` to `high` of every point that has them, behind points and in front of bars. @type {import("chart.js").Plugin} */
export const whiskers = {
  id: "whiskers",
  beforeDatasetsDraw: (chart) => void (isBarChart(chart) || drawWhiskers(chart)),
  afterDatasetsDraw: (chart) => void (isBarChart(chart) && drawWhiskers(chart)),
};

/** @param {import("chart.js").Chart} chart */
function isBarChart(chart) {
  return "type" in chart.config && chart.config.type === "bar";
}

/** @param {import("chart.js").Chart} chart */
function drawWhiskers(chart) {
  const { ctx, scales } = chart;
  const scale = scales["y"];
  if (scale === undefined) return;
  ctx.save();
  ctx.lineWidth = 1.5;
  chart.data.datasets.forEach((dataset, index) => {
    ctx.strokeStyle = isBarChart(chart) ? cssVariable("--ink") : String(dataset.borderColor);
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

/** @param {unknown} point @returns {point is Whiskered} */
function isWhiskered(point) {
  return typeof point === "object" && point !== null && "low" in point && "high" in point;
}

/** Shades every other layer, so that the eye keeps a layer's points together. @type {import("chart.js").Plugin} */
export const bands = {
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

/** Writes a bar segment's layer, and its share where there is room, into the segment. @type {import("chart.js").Plugin} */
export const segmentLabels = {
  id: "segmentLabels",
  afterDatasetsDraw(chart) {
    const { ctx } = chart;
    ctx.save();
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    chart.data.datasets.forEach((dataset, index) => {
      ctx.fillStyle = inkOn(String(dataset.backgroundColor));
      chart.getDatasetMeta(index).data.forEach((element, at) => {
        const { x, y, base } = element.getProps(["x", "y", "base"], true);
        const value = dataset.data[at];
        if (typeof base !== "number" || typeof value !== "number") return;
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

/** @param {number} size @param {number} [weight] */
export function font(size, weight = 400) {
  return `${weight} ${size}px ${cssVariable("--sans")}`;
}

/** A chart's canvas in a box of a given height, named for those who do not see it. @param {string} label @param {number} height */
export function canvasBox(label, height) {
  const canvas = el("canvas", { role: "img", "aria-label": label });
  const box = el("div", { class: "chart" }, canvas);
  box.style.height = `${height}px`;
  return { canvas, box };
}

/**
 * A canvas that is painted by hand, in CSS pixels, and again whenever its width changes.
 * @param {string} label @param {(width: number) => number} heightAt
 * @param {(context: CanvasRenderingContext2D, width: number, height: number) => void} paint
 * @returns {import("./figure.js").Drawable}
 */
export function paintedBox(label, heightAt, paint) {
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

/**
 * A logarithmic axis labelled at powers of ten, with room around the values, and at least a power of ten long.
 * @param {string} title @param {readonly number[]} values @returns {any}
 */
export function logAxis(title, values) {
  const logarithms = values.filter((value) => value > 0 && Number.isFinite(value)).map(Math.log10);
  const [low, high] = logarithms.length === 0 ? [0, 0] : [Math.min(...logarithms), Math.max(...logarithms)];
  const room = Math.max(0.05 * (high - low), (1 - (high - low)) / 2, 0.06);
  return {
    type: "logarithmic",
    min: 10 ** (low - room),
    max: 10 ** (high + room),
    title: { display: true, text: title, color: cssVariable("--muted") },
    border: { display: false },
    grid: { color: cssVariable("--rule"), drawTicks: false },
    ticks: {
      color: cssVariable("--muted"),
      padding: 8,
      callback: (/** @type {number | string} */ value) => {
        const number = Number(value);
        return Number.isInteger(Math.round(Math.log10(number) * 1e9) / 1e9) ? compact(number) : null;
      },
    },
  };
}

/** 0.01, 1, 100, 10 000. @param {number} value */
function compact(value) {
  return value >= 1 ? value.toLocaleString("en").replaceAll(",", "\u202f") : String(Number(significant(value)));
}

/** An axis with a name per whole number. @param {readonly string[]} names @returns {any} */
export function nameAxis(names) {
  return {
    type: "linear",
    offset: false,
    min: -0.5,
    max: names.length - 0.5,
    border: { color: cssVariable("--rule-strong") },
    grid: { display: false },
    afterBuildTicks: (/** @type {import("chart.js").Scale} */ axis) => {
      axis.ticks = names.map((_, value) => ({ value }));
    },
    ticks: {
      color: cssVariable("--ink"),
      autoSkip: true,
      maxRotation: 60,
      callback: (/** @type {number | string} */ value) => names[Number(value)] ?? "",
    },
  };
}

/** A linear axis. @param {string} title @param {object} [options] @returns {any} */
export function valueAxis(title, options = {}) {
  return {
    type: "linear",
    title: { display: true, text: title, color: cssVariable("--muted") },
    border: { display: false },
    grid: { color: cssVariable("--rule"), drawTicks: false },
    ticks: { color: cssVariable("--muted"), padding: 8 },
    ...options,
  };
}

/** How an implementation's points look. @param {number} index */
export function pointStyle(index) {
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

/** What all charts share. @returns {any} */
export function commonOptions() {
  return {
    responsive: true,
    maintainAspectRatio: false,
    animation: false,
    plugins: {
      legend: { display: false },
      tooltip: {
        backgroundColor: cssVariable("--ink"),
        titleColor: cssVariable("--paper"),
        bodyColor: cssVariable("--paper"),
        padding: 10,
        cornerRadius: 4,
        usePointStyle: true,
      },
    },
  };
}
