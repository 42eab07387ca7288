// @ts-check
/** @import { PageData, PageView } from "./page-data.ts" */
/** @import { Headline } from "../headline.ts" */
/** @import { Child } from "./dom.js" */
/** @import { ShownView } from "./state.js" */
import { counted, significant } from "../format.ts";
import { timedCells } from "./cells.js";
import { el, folded, scrollBox, unbroken } from "./dom.js";
import { figure } from "./figure.js";
import { ranking, rankingTable } from "./ranking.js";
import { dataTable } from "./table.js";
import { checkTable, copyable, defectCard, failureCard, statusBadge, verdictCells, verdictTable } from "./verdicts.js";

/**
 * A part of the page: its heading and explanation stand from the beginning, its content is built when it comes into view and again
 * when a filter changes. `height` is about what the content will need.
 * @typedef {{ id: string, title: string, name: string, lede: readonly Child[], aside?: readonly Child[], height: number, content: (view: ShownView | null) => readonly Node[] }} SectionPlan
 */

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
    figure({
      name: "ranking",
      title: "Ranking",
      note: view?.title ?? "all implementations",
      table: () => rankingTable(data, view),
      shown: scrollBox("Ranking", ranking(data, view)),
    }),
  );
}

/** Verdicts, every check, failures. @param {PageData} data @returns {SectionPlan[]} */
export function verdictSections(data) {
  return [
    ...(data.verdicts.length === 0
      ? []
      : [
          {
            id: "verdicts",
            title: "Verdicts",
            name: "Verdicts",
            lede: [
              "Against a float64 reference. The margin is error ÷ bound at the worst element of all cases: at most 1 holds, and 0 is exact. The bar shows how much of the bound was used.",
              ...data.extent.map((text) => ` ${text}`),
            ],
            height: 70 * new Set(data.verdicts.map(({ impl }) => impl)).size,
            content: () => [
              figure({
                name: "verdicts",
                title: "Verdicts",
                note: "verify",
                table: () => verdictCells(data),
                shown: verdictTable(data),
              }),
              checkTable(data),
            ],
          },
        ]),
    ...(data.failures.length === 0
      ? []
      : [
          {
            id: "failures",
            title: counted(data.failures.length, "failure"),
            name: "Failures",
            lede: ["The smallest problem that still fails, and a command that shows it again."],
            height: 400 * data.failures.length,
            content: () => data.failures.map(failureCard),
          },
        ]),
    ...(data.expectedFailures.length === 0
      ? []
      : [
          {
            id: "known-defects",
            title: counted(data.expectedFailures.length, "known defect"),
            name: "Known defects",
            lede: ["Defects of released libraries that the ledger explains; they do not fail the run."],
            height: 150 * data.expectedFailures.length,
            content: () => data.expectedFailures.map(defectCard),
          },
        ]),
  ];
}

/** Cells without a time, and why. @param {PageView} view @returns {SectionPlan[]} */
export function gapSection(view) {
  if (view.gaps.length === 0) return [];
  const rows = view.gaps.map(({ impl, where, status, reason }) => [
    impl,
    { text: where || "all layers", className: "prose" },
    statusBadge(status),
    { text: reason, className: "prose" },
  ]);
  const table = { caption: "Cells without a time", head: ["implementation", "layers", "status", "reason"], rows };
  return [
    {
      id: "gaps",
      title: "Without a time",
      name: "Gaps",
      lede: ["A time is shown only for an output that was checked and held."],
      height: 60 * rows.length,
      content: () => [figure({ name: "gaps", title: "Without a time", note: view.title, table: () => table })],
    },
  ];
}

/** The machine, the implementations and the clock. @param {PageData} data @param {PageView | undefined} view @returns {SectionPlan} */
export function methodSection(data, view) {
  return {
    id: "method",
    title: "How it was measured",
    name: "Method",
    lede: view ? clockText(view) : ["No times in this record."],
    height: 360,
    content: () => [
      el("h3", {}, "The machine"),
      factList(environmentFacts(data.environment)),
      ...data.ceilings.flatMap((ceilings) => [
        el("h3", {}, `Its ceilings with ${counted(ceilings.threads, "thread")}, measured in this run`),
        factList(ceilingFacts(ceilings)),
      ]),
      ...(data.baseline
        ? [el("h3", {}, "The earlier record"), factList(environmentFacts(data.baseline.environment))]
        : []),
      copyable("Command", data.command),
      folded(`The ${counted(data.impls.length, "implementation")}`, () => [implTable(data)]),
      el(
        "p",
        { class: "muted" },
        "Colours that colour-blind readers tell apart: Okabe and Ito's for implementations, each with a shape of its own, cividis for layers, purple to green for ratios.",
      ),
    ],
  };
}

/** @param {readonly (readonly [string, string])[]} facts */
function factList(facts) {
  return el(
    "dl",
    { class: "facts wide" },
    ...facts.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))),
  );
}

/** @param {PageData["environment"]} environment @returns {[string, string][]} */
function environmentFacts({ startedAt, benchconv, node, v8, browser, os, cpu, cores, memoryBytes, loadAverage }) {
  return [
    ["Started", startedAt.replace("T", " ").replace(/\.\d+Z$|Z$/, " UTC")],
    ["Processor", cpu],
    ["Logical processors", String(cores)],
    ["Memory", `${(memoryBytes / 2 ** 30).toFixed(1)} GiB`],
    ["Load when it began", loadAverage.toFixed(2)],
    ["System", os],
    ...(browser === undefined ? [] : /** @type {[string, string][]} */ ([["Browser", browser]])),
    ["Node.js", `${node} (V8 ${v8})`],
    ["benchconv", benchconv],
  ];
}

/** @param {PageData["ceilings"][number]} ceilings @returns {[string, string][]} */
function ceilingFacts(ceilings) {
  const { wasmGflops, wasmInstructions, nativeGflops, nativeSource, plausibleGflops, plausibleBasis } = ceilings;
  return [
    ["WebAssembly peak", `${significant(wasmGflops)} GFLOP/s (${wasmInstructions})`],
    ["Native peak", nativeGflops === null ? nativeSource : `${significant(nativeGflops)} GFLOP/s (${nativeSource})`],
    ["Plausible limit", `${significant(plausibleGflops)} GFLOP/s (${plausibleBasis})`],
    ["Memory bandwidth", `${significant(ceilings.bandwidthGBs)} GB/s`],
    ["Last-level cache", `${significant(ceilings.lastLevelCacheBytes / 2 ** 20)} MiB`],
  ];
}

/** @param {PageData} data */
function implTable({ impls }) {
  const rows = impls.map(({ name, version, algorithm, precision, arithmetic, software, description, source }) => [
    name,
    version ?? "–",
    algorithm,
    [precision ?? "float32", arithmetic ?? "ieee", ...(software === undefined ? [] : [`software: ${software}`])].join(
      ", ",
    ),
    { text: [description, source].filter(Boolean).join(" "), className: "prose" },
  ]);
  return dataTable({
    caption: "Implementations",
    head: ["implementation", "version", "held to", "numbers", "description"],
    rows,
  });
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
