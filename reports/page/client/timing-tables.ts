import { marginText, percentage, relativeInterval, significant } from "../../format.ts";
import { shareOf, type Implementation, type Total } from "../../timing-view.ts";
import { estimateOf, isFastMode, timeAt, timedImplementations, timeText } from "./cells.ts";
import { el } from "./dom.ts";
import type { ShownView } from "./state.ts";
import type { TableCell, TableData } from "./table.ts";

/** A table with a row per layer and a column per implementation. */
export function layerTable(
  view: ShownView,
  caption: string,
  cell: (implementation: Implementation, layer: number) => TableCell,
  total: ((implementation: Implementation) => TableCell) | null,
): TableData {
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

export function shareTable(view: ShownView): TableData {
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

/** The whole network in one call beside the sum of its layers, and what takes how much of the sum. */
export function endToEndTable(view: ShownView): TableData {
  const shareCell = (share: number | null) => (share === null ? null : { text: percentage(share), value: share });
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

export function timeTable(view: ShownView): TableData {
  return layerTable(
    view,
    isFastMode()
      ? "Best-case (p10) per layer in milliseconds, with its 95 % interval"
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

function totalCell(total: Total | null): TableCell {
  return (
    total && { text: `${significant(total.medianMs)} ${intervalText(total.ci95Ms)}`.trim(), value: total.medianMs }
  );
}

export function rateTable(view: ShownView): TableData {
  return layerTable(
    view,
    "GFLOP/s per layer",
    (implementation, layer) => timeAt(implementation, layer)?.gflops ?? null,
    ({ total }) => total?.gflops ?? null,
  );
}

/** Every time with all that was measured of it. */
export function detailTable(view: ShownView): TableData {
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
          cell.freshCall?.freshMs ?? null,
          cell.planMs,
          cell.loadMs,
          cell.deviceMs,
          mebibytes(cell.workspaceBytes),
          mebibytes(cell.peakMemoryBytes),
          { text: marginText(cell.margin), value: cell.margin },
          `${cell.rounds} × ${Math.round(cell.samples / Math.max(1, cell.rounds))}`,
          cell.flags.map(({ kind }) => kind).join(", "),
          cell.computed,
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
      "best-case (p10)",
      "fastest",
      "quartile 1",
      "quartile 3",
      "first call",
      "fresh call",
      "plan",
      "load",
      "device",
      "workspace",
      "peak memory",
      "margin",
      "rounds × samples",
      "warnings",
      "computed",
      "problem",
    ],
    rows,
    className: "numbers",
  };
}

function mebibytes(bytes: number | null): number | null {
  return bytes === null ? null : bytes / 2 ** 20;
}

function intervalText(interval: readonly [number, number] | null): string {
  return interval ? `[${significant(interval[0])}, ${significant(interval[1])}]` : "";
}

function emptyCell({ cells }: Implementation, layer: number): TableCell {
  const cell = cells[layer];
  return cell?.kind === "none" ? { text: cell.status, value: null, title: cell.reason, className: "muted" } : null;
}

export function totalText({ medianMs, ci95Ms }: Total): (string | HTMLElement)[] {
  return [
    el("strong", {}, timeText(medianMs)),
    " ",
    el("span", { class: "muted" }, relativeInterval(medianMs, ci95Ms)),
  ];
}
