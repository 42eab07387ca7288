import { svg } from "./charts.ts";
import { el } from "./figure.ts";

export interface Slice {
  readonly name: string;
  /** 0 to 1; all slices sum to 1. */
  readonly share: number;
  readonly kind: "convolution" | "fully-connected";
}

const RADIUS = 100;
const LEAST_LABELLED = 0.03;

/** `<pie-chart>`: shares of a whole, convolutions in one colour and fully connected layers in another. */
export class PieChart extends HTMLElement {
  show(title: string, slices: readonly Slice[]): this {
    const text = slices.map(({ name, share }) => `${name} ${(100 * share).toFixed(1)} %`).join(", ");
    const drawing = svg("svg", { viewBox: "-145 -125 290 250", role: "img", "aria-label": `${title}: ${text}` });
    let from = 0;
    for (const { name, share, kind } of slices) {
      const to = from + share;
      const point = (turn: number, radius: number): string =>
        `${radius * Math.sin(2 * Math.PI * turn)} ${-radius * Math.cos(2 * Math.PI * turn)}`;
      const path =
        share > 0.9999
          ? `M0 ${-RADIUS}A${RADIUS} ${RADIUS} 0 1 1 -0.01 ${-RADIUS}Z`
          : `M0 0L${point(from, RADIUS)}A${RADIUS} ${RADIUS} 0 ${share > 0.5 ? 1 : 0} 1 ${point(to, RADIUS)}Z`;
      drawing.append(svg("path", { d: path, class: `slice ${kind}` }));
      const [x = "0", y = "0"] = point((from + to) / 2, RADIUS + 16).split(" ");
      if (share >= LEAST_LABELLED)
        drawing.append(svg("text", { x, y: Number(y) + 4, "text-anchor": "middle", class: "tick" }, name));
      from = to;
    }
    this.replaceChildren(el("p", { class: "name" }, title), drawing);
    return this;
  }
}
customElements.define("pie-chart", PieChart);

export function pieChart(): PieChart {
  return new PieChart();
}
