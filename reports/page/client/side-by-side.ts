import { changeText } from "../../comparison-table.ts";
import { significant } from "../../format.ts";
import type { TimingView } from "../../timing-view.ts";
import type { PageData } from "../page-data.ts";
import { placeOf, timeAt, timedImplementations } from "./cells.ts";
import { bands, canvasBox, commonOptions, nameAxis, pointStyle, valueAxis } from "./chart-parts.ts";
import { Chart } from "./chart.ts";
import type { Drawable } from "./figure.ts";
import { areTied, type Median } from "./heat-map.ts";
import type { ShownView } from "./state.ts";
import type { TableCell, TableData } from "./table.ts";
import { heatColour, inkOn } from "./theme.ts";

/** The same cells in both records. */
function pairs(view: ShownView, older: TimingView) {
  return timedImplementations(view).map((implementation) => {
    const before = older.implementations.find(({ impl }) => impl === implementation.impl);
    const cells = view.layers.map(({ layer, problem }, index) => {
      const at = older.layers.findIndex((each) => each.layer === layer && each.problem === problem);
      const [was, is] = [before ? timeAt(before, at) : null, timeAt(implementation, index)];
      return was && is ? { was, is, ratio: is.medianMs / was.medianMs } : null;
    });
    return { implementation, before, cells };
  });
}

/** Old and new medians, and their ratio. */
export function sideTable(view: ShownView, older: TimingView): TableData {
  const both = pairs(view, older);
  const ratios = both.flatMap(({ cells }) => cells.flatMap((cell) => (cell ? [cell.ratio, 1 / cell.ratio] : [])));
  const most = Math.max(1.5, ...ratios);
  const cellOf = (cell: { was: Median; is: Median; ratio: number } | null) => {
    if (cell === null) return { text: "–", value: null, className: "muted", title: "not timed in both records" };
    const title = `${significant(cell.was.medianMs)} ms, now ${significant(cell.is.medianMs)} ms`;
    if (areTied(cell.was, cell.is))
      return { text: `≈ ${changeText(cell.ratio)}`, value: cell.ratio, className: "undecided", title };
    const colour = heatColour(1 / cell.ratio, most);
    return { text: changeText(cell.ratio), value: cell.ratio, colour, ink: inkOn(colour), title };
  };
  return {
    caption: "Change of time against the earlier record",
    head: ["implementation", ...view.layers.map(({ layer }) => layer), ...(view.isPart ? [] : ["total"])],
    rows: both.map(({ implementation, before, cells }) => {
      const totals = implementation.total && before?.total ? { was: before.total, is: implementation.total } : null;
      const total: TableCell[] = view.isPart
        ? []
        : [cellOf(totals && { ...totals, ratio: totals.is.medianMs / totals.was.medianMs })];
      return [implementation.impl, ...cells.map(cellOf), ...total];
    }),
    className: view.isPart ? "heat" : "heat with-total",
  };
}

/** Change of the median per layer. */
export function sideChart(data: PageData, view: ShownView, older: TimingView): Drawable {
  const { canvas, box } = canvasBox(
    "Points: change of the median per layer in percent; below zero is faster now. The data table " +
      "below has the figures.",
    340,
  );
  const both = pairs(view, older);
  const step = 0.72 / Math.max(1, both.length);
  const draw = () =>
    new Chart(canvas, {
      type: "scatter",
      data: {
        datasets: both.map(({ implementation, cells }, index) => ({
          ...pointStyle(placeOf(data, implementation.impl)),
          label: implementation.impl,
          data: cells.flatMap((cell, layer) =>
            cell ? [{ x: layer + (index - (both.length - 1) / 2) * step, y: 100 * (cell.ratio - 1) }] : [],
          ),
        })),
      },
      options: {
        ...commonOptions({
          title: ([item]) => view.layers[Math.round(item?.parsed.x ?? 0)]?.layer ?? "",
          label: ({ dataset, parsed }) => ` ${dataset.label}: ${changeText(1 + (parsed.y ?? NaN) / 100)}`,
        }),
        interaction: { mode: "nearest", intersect: false },
        scales: {
          x: nameAxis(view.layers.map(({ layer }) => layer)),
          y: valueAxis("change of time, %", { suggestedMin: -5, suggestedMax: 5, grace: "6%" }),
        },
      },
      plugins: [bands],
    });
  return { box, canvas, draw };
}
