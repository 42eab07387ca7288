// @ts-check
/** @import { PageData, PageView } from "./page-data.ts" */
/** @import { Headline } from "../headline.ts" */
import { counted } from "../format.ts";
import { rateChart, shareChart, timeChart, timedCells, timedContenders } from "./charts.js";
import { dataTable, el, folded, scrollBox, section } from "./dom.js";
import { placeOf, ranking, swatch } from "./ranking.js";
import { layerColour, onRedraw } from "./theme.js";
import { detailTable, heatMap, rateTable, shareTable, timeTable } from "./timing-tables.js";
import { checkTable, copyable, defectCard, failureCard, statusBadge, verdictTable } from "./verdicts.js";

/** @typedef {import("chart.js").Chart} AnyChart */

/** The answer, the ranking, and what they rest on. @param {PageData} data @param {Headline} answer @param {PageView | undefined} view */
export function answerSection(data, { answer, right, fast, sure }, view) {
  /** @type {[string, readonly string[]][]} */
  const grounds = [
    ["Right?", right],
    ["Fast?", fast],
    ["How sure?", sure],
  ];
  const columns = grounds
    .filter(([, texts]) => texts.length > 0)
    .map(([title, texts]) => el("div", {}, el("h2", {}, title), ...texts.map((text) => el("p", {}, unbroken(text)))));
  return el(
    "section",
    { class: "answer", "aria-labelledby": "answer" },
    el("h1", { id: "answer" }, unbroken(answer)),
    el("div", { class: "grounds" }, ...columns),
    scrollBox("Ranking", ranking(data, view)),
  );
}

/** Numbers keep their units on their line. @param {string} text */
function unbroken(text) {
  return text.replace(/(\d) (?=(ms|%|layers?|times)\b|%)/g, "$1\u00a0");
}

/** Breakdown, times, rates and speed-ups of one view. @param {PageData} data @param {PageView} view */
export function timingSections(data, view) {
  if (timedContenders(view).length === 0) return [];
  /** @type {Set<string>} */
  const concealed = new Set();
  /** @type {Map<string, AnyChart>} */
  const charts = new Map();
  const keep = (/** @type {string} */ id, /** @type {() => AnyChart} */ draw) =>
    onRedraw(() => {
      charts.get(id)?.destroy();
      charts.set(id, draw());
    });
  const share = shareChart(view);
  keep("share", share.draw);
  const time = timeChart(view, (impl) => placeOf(data, impl), concealed);
  keep("time", time.draw);
  const rate = rateChart(view, (impl) => placeOf(data, impl), concealed);
  keep("rate", rate.draw);
  const toggle = (/** @type {string} */ impl) => {
    if (!concealed.delete(impl)) concealed.add(impl);
    for (const button of document.querySelectorAll(".legend button")) {
      if (button instanceof HTMLElement && button.dataset["impl"] === impl) {
        button.setAttribute("aria-pressed", String(!concealed.has(impl)));
      }
    }
    for (const id of ["time", "rate"]) {
      const chart = charts.get(id);
      chart?.data.datasets.forEach((dataset, index) =>
        chart.setDatasetVisibility(index, !concealed.has(dataset.label ?? "")),
      );
      chart?.update();
    }
  };
  const legend = () => contenderLegend(data, view, toggle);
  const heat = heatMap(view);
  onRedraw(heat.draw);
  return [
    section(
      {
        id: "breakdown",
        title: "Where the time goes",
        aside: [layerLegend(view)],
        lede: [
          `Share of ${view.pass} time per layer. Each bar is one implementation's own total, so bars compare shapes, not speeds.`,
        ],
      },
      share.box,
      folded("Shares as a table", shareTable(view)),
    ),
    section(
      {
        id: "times",
        title: "Time per layer",
        lede: [
          "Median in milliseconds with its 95 % interval, on a logarithmic axis. Lower is faster; an interval narrower than its point is hidden behind it.",
        ],
        aside: [legend()],
      },
      time.box,
      folded("Times as a table", timeTable(view)),
      folded("Every time in detail", detailTable(view)),
    ),
    section(
      {
        id: "rates",
        title: "Rate per layer",
        lede: [
          "Arithmetic done per second: 2 · multiply-adds ÷ median time, on a logarithmic axis. Higher is faster. Every algorithm is credited with the direct method's operations.",
        ],
        aside: [legend()],
      },
      rate.box,
      folded("Rates as a table", rateTable(view)),
    ),
    section(
      {
        id: "speedups",
        title: "Speed-up",
        lede: [
          "How many times faster than the chosen implementation: ",
          el("strong", {}, "green above 1"),
          ", ",
          el("strong", {}, "purple below"),
          ". ≈ and no colour: the intervals overlap, so the times do not tell the two apart.",
        ],
        aside: [heat.control],
      },
      heat.holder,
    ),
  ];
}

