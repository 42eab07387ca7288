import { el, shown } from "./figure.ts";

const SVG = "http://www.w3.org/2000/svg";

/** An SVG element. */
export function svg(
  tag: string,
  attributes: Readonly<Record<string, string | number>> = {},
  ...children: readonly (SVGElement | string)[]
): SVGElement {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Which of the figure's colours: 1 input, 2 kernel, 3 output. */
  readonly colour: 1 | 2 | 3;
  readonly filled?: boolean;
  readonly dots?: boolean;
}

export interface PlotModel {
  readonly label: string;
  readonly x: readonly [from: number, to: number];
  readonly y: readonly [from: number, to: number];
  readonly series: readonly Series[];
  readonly xName?: string;
}

const WIDTH = 560;
const HEIGHT = 200;
const MARGIN = { left: 44, right: 10, top: 12, bottom: 26 };

/** `<line-plot>`: curves over one axis. */
export class LinePlot extends HTMLElement {
  show({ label, x, y, series, xName = "" }: PlotModel): this {
    const across = (value: number): number =>
      MARGIN.left + ((value - x[0]) / (x[1] - x[0])) * (WIDTH - MARGIN.left - MARGIN.right);
    const down = (value: number): number =>
      HEIGHT - MARGIN.bottom - ((value - y[0]) / (y[1] - y[0])) * (HEIGHT - MARGIN.top - MARGIN.bottom);
    const drawing = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label });
    for (const tick of ticks(x))
      drawing.append(
        svg("text", { x: across(tick), y: HEIGHT - 8, "text-anchor": "middle", class: "tick" }, shown(tick)),
      );
    for (const tick of ticks(y))
      drawing.append(
        svg("line", { x1: MARGIN.left, x2: WIDTH - MARGIN.right, y1: down(tick), y2: down(tick), class: "grid" }),
        svg("text", { x: MARGIN.left - 6, y: down(tick) + 4, "text-anchor": "end", class: "tick" }, shown(tick)),
      );
    for (const { points, colour, filled = false, dots = false } of series) {
      const path = points.map(([a, b], index) => `${index === 0 ? "M" : "L"}${across(a)} ${down(b)}`).join("");
      const [first, last] = [points[0], points.at(-1)];
      if (filled && first && last)
        drawing.append(
          svg("path", {
            d: `${path}L${across(last[0])} ${down(0)}L${across(first[0])} ${down(0)}Z`,
            class: `area colour-${colour}`,
          }),
        );
      if (!dots) drawing.append(svg("path", { d: path, class: `curve colour-${colour}` }));
      else
        for (const [a, b] of points)
          drawing.append(svg("circle", { cx: across(a), cy: down(b), r: 4, class: `dot colour-${colour}` }));
    }
    const key = series.map(({ name, colour }) => el("li", { class: `colour-${colour}` }, name));
    this.replaceChildren(
      drawing,
      el("ul", { class: "key" }, ...key, xName === "" ? null : el("li", { class: "axis" }, xName)),
    );
    return this;
  }
}
customElements.define("line-plot", LinePlot);

function ticks([from, to]: readonly [number, number]): number[] {
  const rough = (to - from) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough) ?? power;
  const first = Math.ceil(from / step);
  return Array.from({ length: Math.floor(to / step) - first + 1 }, (_, index) => (first + index) * step);
}

export interface Bar {
  readonly name: string;
  readonly value: number;
  readonly text: string;
  readonly colour?: 1 | 2 | 3;
}

/** `<bar-list>`: bars with their numbers; `logarithmic` where they differ by powers of ten. */
export class BarList extends HTMLElement {
  show(bars: readonly Bar[], logarithmic = false): this {
    const size = (value: number): number => (logarithmic ? Math.log10(Math.max(1, value)) : Math.max(0, value));
    const most = Math.max(...bars.map(({ value }) => size(value)), Number.MIN_VALUE);
    this.replaceChildren(
      ...bars.map(({ name, value, text, colour = 3 }) => {
        const bar = el("span", { class: `bar colour-${colour}` });
        bar.style.width = `${(100 * size(value)) / most}%`;
        return el(
          "div",
          { class: "bar-row" },
          el("span", { class: "name" }, name),
          el("span", { class: "track" }, bar),
          el("span", { class: "value" }, text),
        );
      }),
    );
    return this;
  }
}
customElements.define("bar-list", BarList);

export function linePlot(): LinePlot {
  return new LinePlot();
}

export function barList(): BarList {
  return new BarList();
}
