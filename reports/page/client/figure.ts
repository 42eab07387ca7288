import { Chart } from "./chart.ts";
import { el, folded } from "./dom.ts";
import { exportBar } from "./export.ts";
import { chartSubject, tableSubject, type KeyItem } from "./picture.ts";
import { dataTable, type TableData } from "./table.ts";

export interface Drawable {
  readonly box: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  readonly draw: () => void;
}

/**
 * A chart with its buttons and the table behind it, or the table alone, open; `shown` is a richer form of that table.
 * With an empty `summary` the table is only exported: another figure shows it.
 */
export function figure({
  name,
  title,
  note,
  chart,
  key,
  table,
  summary,
  shown,
}: {
  name: string;
  title: string;
  note: string;
  chart?: Drawable;
  key?: () => readonly KeyItem[];
  table: () => TableData;
  summary?: string;
  shown?: HTMLElement;
}): HTMLElement {
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

let pending: (() => void)[] = [];

/** Runs `draw` when the content being built is in the page and has a size. */
function afterMount(draw: () => void): void {
  pending.push(draw);
}

/** Puts new content in place of the old and draws its charts. */
export function mount(place: HTMLElement, children: readonly (Node | string)[]): void {
  for (const canvas of place.querySelectorAll("canvas")) Chart.getChart(canvas)?.destroy();
  place.replaceChildren(...children);
  const draws = pending;
  pending = [];
  for (const draw of draws) draw();
}
