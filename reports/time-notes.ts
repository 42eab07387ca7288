/** What a reader should know of the times: what they rest on, and what makes them less certain. */
import type { RunRecord } from "../core/record.ts";
import { counted, listed, percentage, relativeInterval, significant } from "./format.ts";
import type { TimingView } from "./timing-view.ts";

/** Whose calls on new data take longer than repeated ones: that is in the times, and users should know. */
export function freshCosts({ implementations, layers }: TimingView): string[] {
  return implementations.flatMap(({ impl, cells }) => {
    const dear = cells.flatMap((cell, index) => {
      if (cell.kind !== "time" || cell.freshCall === null) return [];
      const { addedMs = 0 } = cell.freshCall;
      const layer = layers[index]?.layer ?? "";
      const isSaid = addedMs > 0 && cell.flags.some(({ kind }) => kind === "fresh-call");
      return isSaid ? [{ layer, ratio: cell.medianMs / Math.max(cell.medianMs - addedMs, Number.EPSILON) }] : [];
    });
    if (dear.length === 0) return [];
    const ratios = dear.map(({ ratio }) => ratio).sort((a, b) => a - b);
    const [least, most] = [significant(ratios[0] ?? 0), significant(ratios.at(-1) ?? 0)];
    const times = least === most ? most : `${least} to ${most}`;
    const where = listed(
      dear.map(({ layer }) => layer),
      6,
    );
    return [
      `A call of ${impl} on new data takes ${times} times as long as a repeated one on ${where}: that is its time.`,
    ];
  });
}

/** Who disturbed the others. */
export function rivals(found: NonNullable<RunRecord["rivals"]>): string[] {
  return found.map(
    ({ impl, cores, batches }) =>
      `${impl} kept ${significant(cores)} of a core busy in ${counted(batches, "turn")} of others: ` +
      "its times, and those that it could touch, are void; leave it out, or run it alone.",
  );
}

/** How many times carry which warning. */
export function warnings({ implementations }: TimingView): string[] {
  const flags = implementations.flatMap(({ cells }) =>
    cells.flatMap((cell) => (cell.kind === "time" ? cell.flags : [])),
  );
  if (flags.length === 0) return [];
  const kinds = [...Map.groupBy(flags, ({ kind }) => kind)].map(
    ([kind, own]) => `${kind.replaceAll("-", " ")} (${own.length})`,
  );
  return [`Warnings on times: ${kinds.join(", ")}.`];
}

/** What the times rest on: rounds, the intervals' width, the load of the machine. */
export function sureness({ loadAverage, cores }: RunRecord["environment"], view: TimingView): string[] {
  const cells = view.implementations
    .flatMap((implementation) => implementation.cells)
    .filter((cell) => cell.kind === "time");
  if (cells.length === 0) return [];
  const rounds = [...new Set(cells.map((cell) => cell.rounds))].sort((a, b) => a - b);
  const over = rounds.length < 2 ? counted(rounds[0] ?? 0, "round") : `${rounds[0]} to ${rounds.at(-1)} rounds`;
  const widths = cells
    .flatMap(({ medianMs, ci95Ms }) =>
      ci95Ms === null ? [] : [{ medianMs, ci95Ms, width: (ci95Ms[1] - ci95Ms[0]) / medianMs }],
    )
    .sort((a, b) => a.width - b.width);
  const typical = widths[widths.length >> 1];
  const interval =
    typical === undefined
      ? ""
      : `; half of the 95 % intervals are within ${relativeInterval(typical.medianMs, typical.ci95Ms)}`;
  const load = `load ${loadAverage.toFixed(1)} on ${counted(cores, "core")} (${percentage(loadAverage / cores)})`;
  return [
    `${counted(cells.length, "time")}, each of a checked output, over ${over}${interval}.`,
    ...(loadAverage > cores / 2 ? [`The machine was busy when the run began: ${load}.`] : []),
  ];
}
