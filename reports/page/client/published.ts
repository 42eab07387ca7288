import { percentage } from "../../format.ts";
import type { PublishedBreakdown } from "../../published-breakdown.ts";
import { isWholeNetwork } from "../../timing-view.ts";
import type { PageData } from "../page-data.ts";
import { placeOf, timeAt, timedImplementations } from "./cells.ts";
import { bands, canvasBox, commonOptions, nameAxis, pointStyle, valueAxis } from "./chart-parts.ts";
import { Chart } from "./chart.ts";
import type { Drawable } from "./figure.ts";
import type { ShownView } from "./state.ts";
import type { TableCell, TableData } from "./table.ts";
import { cssVariable } from "./theme.ts";

/** The published share of a layer among the layers that the view has, so that they make 100 % as ours do. */
function scaledShares(view: ShownView, { shares }: PublishedBreakdown): (number | null)[] {
  // Where all layers of a network were timed, the shares are of all, here as there.
  const sum = isWholeNetwork(view) ? 1 : shares.reduce((total, [, share]) => total + share, 0);
  return view.layers.map(({ layer }) => {
    const own = shares.find(([name]) => name === layer);
    return own ? own[1] / sum : null;
  });
}

export function publishedTable(view: ShownView, published: PublishedBreakdown): TableData {
  const cell = (share: number | null | undefined): TableCell =>
    typeof share === "number" ? { text: percentage(share), value: share } : null;
  const scaled = scaledShares(view, published);
  const implementations = timedImplementations(view);
  const isWhole = isWholeNetwork(view);
  return {
    caption: "Share of forward time per layer, published and here",
    head: [
      "layer",
      "published, of all layers",
      ...(isWhole ? [] : ["published, of these"]),
      ...implementations.map(({ impl }) => impl),
    ],
    rows: view.layers.map(({ layer }, index) => [
      layer,
      cell(published.shares.find(([name]) => name === layer)?.[1]),
      ...(isWhole ? [] : [cell(scaled[index])]),
      ...implementations.map((implementation) => cell(timeAt(implementation, index)?.share)),
    ]),
    className: "numbers",
  };
}

/** The published shares as bars, each implementation's as points. */
export function publishedChart(data: PageData, view: ShownView, published: PublishedBreakdown): Drawable {
  const { canvas, box } = canvasBox(
    "Bars: published share of each layer; points: the share here, for each implementation. The " +
      "data table below has the figures.",
    380,
  );
  const implementations = timedImplementations(view);
  const step = 0.7 / Math.max(1, implementations.length);
  const points = implementations.map((implementation, place) => ({
    ...pointStyle(placeOf(data, implementation.impl)),
    type: "scatter" as const,
    label: implementation.impl,
    data: view.layers.flatMap((_, layer) => {
      const cell = timeAt(implementation, layer);
      return cell ? [{ x: layer + (place - (implementations.length - 1) / 2) * step, y: 100 * cell.share }] : [];
    }),
  }));
  const draw = () =>
    new Chart(canvas, {
      type: "bar",
      data: {
        datasets: [
          ...points,
          {
            type: "bar" as const,
            label: "published",
            data: scaledShares(view, published).flatMap((share, x) => (share === null ? [] : [{ x, y: 100 * share }])),
            backgroundColor: cssVariable("--rule-strong"),
            barPercentage: 1,
            categoryPercentage: 0.86,
          },
        ],
      },
      options: {
        ...commonOptions({
          title: ([item]) => view.layers[Math.round(item?.parsed.x ?? 0)]?.layer ?? "",
          label: ({ dataset, parsed }) => ` ${dataset.label}: ${percentage((parsed.y ?? 0) / 100)}`,
        }),
        interaction: { mode: "nearest", intersect: false },
        scales: {
          x: nameAxis(view.layers.map(({ layer }) => layer)),
          y: valueAxis(isWholeNetwork(view) ? "% of all layers" : "% of these layers", { beginAtZero: true }),
        },
      },
      plugins: [bands],
    });
  return { box, canvas, draw };
}
