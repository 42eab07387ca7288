import { counted } from "../../format.ts";
import type { Trend } from "../../trend.ts";
import type { PageData, PageView } from "../page-data.ts";
import { implementationKey, timedImplementations } from "./cells.ts";
import { comparisonChart, comparisonTable } from "./comparison.ts";
import { pageSamples } from "./data.ts";
import { el, folded, selectControl } from "./dom.ts";
import { figure } from "./figure.ts";
import { roundsOf, sampleCell, sampleChart, sampleTable, warningTable } from "./samples.ts";
import { ladderOf, scalingChart, scalingTable } from "./scaling.ts";
import type { SectionPlan } from "./sections.ts";
import { sideChart, sideTable } from "./side-by-side.ts";
import { choice, choose, shownView, type ShownView } from "./state.ts";
import { dataTable } from "./table.ts";
import { implementationLegend, timed } from "./timing-sections.ts";
import { changeTable, trendChart, trendLayer, trendTable } from "./trend-chart.ts";

/** More warnings than these are folded. */
const MOST_OPEN_ROWS = 8;

/** The comparisons of this run, and the earlier record side by side with this one. */
export function comparisonSections(data: PageData, view: PageView, refresh: () => void): SectionPlan[] {
  const { older } = view;
  const [first] = view.comparisons;
  const note = view.title;
  return [
    ...(first
      ? [
          {
            id: "comparison",
            title: "Did it change?",
            name: "Comparison",
            lede: [
              "Each cell against " +
                `${[...new Set(view.comparisons.map(({ against }) => against))].join(", ")}. A verdict needs ` +
                `a change of more than ${(100 * first.threshold).toFixed(1)} % (the band) and an interval ` +
                "that excludes it, corrected for the number of cells.",
            ],
            height: 60 + 30 * view.comparisons.length,
            content: timed((own) => [
              figure({
                name: "comparison",
                title: "Change of time",
                note,
                chart: comparisonChart(own),
                table: () => comparisonTable(own),
                summary: "Comparisons as a table",
              }),
            ]),
          },
        ]
      : []),
    ...(older && data.baseline
      ? [
          {
            id: "side-by-side",
            title: "Beside the earlier record",
            name: "Side by side",
            lede: [
              `Medians of ${data.baseline.environment.startedAt.slice(0, 16).replace("T", " ")} and of ` +
                "this record. Two runs at different times differ by more than their intervals say: read this " +
                "for large changes, and time old and new beside each other for small ones.",
              data.baseline.differences.length === 0
                ? null
                : el(
                    "strong",
                    {},
                    ` Another machine: ${data.baseline.differences.join("; ")}. The times do not compare.`,
                  ),
            ],
            aside: [implementationLegend(data, view, refresh)],
            height: 700,
            content: timed((own) => [
              figure({
                name: "side-by-side",
                title: "New ÷ old",
                note,
                chart: sideChart(data, own, older),
                table: () => sideTable(own, older),
                key: () => implementationKey(data, own),
              }),
            ]),
          },
        ]
      : []),
  ];
}

/** Samples, scaling and trend of a view. */
export function runSections(data: PageData, view: PageView, number: number, refresh: () => void): SectionPlan[] {
  if (timedImplementations(view).length === 0) return [];
  return [
    sampleSection(view, number, refresh),
    ...scalingSections(data, view, number, refresh),
    ...trendSections(data, view, refresh),
  ];
}

function sampleSection(view: PageView, number: number, refresh: () => void): SectionPlan {
  const shown = shownView(view, number);
  const cell = sampleCell(shown);
  const pick = (name: string) => (value: string) => {
    choose({ [name]: value });
    refresh();
  };
  return {
    id: "samples",
    title: "Samples",
    name: "Samples",
    lede: [
      "Every sample of one cell in time order, a band for each round and its fresh process. The " +
        "line is the median, the shade its 95 % interval. Drift, two modes and outliers show here.",
    ],
    aside: [
      selectControl({
        id: "sample-impl",
        label: "Implementation",
        options: timedImplementations(view).map(({ impl }) => [impl, impl] as const),
        value: cell?.impl ?? "",
        change: pick("trace"),
      }),
      selectControl({
        id: "sample-layer",
        label: "Layer",
        options: view.layers.map(({ layer }) => [layer, layer] as const),
        value: cell?.layer ?? "",
        change: pick("of"),
      }),
    ],
    height: 480,
    content: timed((own) => {
      const chosen = sampleCell(own);
      if (chosen === undefined) return [];
      const name = `${chosen.impl}, ${chosen.layer}`;
      const rounds = roundsOf(own, chosen.impl, chosen.index);
      const { every } = pageSamples();
      return [
        el("h3", {}, name),
        figure({
          name: "samples",
          title: `Samples of ${name}`,
          note: view.title,
          chart: sampleChart(rounds, chosen.cell, name),
          table: () => sampleTable(rounds, name),
          summary: "Samples as a table",
        }),
        ...(every > 1
          ? [el("p", { class: "muted" }, `Of each round, one sample in ${every} is in this file; the record has all.`)]
          : []),
        ...warnings(own),
      ];
    }),
  };
}

