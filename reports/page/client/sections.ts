import { counted, significant } from "../../format.ts";
import type { Headline } from "../../headline.ts";
import type { PageData, PageView } from "../page-data.ts";
import { timedCells } from "./cells.ts";
import { el, folded, scrollBox, unbroken, type Child } from "./dom.ts";
import { figure } from "./figure.ts";
import { ranking, rankingTable } from "./ranking.ts";
import type { ShownView } from "./state.ts";
import { dataTable } from "./table.ts";
import { checkTable, copyable, defectCard, failureCard, statusBadge, verdictCells, verdictTable } from "./verdicts.ts";

/**
 * A part of the page: its heading and explanation stand from the beginning, its content is built when it comes into
 * view and again when a filter changes. `height` is about what the content will need.
 */
export interface SectionPlan {
  readonly id: string;
  readonly title: string;
  readonly name: string;
  readonly lede: readonly Child[];
  readonly aside?: readonly Child[];
  readonly height: number;
  readonly content: (view: ShownView | null) => readonly Node[];
}

/** The answer, the ranking, and what they rest on. */
export function answerSection(
  data: PageData,
  { answer, right, fast, sure }: Headline,
  view: PageView | undefined,
): HTMLElement {
  const grounds: [string, readonly string[]][] = [
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
    view === undefined && data.failures[0] && failureCard(data.failures[0], "h2"),
    figure({
      name: "ranking",
      title: "Ranking",
      note: view?.title ?? "all implementations",
      table: () => rankingTable(data, view),
      shown: scrollBox("Ranking", ranking(data, view)),
    }),
    el("div", { class: "grounds" }, ...columns),
  );
}

/** Verdicts, every check, failures. */
export function verdictSections(data: PageData): SectionPlan[] {
  return [
    ...(data.verdicts.length === 0
      ? []
      : [
          {
            id: "verdicts",
            title: "Verdicts",
            name: "Verdicts",
            lede: [
              "Against a float64 reference. The margin is error ÷ bound at the worst element of all cases: " +
                "at most 1 holds, and 0 is exact. The bar shows how much of the bound was used.",
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
            // Without times the first is at the head of the page.
            content: () => data.failures.slice(data.views.length === 0 ? 1 : 0).map((failure) => failureCard(failure)),
          },
        ]),
    ...(data.expectedFailures.length === 0
      ? []
      : [
          {
            id: "known-defects",
            title: counted(data.expectedFailures.length, "known defect"),
            name: "Known defects",
            lede: ["Defects of released libraries that are listed as expected failures; they do not fail the run."],
            height: 150 * data.expectedFailures.length,
            content: () => data.expectedFailures.map(defectCard),
          },
        ]),
  ];
}

/** Cells without a time, and why. */
export function gapSection(view: PageView): SectionPlan[] {
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

/** The machine, the implementations and the clock. */
export function methodSection(data: PageData, view: PageView | undefined): SectionPlan {
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
        "Colours that colour-blind readers tell apart: Okabe and Ito's for implementations, each " +
          "with a shape of its own, cividis for layers, purple to green for ratios.",
      ),
    ],
  };
}

function factList(facts: readonly (readonly [string, string])[]): HTMLDListElement {
  return el(
    "dl",
    { class: "facts wide" },
    ...facts.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))),
  );
}

function environmentFacts({
  startedAt,
  machine,
  benchconv,
  node,
  v8,
  browser,
  os,
  cpu,
  cores,
  memoryBytes,
  loadAverage,
}: PageData["environment"]): readonly (readonly [string, string])[] {
  return [
    ["Started", startedAt.replace("T", " ").replace(/\.\d+Z$|Z$/, " UTC")],
    ...(machine === undefined ? [] : [["Machine", machine] as const]),
    ["Processor", cpu],
    ["Logical processors", String(cores)],
    ["Memory", `${(memoryBytes / 2 ** 30).toFixed(1)} GiB`],
    ["Load when it began", loadAverage.toFixed(2)],
    ["System", os],
    ...(browser === undefined ? [] : [["Browser", browser] as const]),
    ["Node.js", `${node} (V8 ${v8})`],
    ["benchconv", benchconv],
  ];
}

function ceilingFacts(ceilings: PageData["ceilings"][number]): readonly (readonly [string, string])[] {
  const { wasmGflops, wasmInstructions, nativeGflops, nativeSource, plausibleGflops, plausibleBasis } = ceilings;
  return [
    ["WebAssembly peak", `${significant(wasmGflops)} GFLOP/s (${wasmInstructions})`],
    ["Native peak", nativeGflops === null ? nativeSource : `${significant(nativeGflops)} GFLOP/s (${nativeSource})`],
    ["Plausible limit", `${significant(plausibleGflops)} GFLOP/s (${plausibleBasis})`],
    ["Memory bandwidth", `${significant(ceilings.bandwidthGBs)} GB/s`],
    ["Last-level cache", `${significant(ceilings.lastLevelCacheBytes / 2 ** 20)} MiB`],
  ];
}

function implTable({ impls }: PageData): HTMLDivElement {
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

function clockText(view: PageView): string[] {
  const cells = timedCells(view);
  if (cells.length === 0) return ["No times in this record."];
  const range = (values: number[]) => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return low === high ? String(low) : `${low} to ${high}`;
  };
  return [
    `${range(cells.map(({ rounds }) => rounds))} rounds, in each a fresh process per ` +
      `implementation, interleaved layer by layer; ${range(cells.map(({ samples }) => samples))} ` +
      "samples a cell. ",
    "A time is the median over rounds of each round's median; its 95 % interval is a bootstrap " +
      "over rounds, then samples. A total adds the layers' medians and the ends of their intervals.",
  ];
}
