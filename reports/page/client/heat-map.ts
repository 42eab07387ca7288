import { significant } from "../../format.ts";
import type { Implementation, TimedCell } from "../../timing-view.ts";
import { timeAt, timedImplementations } from "./cells.ts";
import { choice, type ShownView } from "./state.ts";
import type { TableCell, TableData } from "./table.ts";
import { heatColour, inkOn } from "./theme.ts";

/** The implementation that all others are compared with: the reader's choice, else the second fastest with every layer. */
export function heatBase(view: ShownView): Implementation | undefined {
  const implementations = timedImplementations(view);
  const chosen = choice("base");
  const whole = implementations.filter(({ timedLayers }) => timedLayers === view.layers.length);
  return implementations.find(({ impl }) => impl === chosen) ?? whole[1] ?? whole[0] ?? implementations[0];
}

/**
 * Speed-ups over the base: base's median ÷ the implementation's, so above 1 is faster than the base. Where the two
 * intervals overlap the cell stays uncoloured: the times do not say which is faster.
 */
export function heatTable(view: ShownView): TableData {
  const implementations = timedImplementations(view);
  const base = heatBase(view);
  const caption = `Speed-up over ${base?.impl ?? "nothing"} per layer`;
  if (base === undefined) return { caption, head: ["implementation"], rows: [] };
  const ratios = implementations.flatMap((implementation) =>
    view.layers.map((_, layer) => speedUp(timeAt(base, layer), timeAt(implementation, layer)) ?? 1),
  );
  const most = Math.max(4, ...ratios, ...ratios.map((ratio) => 1 / ratio));
  const rows = implementations.map((implementation) => [
    implementation.impl,
    ...view.layers.map((_, layer) =>
      heatCell(timeAt(base, layer), timeAt(implementation, layer), implementation === base, most),
    ),
    ...(view.isPart ? [] : [heatCell(base.total, implementation.total, implementation === base, most)]),
  ]);
  const head = ["implementation", ...view.layers.map(({ layer }) => layer), ...(view.isPart ? [] : ["total"])];
  return { caption, head, rows, className: view.isPart ? "heat" : "heat with-total" };
}

/** A time with its interval: of a cell, or of all layers. */
export type Median = Pick<TimedCell, "medianMs" | "ci95Ms">;

function speedUp(base: Median | null, own: Median | null): number | null {
  return base && own && base.medianMs > 0 && own.medianMs > 0 ? base.medianMs / own.medianMs : null;
}

/** Whether two times cannot be told apart: their intervals overlap. */
export function areTied(a: Median | null, b: Median | null): boolean {
  const [first, second] = [a?.ci95Ms, b?.ci95Ms];
  return Boolean(first && second && first[0] <= second[1] && second[0] <= first[1]);
}

function heatCell(base: Median | null, own: Median | null, isBase: boolean, most: number): TableCell {
  if (isBase && own) return { text: "1", value: 1, className: "base" };
  const ratio = speedUp(base, own);
  if (ratio === null) return { text: "–", value: null, className: "muted", title: "no time" };
  if (areTied(base, own)) {
    const title = "the intervals overlap: not told apart";
    return { text: `≈ ${significant(ratio)}`, value: ratio, className: "undecided", title };
  }
  const colour = heatColour(ratio, most);
  return { text: `${significant(ratio)}×`, value: ratio, colour, ink: inkOn(colour) };
}
