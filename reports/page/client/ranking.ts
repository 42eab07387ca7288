import { counted } from "../../format.ts";
import { ranksOf, ratioText, verdictWords } from "../../ranking.ts";
import type { Implementation } from "../../timing-view.ts";
import type { PageData, PageView } from "../page-data.ts";
import { placeOf, timeText } from "./cells.ts";
import { el, folded, unbroken } from "./dom.ts";
import { choices } from "./state.ts";
import type { TableData } from "./table.ts";
import { drawMark, onTheme } from "./theme.ts";
import { totalText } from "./timing-tables.ts";
import { statusBadge } from "./verdicts.ts";

/** Every implementation of the record with its verdict; those that have no time are folded. */
export function ranking(data: PageData, view: PageView | undefined): HTMLElement {
  const { heads, row } = view ? rankedBy(data, view) : byVerdict(data);
  const order = orderOf(data, view);
  const isRanked = (impl: string): boolean =>
    view === undefined || view.implementations.some((each) => each.impl === impl && each.timedLayers > 0);
  const table = (caption: string, impls: readonly string[]) =>
    el(
      "table",
      { class: "ranking" },
      el("caption", { class: "visually-hidden" }, caption),
      el("thead", {}, el("tr", {}, ...heads())),
      el("tbody", {}, ...impls.map(row)),
    );
  const untimed = order.filter((impl) => !isRanked(impl));
  return el(
    "div",
    {},
    table(view ? "Implementations, fastest first" : "Implementations", order.filter(isRanked)),
    untimed.length > 0 && folded(untimedText(data, untimed), () => [table("Implementations without a time", untimed)]),
  );
}

function orderOf(data: PageData, view: PageView | undefined): readonly string[] {
  const hidden = new Set(view === undefined ? [] : choices("hide"));
  const all = [...(view?.implementations ?? []).map(({ impl }) => impl), ...data.impls.map(({ name }) => name)];
  return [...new Set(all)].filter((impl) => !hidden.has(impl));
}

/** "3 without a time: 2 unavailable, 1 unsupported". */
function untimedText(data: PageData, impls: readonly string[]): string {
  const statuses = impls.map((impl) => data.impls[placeOf(data, impl)]?.standing.status ?? "not checked");
  const counts = [...Map.groupBy(statuses, (status) => status)].map(([status, own]) => `${own.length} ${status}`);
  return `${impls.length} without a time: ${counts.join(", ")}`;
}

/** The ranking as plain cells. */
export function rankingTable(data: PageData, view: PageView | undefined): TableData {
  const ranks = new Map(view === undefined ? [] : ranksOf(view).map((rank) => [rank.impl, rank]));
  return {
    caption: view ? `Implementations, fastest first: ${view.title}` : "Implementations",
    head: ["implementation", "verdict", "total ms", "95 % from", "to", "× fastest", "reason"],
    rows: orderOf(data, view).map((impl) => {
      const rank = ranks.get(impl);
      const [low, high] = rank?.total.ci95Ms ?? [null, null];
      const reason = data.impls[placeOf(data, impl)]?.standing.reason ?? "";
      return [impl, wordsOf(data, impl), rank?.total.medianMs ?? null, low, high, rank?.ratio ?? null, reason];
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
  return { heads: () => ["implementation", "verdict", "reason"].map((head) => el("th", { scope: "col" }, head)), row };
}

/** With the total of all layers on a logarithmic line. */
function rankedBy(data: PageData, view: PageView) {
  const { implementations, layers } = view;
  const { place, decades } = logLine(implementations);
  const ranks = new Map(ranksOf(view).map((rank) => [rank.impl, rank]));
  const row = (impl: string) => {
    const rank = ranks.get(impl);
    const cells = [nameCell(data, impl), verdictOf(data, impl)];
    if (rank === undefined) {
      const timed = implementations.find((entry) => entry.impl === impl)?.timedLayers ?? 0;
      const reason = data.impls[placeOf(data, impl)]?.standing.reason ?? "";
      const text = timed === 0 ? `no time${reason === "" ? "" : `: ${reason}`}` : `${timed} of ${layers.length} timed`;
      return el("tr", { class: "unranked" }, ...cells, el("td", { class: "muted", colspan: "3" }, text));
    }
    const ticks = decades.map((decade) => placed("tick", place(decade)));
    const line = el("span", { class: "line" }, ...ticks, placed("dot", place(rank.total.medianMs)));
    return el(
      "tr",
      {},
      ...cells,
      el("td", { class: "total" }, ...totalText(rank.total)),
      el("td", { class: "track", "aria-hidden": "true" }, line),
      el("td", { class: "times" }, unbroken(ratioText(rank))),
    );
  };
  const heads = () => [
    el("th", { scope: "col" }, "implementation"),
    el("th", { scope: "col" }, "verdict"),
    el("th", { scope: "col", class: "total" }, counted(layers.length, "layer")),
    el("td", { class: "track", "aria-hidden": "true" }, el("span", { class: "line scale" }, ...labels())),
    el("th", { scope: "col", class: "times" }, "× fastest"),
  ];
  const labels = () => decades.map((decade) => placed("label", place(decade), timeText(decade).replace(/\.0+ /, " ")));
  return { heads, row };
}

function nameCell(data: PageData, impl: string): HTMLTableCellElement {
  const version = data.impls[placeOf(data, impl)]?.version ?? "";
  const name = el("span", { class: "name" }, impl);
  return el("th", { scope: "row" }, swatch(placeOf(data, impl)), name, el("span", { class: "version" }, version));
}

function verdictOf(data: PageData, impl: string): HTMLTableCellElement {
  const { standing, knownDefects = [] } = data.impls[placeOf(data, impl)] ?? {};
  const status = standing?.status ?? "not checked";
  const isBadge = status === "passed" && knownDefects.length > 0;
  const badge = statusBadge(isBadge ? "known-defect" : status, wordsOf(data, impl));
  if (isBadge) badge.title = knownDefects.join(", ");
  return el("td", {}, badge);
}

function wordsOf(data: PageData, impl: string): string {
  const { standing, knownDefects } = data.impls[placeOf(data, impl)] ?? {};
  return verdictWords({
    status: standing?.status ?? "not checked",
    ...(knownDefects === undefined ? {} : { knownDefects }),
  });
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
