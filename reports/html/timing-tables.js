// @ts-check
/** @import { PageView } from "./page-data.ts" */
/** @import { Contender } from "../timing-view.ts" */
import { marginText, percentage, relativeInterval, significant } from "../format.ts";
import { timeAt, timedContenders } from "./charts.js";
import { dataTable, el, hidden, scrollBox } from "./dom.js";
import { heatColour, inkOn } from "./theme.js";

/**
 * A table with a row per layer and a column per contender, as folded under each chart.
 * @param {PageView} view @param {string} caption
 * @param {(contender: Contender, layer: number) => string} text @param {(contender: Contender) => string} total
 */
export function layerTable(view, caption, text, total) {
  const contenders = timedContenders(view);
  return dataTable({
    caption,
    head: ["layer", ...contenders.map(({ impl }) => impl)],
    rows: view.layers.map(({ layer, problem }, index) => [
      el("span", { title: problem }, layer),
      ...contenders.map((contender) => text(contender, index) || emptyText(contender, index)),
    ]),
    foot: ["total", ...contenders.map(total)],
    className: "numbers",
  });
}

/** @param {PageView} view */
export function shareTable(view) {
  return layerTable(
    view,
    "Share of time per layer",
    (contender, layer) => percentage(timeAt(contender, layer)?.share ?? NaN).replace(/^NaN.*/, ""),
    ({ cells }) => `${cells.filter(({ kind }) => kind === "time").length} of ${cells.length} layers`,
  );
}

/** @param {PageView} view */
export function timeTable(view) {
  return layerTable(
    view,
    "Median time per layer in milliseconds, with its 95 % interval",
    (contender, layer) => {
      const cell = timeAt(contender, layer);
      return cell ? `${significant(cell.medianMs)} ${intervalText(cell.ci95Ms)}` : "";
    },
    ({ total }) => (total ? `${significant(total.medianMs)} ${intervalText(total.ci95Ms)}` : "–"),
  );
}

/** @param {PageView} view */
export function rateTable(view) {
  return layerTable(
    view,
    "GFLOP/s per layer",
    (contender, layer) => {
      const gflops = timeAt(contender, layer)?.gflops;
      return typeof gflops === "number" ? significant(gflops) : timeAt(contender, layer) ? "–" : "";
    },
    ({ total }) => (typeof total?.gflops === "number" ? significant(total.gflops) : "–"),
  );
}

/** @param {PageView} view */
export function detailTable(view) {
  const rows = view.contenders.flatMap((contender) =>
    view.layers.flatMap(({ layer, problem }, index) => {
      const cell = timeAt(contender, index);
      if (cell === null) return [];
      const bytes = cell.workspaceBytes;
      return [
        [
          `${contender.impl} ${layer}`,
          cell.minMs === null ? "–" : significant(cell.minMs),
          cell.planMs === null ? "–" : significant(cell.planMs),
          cell.loadMs === null ? "–" : significant(cell.loadMs),
          bytes === null ? "–" : `${significant(bytes / 2 ** 20)} MiB`,
          marginText(cell.margin === null ? null : Number(cell.margin)),
          `${cell.rounds} × ${Math.round(cell.samples / Math.max(1, cell.rounds))}`,
          el("code", {}, problem),
        ],
      ];
    }),
  );
  const head = [
    "implementation and layer",
    "fastest ms",
    "plan ms",
    "load ms",
    "workspace",
    "margin",
    "rounds × samples",
    "problem",
  ];
  return dataTable({ caption: "Every time in detail", head, rows, className: "numbers" });
}

/** @param {readonly [number, number] | null} interval */
function intervalText(interval) {
  return interval ? `[${significant(interval[0])}, ${significant(interval[1])}]` : "";
}

/** @param {Contender} contender @param {number} layer */
function emptyText({ cells }, layer) {
  const cell = cells[layer];
  return cell?.kind === "none" ? el("span", { class: "muted", title: cell.reason }, cell.status) : "";
}

