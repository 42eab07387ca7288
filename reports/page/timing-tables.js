// @ts-check
/** @import { Implementation, Total } from "../timing-view.ts" */
/** @import { TableCell, TableData } from "./table.js" */
/** @import { ShownView } from "./state.js" */
import { marginText, percentage, relativeInterval, significant } from "../format.ts";
import { shareOf } from "../timing-view.ts";
import { estimateOf, isFastMode, timeAt, timedImplementations, timeText } from "./cells.js";
import { el } from "./dom.js";

/**
 * A table with a row per layer and a column per implementation.
 * @param {ShownView} view @param {string} caption
 * @param {(implementation: Implementation, layer: number) => TableCell} cell @param {((implementation: Implementation) => TableCell) | null} total
 * @returns {TableData}
 */
export function layerTable(view, caption, cell, total) {
  const implementations = timedImplementations(view);
  return {
    caption,
    head: ["layer", ...implementations.map(({ impl }) => impl)],
    rows: view.layers.map(({ layer, problem, multiplicity }, index) => [
      { text: multiplicity === 1 ? layer : `${layer} × ${multiplicity}`, title: problem },
      ...implementations.map((implementation) =>
        timeAt(implementation, index) ? cell(implementation, index) : emptyCell(implementation, index),
      ),
    ]),
    ...(total && !view.isPart ? { foot: ["total", ...implementations.map(total)] } : {}),
    className: "numbers",
  };
}

/** @param {ShownView} view */
export function shareTable(view) {
  return layerTable(
    view,
    "Share of time per layer",
    (implementation, layer) => {
      const { share, isPlain } = timeAt(implementation, layer) ?? { share: 0, isPlain: false };
      return { text: `${percentage(share)}${isPlain ? " ts" : ""}`, value: share };
    },
    null,
  );
}

/**
 * The whole network in one call beside the sum of its layers, and what takes how much of the sum.
 * @param {ShownView} view @returns {TableData}
 */
export function endToEndTable(view) {
  const shareCell = (/** @type {number | null} */ share) =>
    share === null ? null : { text: percentage(share), value: share };
  return {
    caption: "All layers in one call, beside the sum of the layers",
    head: [
      "implementation",
      "sum, ms",
      "one call, ms",
      "call ÷ sum",
      "convolution and fully connected",
      "plain TypeScript",
    ],
    rows: timedImplementations(view).map((implementation) => {
      const { impl, total, endToEnd } = implementation;
      const cell = endToEnd?.cell;
      return [
        impl,
        total?.medianMs ?? null,
        cell?.kind === "time" ? cell.medianMs : (cell?.status ?? null),
        endToEnd?.ofTotal ?? null,
        shareCell(shareOf(view, implementation, ({ kind }) => kind === null)),
        shareCell(shareOf(view, implementation, (_, { isPlain }) => isPlain)),
      ];
    }),
    className: "numbers",
  };
}

/** @param {ShownView} view */
export function timeTable(view) {
  return layerTable(
    view,
    isFastMode()
      ? "Fast mode per layer in milliseconds, with its 95 % interval"
      : "Median time per layer in milliseconds, with its 95 % interval",
    (implementation, layer) => {
      const cell = timeAt(implementation, layer);
      const estimate = cell && estimateOf(cell);
      if (!cell || !estimate) return null;
      const warning = `${cell.isPlain ? " ts" : ""}${cell.flags.length === 0 ? "" : " ⚑"}`;
      const title = cell.flags.map(({ kind, message }) => `${kind}: ${message}`).join("\n");
      return {
        text: `${significant(estimate.ms)} ${intervalText(estimate.interval)}${warning}`.trim(),
        value: estimate.ms,
        ...(title === "" ? {} : { title }),
      };
    },
    isFastMode() ? null : ({ total }) => totalCell(total),
  );
}

/** @param {Total | null} total @returns {TableCell} */
function totalCell(total) {
  return (
    total && { text: `${significant(total.medianMs)} ${intervalText(total.ci95Ms)}`.trim(), value: total.medianMs }
  );
}

/** @param {ShownView} view */
export function rateTable(view) {
  return layerTable(
    view,
    "GFLOP/s per layer",
    (implementation, layer) => timeAt(implementation, layer)?.gflops ?? null,
    ({ total }) => total?.gflops ?? null,
  );
}

/** Every time with all that was measured of it. @param {ShownView} view @returns {TableData} */
export function detailTable(view) {
  const rows = timedImplementations(view).flatMap((implementation) =>
    view.layers.flatMap(({ layer, problem }, index) => {
      const cell = timeAt(implementation, index);
      if (cell === null) return [];
      const [low, high] = cell.ci95Ms ?? [null, null];
      const [quarter, threeQuarters] = cell.quartilesMs ?? [null, null];
      return [
        [
          implementation.impl,
          layer,
          cell.medianMs,
          low,
          high,
          cell.fastMs,
          cell.minMs,
          quarter,
          threeQuarters,
          cell.firstCallMs,
          cell.planMs,
          cell.loadMs,
          cell.deviceMs,
          mebibytes(cell.workspaceBytes),
          mebibytes(cell.peakMemoryBytes),
          { text: marginText(cell.margin === null ? null : Number(cell.margin)), value: cell.margin },
          `${cell.rounds} × ${Math.round(cell.samples / Math.max(1, cell.rounds))}`,
          cell.flags.map(({ kind }) => kind).join(", "),
          el("code", {}, problem),
        ],
      ];
    }),
  );
  return {
    caption: "Every time in detail, in milliseconds and MiB",
    head: [
      "implementation",
      "layer",
      "median",
      "95 % from",
      "to",
      "fast mode",
      "fastest",
      "quartile 1",
      "quartile 3",
      "first call",
      "plan",
      "load",
      "device",
      "workspace",
      "peak memory",
      "margin",
      "rounds × samples",
      "warnings",
      "problem",
    ],
    rows,
    className: "numbers",
  };
}

/** @param {number | null} bytes */
function mebibytes(bytes) {
  return bytes === null ? null : bytes / 2 ** 20;
}

/** @param {readonly [number, number] | null} interval */
function intervalText(interval) {
  return interval ? `[${significant(interval[0])}, ${significant(interval[1])}]` : "";
}

/** @param {Implementation} implementation @param {number} layer @returns {TableCell} */
function emptyCell({ cells }, layer) {
  const cell = cells[layer];
  return cell?.kind === "none" ? { text: cell.status, value: null, title: cell.reason, className: "muted" } : null;
}

/** @param {Total} total */
export function totalText({ medianMs, ci95Ms }) {
  return [
    el("strong", {}, timeText(medianMs)),
    " ",
    el("span", { class: "muted" }, relativeInterval(medianMs, ci95Ms)),
  ];
}
