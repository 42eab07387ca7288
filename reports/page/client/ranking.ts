import { counted, significant } from "../../format.ts";
import type { Implementation } from "../../timing-view.ts";
import type { PageData, PageView } from "../page-data.ts";
import { placeOf, timeText } from "./cells.ts";
import { el } from "./dom.ts";
import type { TableData } from "./table.ts";
import { drawMark, onTheme } from "./theme.ts";
import { totalText } from "./timing-tables.ts";
import { statusBadge } from "./verdicts.ts";

/** Every implementation of the record with its verdict. */
export function ranking(data: PageData, view: PageView | undefined): HTMLTableElement {
  const { heads, row } = view ? rankedBy(data, view) : byVerdict(data);
  const order = [...(view?.implementations ?? []).map(({ impl }) => impl), ...data.impls.map(({ name }) => name)];
  return el(
    "table",
    { class: "ranking" },
    el("caption", { class: "visually-hidden" }, view ? "Implementations, fastest first" : "Implementations"),
    el("thead", {}, el("tr", {}, ...heads)),
    el("tbody", {}, ...[...new Set(order)].map(row)),
  );
}

/** The ranking as plain cells. */
export function rankingTable(data: PageData, view: PageView | undefined): TableData {
  const fastestMs = view?.implementations[0]?.total?.medianMs;
  const order = [...(view?.implementations ?? []).map(({ impl }) => impl), ...data.impls.map(({ name }) => name)];
  return {
    caption: view ? `Implementations, fastest first: ${view.title}` : "Implementations",
    head: ["implementation", "verdict", "total ms", "95 % from", "to", "times the fastest", "reason"],
    rows: [...new Set(order)].map((impl) => {
      const total = view?.implementations.find((implementation) => implementation.impl === impl)?.total ?? null;
      const standing = data.impls[placeOf(data, impl)]?.standing;
      const [low, high] = total?.ci95Ms ?? [null, null];
      const times = total && fastestMs !== undefined ? total.medianMs / fastestMs : null;
      const verdict = standing?.status ?? "not checked";
      return [
        impl,
        verdict === "passed" ? "holds" : verdict,
        total?.medianMs ?? null,
        low,
        high,
        times,
        standing?.reason ?? "",
      ];
    }),
  };
}

function byVerdict(data: PageData) {
  const row = (impl: string) => {
    const reason = data.impls[placeOf(data, impl)]?.standing.reason ?? "";
    return el(
      "tr",
      {},
      nameCell(data, impl),
      verdictOf(data, impl),
      el("td", {}, el("span", { class: "reason wrap" }, reason)),
    );
  };
  return { heads: ["implementation", "verdict", "reason"].map((head) => el("th", { scope: "col" }, head)), row };
}

/** With the total of all layers on a logarithmic line. */
function rankedBy(data: PageData, { implementations, layers }: PageView) {
  const { place, decades } = logLine(implementations);
  const fastestMs = implementations[0]?.total?.medianMs;
  const row = (impl: string) => {
    const implementation = implementations.find((entry) => entry.impl === impl);
    const total = implementation?.total;
    const cells = [nameCell(data, impl), verdictOf(data, impl)];
    if (!total || fastestMs === undefined) {
      const timed = implementation?.timedLayers ?? 0;
      const text = timed === 0 ? "no time" : `${timed} of ${layers.length} timed`;
      return el("tr", { class: "unranked" }, ...cells, el("td", { class: "muted", colspan: "3" }, text));
    }
    const ticks = decades.map((decade) => placed("tick", place(decade)));
    const line = el("span", { class: "line" }, ...ticks, placed("dot", place(total.medianMs)));
    const times = significant(total.medianMs / fastestMs);
    return el(
      "tr",
      {},
      ...cells,
      el("td", { class: "total" }, ...totalText(total)),
      el("td", { class: "track", "aria-hidden": "true" }, line),
      el("td", { class: "times" }, implementation === implementations[0] ? "fastest" : `${times}×`),
    );
  };
  const labels = decades.map((decade) => placed("label", place(decade), timeText(decade).replace(/\.0+ /, " ")));
  const heads = [
    el("th", { scope: "col" }, "implementation"),
    el("th", { scope: "col" }, "verdict"),
    el("th", { scope: "col", class: "total" }, `all ${counted(layers.length, "layer")}`),
    el("td", { class: "track", "aria-hidden": "true" }, el("span", { class: "line scale" }, ...labels)),
    el("th", { scope: "col", class: "times" }, "as long"),
  ];
  return { heads, row };
}

function nameCell(data: PageData, impl: string): HTMLTableCellElement {
  const version = data.impls[placeOf(data, impl)]?.version ?? "";
  const name = el("span", { class: "name" }, impl);
  return el("th", { scope: "row" }, swatch(placeOf(data, impl)), name, el("span", { class: "version" }, version));
}

function verdictOf(data: PageData, impl: string): HTMLTableCellElement {
  const status = data.impls[placeOf(data, impl)]?.standing.status ?? "not checked";
  return el("td", {}, statusBadge(status, status === "passed" ? "holds" : status));
}

/** An implementation's colour and shape as in the charts. */
export function swatch(place: number): HTMLCanvasElement {
  const canvas = el("canvas", { class: "swatch", width: "36", height: "36", "aria-hidden": "true" });
  onTheme(() => {
    const context = canvas.getContext("2d");
    context?.clearRect(0, 0, 36, 36);
    if (context) drawMark(context, place, 18, 18, 11);
  });
  return canvas;
}

function placed(className: string, share: number, text: string = ""): HTMLSpanElement {
  const span = el("span", { class: className }, text);
  span.style.left = `${(100 * share).toFixed(2)}%`;
  return span;
}

/**
 * A logarithmic line from the power of ten below the fastest total to the one above the slowest; `place` is 0 to 1
 * along it.
 */
function logLine(implementations: readonly Implementation[]) {
  const totals = implementations.flatMap(({ total }) =>
    total && total.medianMs > 0 ? [Math.log10(total.medianMs)] : [],
  );
  const from = Math.floor(Math.min(...totals));
  const to = Math.max(from + 1, Math.ceil(Math.max(...totals)));
  const place = (ms: number) => Math.min(1, Math.max(0, (Math.log10(ms) - from) / (to - from)));
  return {
    place,
    decades: totals.length === 0 ? [] : Array.from({ length: to - from + 1 }, (_, step) => 10 ** (from + step)),
  };
}
