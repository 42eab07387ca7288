import type { PointStyle } from "chart.js";
import { drawPoint } from "chart.js/helpers";
/**
 * Categorical colours: Okabe and Ito, "Color Universal Design" (2008); yellow and black are darkened or lightened so
 * that each has at least 3 : 1 contrast on its background, and the order keeps the most different first.
 */
const IMPLEMENTATION_COLOURS = {
  light: ["#0072b2", "#d55e00", "#00855f", "#b0578d", "#a67300", "#2d8fc4", "#8a7f00", "#30343b"],
  dark: ["#4aa3df", "#f0803c", "#1fbd8e", "#e396c1", "#e69f00", "#8fd3f7", "#f0e442", "#e8e8e8"],
};

/** Cividis (Nuñez, Anderton and Renslow, PLOS ONE 13(7), 2018), the part that stands out from the background. */
const CIVIDIS = [
  "#00204d",
  "#213d6b",
  "#434e6c",
  "#575d6d",
  "#6e6e72",
  "#868179",
  "#a19877",
  "#bcae6c",
  "#d9c55c",
  "#f0dc4e",
];

/** Purple to green through the background: told apart by every common kind of colour blindness (Tol's PRGn). */
const SLOWER = { light: "#762a83", dark: "#9b59b0" };
const FASTER = { light: "#1b7837", dark: "#2f9e57" };

/**
 * Chart.js point styles, so that no implementation is told by colour alone. Thirteen shapes and eight colours: the pair
 * comes again after 104.
 */
const SOLID = [
  { shape: "circle", rotation: 0 },
  { shape: "rect", rotation: 0 },
  { shape: "triangle", rotation: 0 },
  { shape: "rectRot", rotation: 0 },
  { shape: "triangle", rotation: 180 },
] as const;
const STROKES = ["star", "crossRot", "cross"] as const;
const SHAPES: readonly Pick<Mark, "shape" | "rotation" | "hollow">[] = [
  ...SOLID.map((mark) => ({ ...mark, hollow: false })),
  ...SOLID.map((mark) => ({ ...mark, hollow: true })),
  ...STROKES.map((shape) => ({ shape, rotation: 0, hollow: false })),
];

export interface Mark {
  readonly colour: string;
  readonly shape: PointStyle;
  /** Degrees. */
  readonly rotation: number;
  readonly hollow: boolean;
  readonly dash: number[];
}

function themeName(): "light" | "dark" {
  if (document.documentElement.dataset["print"] !== undefined) return "light";
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

/** A custom property of the page's style. */
export function cssVariable(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** How the index-th implementation of the record is drawn, everywhere on the page: no two of 104 alike. */
export function markOf(index: number): Mark {
  const colours = IMPLEMENTATION_COLOURS[themeName()];
  const { shape, rotation, hollow } = SHAPES[index % SHAPES.length] ?? { shape: "circle", rotation: 0, hollow: false };
  return {
    colour: colours[index % colours.length] ?? "",
    shape,
    rotation,
    hollow,
    dash: hollow ? [5, 4] : [],
  };
}

/** Layers are ordered, so their colours are: dark to light. */
export function layerColour(index: number, count: number): string {
  const [from, to] = themeName() === "light" ? [0, 0.92] : [0.14, 1];
  const at = from + (count < 2 ? 0.3 : index / (count - 1)) * (to - from);
  const position = at * (CIVIDIS.length - 1);
  const low = Math.min(Math.floor(position), CIVIDIS.length - 2);
  return mix(CIVIDIS[low] ?? "", CIVIDIS[low + 1] ?? "", position - low);
}

/** The colour of a speed-up: 1 is the background, `most` (or its inverse) the full colour. */
export function heatColour(ratio: number, most: number): string {
  const strength = Math.min(1, Math.abs(Math.log(ratio)) / Math.log(most));
  const end = (ratio >= 1 ? FASTER : SLOWER)[themeName()];
  return mix(cssVariable("--paper"), end, 0.08 + 0.92 * strength);
}

/**
 * Black or white, whichever has more contrast on a colour; one of them always has 4.5 : 1 (WCAG 2 relative luminance).
 */
export function inkOn(colour: string): "#000000" | "#ffffff" {
  const [r = 0, g = 0, b = 0] = channels(colour).map((value) => {
    const unit = value / 255;
    return unit <= 0.04045 ? unit / 12.92 : ((unit + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.1791 ? "#000000" : "#ffffff";
}

/** An implementation's mark at a point. */
export function drawMark(context: CanvasRenderingContext2D, place: number, x: number, y: number, radius: number): void {
  const { colour, shape, rotation, hollow } = markOf(place);
  context.save();
  context.strokeStyle = colour;
  context.fillStyle = hollow ? "transparent" : colour;
  context.lineWidth = radius / 2.75;
  drawPoint(context, { pointStyle: shape, radius, borderWidth: context.lineWidth, rotation }, x, y);
  context.restore();
}

function mix(from: string, to: string, share: number): string {
  const end = channels(to);
  const mixed = channels(from).map((value, index) => Math.round(value + ((end[index] ?? 0) - value) * share));
  return `#${mixed.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

function channels(colour: string): number[] {
  return [1, 3, 5].map((start) => Number.parseInt(colour.slice(start, start + 2), 16));
}

/** The small marks outside the charts, which follow the theme. */
let marks: (() => void)[] = [];

/** Draws now, and whenever the theme changes. */
export function onTheme(draw: () => void): void {
  marks.push(draw);
  draw();
}

export function redrawMarks(): void {
  for (const draw of marks) draw();
}

export function forgetMarks(): void {
  marks = [];
}
