import type { PageData, PageView } from "../page-data.ts";
import { accuracyChart, marginTable } from "./accuracy.ts";
import { pieChart, shareChart } from "./breakdown.ts";
import { implementationKey, layerKey, onProcessor, placeOf, timedCells, timedImplementations } from "./cells.ts";
import { el, folded, selectControl } from "./dom.ts";
import { figure } from "./figure.ts";
import { heatBase, heatTable } from "./heat-map.ts";
import { publishedChart, publishedTable } from "./published.ts";
import { swatch } from "./ranking.ts";
import { rooflineChart, roofTable } from "./roofline.ts";
import type { SectionPlan } from "./sections.ts";
import { choice, choose, shownView, type ShownView } from "./state.ts";
import { cssVariable, layerColour, onTheme } from "./theme.ts";
import { rateChart, timeChart, timeScale } from "./times.ts";
import { detailTable, endToEndTable, rateTable, shareTable, timeTable } from "./timing-tables.ts";
import { toggleImplementation } from "./toolbar.ts";

/** Content for a view in which the filters leave something. */
export function timed(build: (view: ShownView) => readonly Node[]): (view: ShownView | null) => readonly Node[] {
  return (view: ShownView | null) =>
    view && timedImplementations(view).length > 0
      ? build(view)
      : [el("p", { class: "muted" }, "The filters leave no time to show.")];
}

/** Buttons that show and hide an implementation everywhere. */
export function implementationLegend(data: PageData, view: PageView, refresh: () => void): HTMLUListElement {
  const buttons = timedImplementations(view).map(({ impl }) =>
    el(
      "li",
      {},
      el(
        "button",
        { type: "button", "aria-pressed": "true", "data-impl": impl, click: () => toggleImplementation(impl, refresh) },
        swatch(placeOf(data, impl)),
        el("span", { class: "name" }, impl),
      ),
    ),
  );
  return el("ul", { class: "legend", "aria-label": "Show or hide" }, ...buttons);
}

/** The layers' colours, in their order. */
function layerLegend({ layers }: PageView): HTMLOListElement | null {
  if (layers.length > 24) return null;
  const items = layers.map(({ layer }, index) => {
    const patch = el("span", { class: "patch", "aria-hidden": "true" });
    onTheme(() => patch.style.setProperty("background-color", layerColour(index, layers.length)));
    return el("li", {}, patch, layer);
  });
  return el("ol", { class: "layers", "aria-label": "Layers" }, ...items);
}