/**
 * Speed-ups over a base that the reader picks: base's median ÷ the contender's, so above 1 is faster than the base. Where the
 * two intervals overlap the cell stays uncoloured: the times do not say which is faster.
 * @param {PageView} view
 */
export function heatMap(view) {
  const contenders = timedContenders(view);
  const slowest = contenders.findLast(({ total }) => total !== null) ?? contenders[0];
  const select = el(
    "select",
    { id: "heat-base", change: () => draw() },
    ...contenders.map(({ impl }) => el("option", { value: impl, selected: impl === slowest?.impl }, impl)),
  );
  const holder = el("div");
  const draw = () => {
    const base = contenders.find(({ impl }) => impl === select.value);
    if (base) holder.replaceChildren(heatTable(view, contenders, base));
  };
  draw();
  return {
    control: el("p", { class: "control" }, el("label", { for: "heat-base" }, "Compared with"), select),
    holder,
    draw,
  };
}

/** @param {PageView} view @param {readonly Contender[]} contenders @param {Contender} base */
function heatTable(view, contenders, base) {
  const ratios = contenders.flatMap((contender) =>
    view.layers.map((_, layer) => speedUp(timeAt(base, layer), timeAt(contender, layer)) ?? 1),
  );
  const most = Math.max(4, ...ratios, ...ratios.map((ratio) => 1 / ratio));
  const rows = contenders.map((contender) => {
    const cells = view.layers.map((_, layer) =>
      heatCell(timeAt(base, layer), timeAt(contender, layer), contender === base, most),
    );
    const total = heatCell(base.total, contender.total, contender === base, most);
    return el("tr", {}, el("th", { scope: "row" }, contender.impl), ...cells, total);
  });
  const heads = ["implementation", ...view.layers.map(({ layer }) => layer), "total"];
  const caption = `Speed-up over ${base.impl} per layer`;
  return scrollBox(
    caption,
    el(
      "table",
      { class: "heat" },
      el("caption", { class: "visually-hidden" }, caption),
      el("thead", {}, el("tr", {}, ...heads.map((head) => el("th", { scope: "col" }, head)))),
      el("tbody", {}, ...rows),
    ),
  );
}

/** @typedef {{ medianMs: number, ci95Ms: readonly [number, number] | null }} Estimate */

/** @param {Estimate | null} base @param {Estimate | null} own */
function speedUp(base, own) {
  return base && own && base.medianMs > 0 && own.medianMs > 0 ? base.medianMs / own.medianMs : null;
}

/** @param {Estimate | null} base @param {Estimate | null} own @param {boolean} isBase @param {number} most */
function heatCell(base, own, isBase, most) {
  if (isBase && own) return el("td", { class: "base" }, "1");
  const ratio = speedUp(base, own);
  if (ratio === null) return el("td", { class: "muted" }, "–", hidden("no time"));
  const [a, b] = [base?.ci95Ms, own?.ci95Ms];
  if (a && b && a[0] <= b[1] && b[0] <= a[1]) {
    return el("td", { class: "undecided", title: "the intervals overlap: not told apart" }, `≈ ${significant(ratio)}`);
  }
  const cell = el("td", {}, `${significant(ratio)}×`);
  const colour = heatColour(ratio, most);
  cell.style.backgroundColor = colour;
  cell.style.color = inkOn(colour);
  return cell;
}

/** @param {number} ms */
export function timeText(ms) {
  return ms >= 1000
    ? `${significant(ms / 1000)} s`
    : ms < 0.1
      ? `${significant(ms * 1000)} µs`
      : `${significant(ms)} ms`;
}

/** @param {Estimate} total */
export function totalText({ medianMs, ci95Ms }) {
  return [
    el("strong", {}, timeText(medianMs)),
    " ",
    el("span", { class: "muted" }, relativeInterval(medianMs, ci95Ms)),
  ];
}
