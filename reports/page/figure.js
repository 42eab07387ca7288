// @ts-check
/** @import { TableData } from "./table.js" */
/** @import { KeyItem } from "./picture.js" */
import { el, folded } from "./dom.js";
import { exportBar } from "./export.js";
import { chartSubject, tableSubject } from "./picture.js";
import { dataTable } from "./table.js";

/** @typedef {{ box: HTMLElement, canvas: HTMLCanvasElement, draw: () => void }} Drawable */

/**
 * A chart with its buttons and the table behind it, or the table alone, open; `shown` is a richer form of that table.
 * With an empty `summary` the table is only exported: another figure shows it.
 * @param {{ name: string, title: string, note: string, chart?: Drawable, key?: () => readonly KeyItem[], table: () => TableData, summary?: string, shown?: HTMLElement }} content
 */
export function figure({ name, title, note, chart, key, table, summary, shown }) {
  if (chart) afterMount(chart.draw);
  const file = `${note}-${name}`.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  const open = summary === undefined ? (shown ?? dataTable(table())) : null;
  const heat = chart ? null : open?.querySelector("table.heat");
  const subject = chart
    ? () => chartSubject(chart.canvas)
    : heat instanceof HTMLTableElement
      ? () => tableSubject(heat)
      : undefined;
  return el(
    "figure",
    { class: "figure", "data-figure": name, "aria-label": title },
    chart?.box,
    el(
      "div",
      { class: "under" },
      open ?? (summary ? folded(summary, () => [dataTable(table())]) : el("span")),
      exportBar({ name: file, title, note, table, ...(key ? { key } : {}), ...(subject ? { subject } : {}) }),
    ),
  );
}

/** @type {(() => void)[]} */
let pending = [];

/** Runs once what is being built lies in the page, where it has a size. @param {() => void} draw */
function afterMount(draw) {
  pending.push(draw);
}

/** Puts new content in place of the old and draws its charts. @param {HTMLElement} place @param {readonly (Node | string)[]} children */
export function mount(place, children) {
  for (const canvas of place.querySelectorAll("canvas")) Chart.getChart(canvas)?.destroy();
  place.replaceChildren(...children);
  const draws = pending;
  pending = [];
  for (const draw of draws) draw();
}