function warnings(view: ShownView): HTMLElement[] {
  const table = warningTable(view);
  if (table.rows.length === 0) return [];
  return [
    el("h3", {}, `${counted(table.rows.length, "warning")} on these times`),
    figure({
      name: "warnings",
      title: "Warnings",
      note: view.title,
      table: () => table,
      ...(table.rows.length > MOST_OPEN_ROWS
        ? { shown: folded("Each of them, and what to do", () => [dataTable(table)]) }
        : {}),
    }),
  ];
}

function scalingSections(data: PageData, view: PageView, number: number, refresh: () => void): SectionPlan[] {
  const shown = shownView(view, number);
  const ledes = {
    batch: "The cost of one image relative to the smallest batch: at 1 a larger batch buys nothing, below 1 it saves.",
    threads: "How many times faster than with the fewest threads; the dotted line is the ideal.",
  };
  return (["batch", "threads"] as const).flatMap((axis) => {
    const ladder = ladderOf(data, shown, axis);
    if (ladder === null) return [];
    const title = axis === "batch" ? "As the batch grows" : "As threads are added";
    return [
      {
        id: `scaling-${axis}`,
        title,
        name: axis === "batch" ? "Batch" : "Threads",
        lede: [`Sum of the layers that are shown. ${ledes[axis]}`],
        aside: [implementationLegend(data, view, refresh)],
        height: 430,
        content: timed((own) => [
          figure({
            name: `scaling-${axis}`,
            title,
            note: view.title,
            chart: scalingChart(data, own, ladder),
            table: () => scalingTable(own, ladder),
            summary: "Scaling as a table",
            key: () => implementationKey(data, own),
          }),
        ]),
      },
    ];
  });
}

function trendSections(data: PageData, view: PageView, refresh: () => void): SectionPlan[] {
  const { trend } = view;
  if (trend === null) return [];
  const apart =
    trend.otherMachines === 0 ? "" : ` ${counted(trend.otherMachines, "record")} of other machines or states left out.`;
  return [
    {
      id: "trend",
      title: "Trend",
      name: "Trend",
      lede: [
        `Medians in ${counted(trend.startedAt.length, "record")} of this machine, oldest ` +
          `first.${apart} Runs at different times differ by more than their intervals say: trust steps ` +
          "that stay.",
      ],
      aside: [
        implementationLegend(data, view, refresh),
        selectControl({
          id: "trend-layer",
          label: "Layer",
          options: [["", "all layers"], ...view.layers.map(({ layer }) => [layer, layer] as const)],
          value: choice("trend") ?? "",
          change: (value) => {
            choose({ trend: value === "" ? null : value });
            refresh();
          },
        }),
      ],
      height: 430,
      content: timed((own) => {
        const place = trendLayer(own);
        return [
          figure({
            name: "trend",
            title: "Trend",
            note: view.title,
            chart: trendChart(data, own, trend, place),
            table: () => trendTable(own, trend, place),
            summary: "Trend as a table",
            key: () => implementationKey(data, own),
          }),
          ...changesOf(own, trend, place),
        ];
      }),
    },
  ];
}

function changesOf(view: ShownView, trend: Trend, place: number | null): HTMLElement[] {
  const table = changeTable(view, trend, place);
  if (table.rows.length === 0)
    return [el("p", { class: "muted" }, "No cell of the last record stands out from those before it.")];
  return [figure({ name: "changes", title: table.caption, note: view.title, table: () => table })];
}