/** The layers' colours, in their order. @param {PageView} view */
function layerLegend({ layers }) {
  const items = layers.map(({ layer }, index) => {
    const patch = el("span", { class: "patch", "aria-hidden": "true" });
    onRedraw(() => patch.style.setProperty("background-color", layerColour(index, layers.length)));
    return el("li", {}, patch, layer);
  });
  return el("ol", { class: "layers", "aria-label": "Layers" }, ...items);
}

/** Buttons that show and hide a contender. @param {PageData} data @param {PageView} view @param {(impl: string) => void} toggle */
function contenderLegend(data, view, toggle) {
  const buttons = timedContenders(view).map(({ impl }) =>
    el(
      "li",
      {},
      el(
        "button",
        { type: "button", "aria-pressed": "true", "data-impl": impl, click: () => toggle(impl) },
        swatch(placeOf(data, impl)),
        el("span", { class: "name" }, impl),
      ),
    ),
  );
  return el("ul", { class: "legend", "aria-label": "Show or hide" }, ...buttons);
}

/** Verdicts, every check, failures. @param {PageData} data */
export function verdictSections(data) {
  const verdicts = data.verdicts.length > 0 && [verdictTable(data), checkTable(data)];
  const failures = data.failures.map(failureCard);
  const defects = data.knownDefects.map(defectCard);
  return [
    verdicts &&
      section(
        {
          id: "verdicts",
          title: "Verdicts",
          lede: [
            "Against a float64 reference. The margin is error ÷ bound at the worst element of all cases: at most 1 holds, and 0 is exact. The bar shows how much of the bound was used.",
            ...data.extent.map((text) => ` ${text}`),
          ],
        },
        ...verdicts,
      ),
    failures.length > 0 &&
      section(
        {
          id: "failures",
          title: counted(failures.length, "failure"),
          lede: ["The smallest problem that still fails, and a command that shows it again."],
        },
        ...failures,
      ),
    defects.length > 0 &&
      section(
        {
          id: "known-defects",
          title: counted(defects.length, "known defect"),
          lede: ["Defects of released libraries that the ledger explains; they do not fail the run."],
        },
        ...defects,
      ),
  ];
}

/** Cells without a time, and why. @param {PageView | undefined} view */
export function gapSection(view) {
  if (!view || view.gaps.length === 0) return null;
  const rows = view.gaps.map(({ impl, where, status, reason }) => [
    impl,
    where || "all layers",
    statusBadge(status),
    el("span", { class: "wrap" }, reason),
  ]);
  return section(
    { id: "gaps", title: "Without a time", lede: ["A time is shown only for an output that was checked and held."] },
    dataTable({ caption: "Cells without a time", head: ["implementation", "layers", "status", "reason"], rows }),
  );
}

/** The machine, the contenders and the clock. @param {PageData} data @param {PageView | undefined} view */
export function methodSection({ environment, command, impls }, view) {
  const { startedAt, benchconv, node, v8, os, cpu, cores, memoryBytes, loadAverage } = environment;
  /** @type {[string, string][]} */
  const facts = [
    ["Started", startedAt.replace("T", " ").replace(/\.\d+Z$|Z$/, " UTC")],
    ["Processor", cpu],
    ["Logical processors", String(cores)],
    ["Memory", `${(memoryBytes / 2 ** 30).toFixed(1)} GiB`],
    ["Load when it began", loadAverage.toFixed(2)],
    ["System", os],
    ["Node.js", `${node} (V8 ${v8})`],
    ["benchconv", benchconv],
  ];
  const rows = impls.map(({ name, version, algorithm, precision, arithmetic, description, source }) => [
    name,
    version ?? "–",
    algorithm,
    [precision ?? "float32", arithmetic ?? "ieee"].join(", "),
    el("span", { class: "wrap" }, [description, source].filter(Boolean).join(" ")),
  ]);
  return section(
    { id: "method", title: "How it was measured", lede: view ? clockText(view) : ["No times in this record."] },
    el(
      "dl",
      { class: "facts wide" },
      ...facts.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))),
    ),
    copyable("Command", command),
    folded(
      `The ${counted(impls.length, "implementation")}`,
      dataTable({
        caption: "Implementations",
        head: ["implementation", "version", "held to", "numbers", "description"],
        rows,
      }),
    ),
  );
}

/** @param {PageView} view */
function clockText(view) {
  const cells = timedCells(view);
  if (cells.length === 0) return ["No times in this record."];
  const range = (/** @type {number[]} */ values) => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return low === high ? String(low) : `${low} to ${high}`;
  };
  return [
    `${range(cells.map(({ rounds }) => rounds))} rounds, in each a fresh process per implementation, taking turns layer by layer; ${range(cells.map(({ samples }) => samples))} samples a cell. `,
    "A time is the median over rounds of each round's median; its 95 % interval is a bootstrap over rounds, then samples. A total adds the layers' medians and the ends of their intervals.",
  ];
}