/** Breakdown, times, speed-ups, rates, roofline and accuracy of one view. */
export function timingSections(data: PageData, view: PageView, number: number, refresh: () => void): SectionPlan[] {
  if (timedImplementations(view).length === 0) return [];
  const note = view.title;
  const shown = shownView(view, number);
  const legend = () => implementationLegend(data, view, refresh);
  const key = (own: ShownView) => () => implementationKey(data, own);
  const pick = (name: string) => (value: string) => {
    choose({ [name]: value });
    refresh();
  };
  const { ceilings, published } = view;
  return [
    {
      id: "breakdown",
      title: "Where the time goes",
      name: "Breakdown",
      lede: [
        `Share of ${view.pass} time per layer. Each bar and each pie is one implementation's own ` +
          "total, so they compare shapes, not speeds.",
        timedCells(view).some(({ isPlain }) => isPlain)
          ? " ts in a table: plain TypeScript, the implementation has no such layer."
          : null,
      ],
      aside: [layerLegend(view)],
      height: 900,
      content: timed((own) => [
        figure({
          name: "breakdown",
          title: "Where the time goes",
          note,
          chart: shareChart(own),
          table: () => shareTable(own),
          summary: "Shares as a table",
          key: () => layerKey(own),
        }),
        figure({
          name: "pies",
          title: "Share of each layer",
          note,
          chart: pieChart(own),
          table: () => shareTable(own),
          summary: "",
          key: () => layerKey(own),
        }),
        ...(own.implementations.some(({ endToEnd }) => endToEnd !== null)
          ? [
              el("h3", {}, "All layers in one call"),
              el(
                "p",
                { class: "muted" },
                "The whole network's pass, layer after layer, each on operands of its own that stay where " +
                  "they are. Above the sum, the layers turn each other's data out of the caches; below it, " +
                  "single layers waited for the machine more than their share.",
              ),
              figure({ name: "end-to-end", title: "All layers in one call", note, table: () => endToEndTable(own) }),
            ]
          : []),
      ]),
    },
    ...(published
      ? [
          {
            id: "published",
            title: "Against the published breakdown",
            name: "Published",
            lede: [
              `Grey bars: ${published.source}. Points: the shares here.`,
              el("span", { class: "wrap" }, ...published.alsoPublished),
            ],
            aside: [legend()],
            height: 600,
            content: timed((own) => [
              figure({
                name: "published",
                title: "Shares, published and here",
                note,
                chart: publishedChart(data, own, published),
                table: () => publishedTable(own, published),
                summary: "Published shares as a table",
                key: () => [
                  { name: "published", colour: cssVariable("--rule-strong") },
                  ...implementationKey(data, own),
                ],
              }),
              el("h3", {}, "What differs"),
              el("ul", { class: "prose-list" }, ...published.differs.map((text) => el("li", {}, text))),
            ]),
          },
        ]
      : []),
    {
      id: "times",
      title: "Time per layer",
      name: "Times",
      lede: [
        "Milliseconds with their 95 % interval; lower is faster. Within a layer the implementations " +
          "stand in the legend's order. The median is what a call takes; the best-case (p10) is what it " +
          "takes when the machine is at its best, and repeats better. ⚑ in the table marks a time that " +
          "carries a warning.",
      ],
      aside: [
        legend(),
        timedCells(view).some(({ fastMs }) => fastMs !== null)
          ? selectControl({
              id: "estimate",
              label: "Estimate",
              options: [
                ["median", "median"],
                ["fast", "best-case (p10)"],
              ],
              value: choice("estimate") ?? "median",
              change: pick("estimate"),
            })
          : null,
        selectControl({
          id: "time-scale",
          label: "Drawn as",
          options: [
            ["points", "points, logarithmic"],
            ["bars", "bars from zero"],
          ],
          value: timeScale(shown),
          change: pick("scale"),
        }),
      ],
      height: 520,
      content: timed((own) => [
        figure({
          name: "times",
          title: "Time per layer",
          note,
          chart: timeChart(data, own),
          table: () => timeTable(own),
          summary: "Times as a table",
          key: key(own),
        }),
        folded("Every time in detail", () => [
          figure({ name: "detail", title: "Every time in detail", note, table: () => detailTable(own) }),
        ]),
      ]),
    },
    {
      id: "speedups",
      title: "Speed-up",
      name: "Speed-up",
      lede: [
        "How many times faster than the chosen implementation: ",
        el("strong", {}, "green above 1"),
        ", ",
        el("strong", {}, "purple below"),
        ". ≈ and no colour: the intervals overlap, so the times do not tell the two apart.",
      ],
      aside: [
        selectControl({
          id: "heat-base",
          label: "Compared with",
          options: timedImplementations(view).map(({ impl }) => [impl, impl] as const),
          value: heatBase(shown)?.impl ?? "",
          change: pick("base"),
        }),
      ],
      height: 60 + 44 * view.implementations.length,
      content: timed((own) => [figure({ name: "speed-up", title: "Speed-up", note, table: () => heatTable(own) })]),
    },
    {
      id: "rates",
      title: "Rate per layer",
      name: "Rates",
      lede: [
        "Arithmetic done per second: 2 · multiply-adds ÷ median time. Higher is faster. Every " +
          "algorithm is credited with the direct method's operations.",
      ],
      aside: [legend()],
      height: 450,
      content: timed((own) => [
        figure({
          name: "rates",
          title: "Rate per layer",
          note,
          chart: rateChart(data, own),
          table: () => rateTable(own),
          summary: "Rates as a table",
          key: key(own),
        }),
      ]),
    },
    ...(ceilings &&
    timedImplementations(view).some(({ device }) => device === "cpu") &&
    view.intensities.some((intensity) => intensity !== null)
      ? [
          {
            id: "roofline",
            title: "Share of the ceiling",
            name: "Roofline",
            lede: [
              "What each layer reaches under what this machine can do. Left of the bend a layer waits for " +
                "memory, right of it for arithmetic. FLOP per byte counts every operand read once and the " +
                "result written once; a time from a hot cache may lie above the memory roof, and an " +
                "algorithm that saves operations above the arithmetic one.",
            ],
            aside: [legend()],
            height: 540,
            content: (filtered: ShownView | null) =>
              timed((own) => [
                figure({
                  name: "roofline",
                  title: "Roofline",
                  note,
                  chart: rooflineChart(data, own, ceilings),
                  table: () => roofTable(own, ceilings),
                  summary: "Shares of the ceiling as a table",
                  key: key(own),
                }),
              ])(filtered && onProcessor(filtered)),
          },
        ]
      : []),
    {
      id: "accuracy",
      title: "Accuracy is part of the price",
      name: "Accuracy",
      lede: [
        "How much of its error bound the timed output uses up, against how many times longer than " +
          "the fastest it takes. Low and left is accurate and fast. Exact results lie on the floor. " +
          "Bounds are those of each algorithm: FFT and Winograd are held to wider ones.",
      ],
      aside: [legend()],
      height: 470,
      content: timed((own) => [
        figure({
          name: "accuracy",
          title: "Error against time",
          note,
          chart: accuracyChart(data, own),
          table: () => marginTable(own),
          summary: "Margins as a table",
          key: key(own),
        }),
      ]),
    },
  ];
}
