import { el, type Child } from "../../../page/client/dom.ts";
import { startFrame } from "../frame.ts";

export { el };

// Every chapter has figures, and every page with figures its tools.
startFrame();

/** A figure of a chapter: a custom element `name`, whose content `build` makes once it is in the page. */
export function figure(name: string, build: (host: HTMLElement) => void): void {
  customElements.define(
    name,
    class extends HTMLElement {
      connectedCallback(): void {
        if (this.childElementCount > 0) return;
        this.classList.add("figure");
        this.setAttribute("role", "group");
        build(this);
      }
    },
  );
}

/** Things side by side, which wrap on a narrow page. */
export function row(...children: readonly Child[]): HTMLElement {
  return el("div", { class: "row" }, ...children);
}

/** The buttons and sliders of a figure. */
export function controls(...children: readonly Child[]): HTMLElement {
  return el("div", { class: "controls" }, ...children);
}

/** A sign between matrices. */
export function sign(text: string): HTMLElement {
  return el("span", { class: "sign", "aria-hidden": "true" }, text);
}

export function button(text: string, press: () => void): HTMLButtonElement {
  return el("button", { type: "button", click: press }, text);
}

/** A line of text that a figure renews; screen readers say it where `live`. */
export function caption(live = false): HTMLElement {
  return el("p", live ? { class: "caption", "aria-live": "polite" } : { class: "caption" });
}

const MINUS = "−";

/** A number as a figure shows it: at most `digits` after the point, a real minus sign. */
export function shown(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return String(value);
  const rounded = Number(value.toFixed(digits));
  const text =
    rounded === 0 && value !== 0
      ? value.toExponential(1)
      : rounded.toLocaleString("en-US", { maximumFractionDigits: digits });
  return text.replace("-", MINUS);
}

/** Big counts in words: 1.6 G, 4 M, 10 K. */
export function count(value: number): string {
  for (const [size, unit] of [
    [1e9, " G"],
    [1e6, " M"],
    [1e4, " K"],
  ] as const)
    if (value >= size) return `${Number((value / (unit === " K" ? 1e3 : size)).toPrecision(3))}${unit}`;
  return shown(value);
}

/** A product, with brackets around a negative second factor: 2·(−1). */
export function times(a: number, b: number): string {
  return `${shown(a)}·${b < 0 ? `(${shown(b)})` : shown(b)}`;
}
