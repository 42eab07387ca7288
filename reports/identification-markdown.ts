/** What `identify` found of many layers as a table in Markdown: layers that are computed alike share a row. */
import { parseDescriptor } from "../core/descriptor.ts";
import type { Finding, Identification } from "../core/identification.ts";
import { factsOf } from "../harness/identify/compare.ts";
import { changingText } from "./identification.ts";
import { counted } from "./format.ts";

const NAMES = [
  "implementation",
  "layers",
  "algorithm",
  "order",
  "products, sums",
  "FMA",
  "subnormals",
  "zeros",
  "bits change",
];

export function renderIdentificationMarkdown(all: readonly Identification[]): string {
  const rows = all.flatMap(({ impl, version, pass, findings }) => {
    const title = [impl, version, pass === "forward" ? undefined : pass].filter((part) => part !== undefined).join(" ");
    return [...Map.groupBy(findings, (finding) => cellsOf(finding).join("|"))].map(([, alike], index) => [
      index === 0 ? title : "",
      alike.map(layerOf).join(", "),
      ...cellsOf(alike[0]!),
    ]);
  });
  const line = (cells: readonly string[]): string => `| ${cells.map(escaped).join(" | ")} |`;
  return `${[line(NAMES), line(NAMES.map(() => "---")), ...rows.map(line)].join("\n")}\n\n${digestLine(all)}\n`;
}

function cellsOf(finding: Finding): readonly string[] {
  const { all } = finding.reasons;
  if (all !== undefined) return [all, "", "", "", "", "", ""];
  const facts = new Map(factsOf(finding));
  const text = (name: string): string => facts.get(name) ?? "not told";
  const isDirect = finding.algorithm?.kind === "direct";
  const changing = finding.invariant === null ? "" : changingText(finding.invariant);
  if (!isDirect) return [text("algorithm"), "", "", "", "", "", changing];
  const sums = [text("products"), text("accumulator")].join(", ");
  return [text("algorithm"), text("order"), sums, text("FMA"), text("subnormals"), text("zeros"), changing];
}

function layerOf({ problem, bias }: Finding): string {
  return parseDescriptor(problem, bias).problem.name ?? problem;
}

function digestLine(all: readonly Identification[]): string {
  const shapes = new Set(all.flatMap(({ findings }) => findings.map(({ problem }) => problem)));
  return `${counted(all.length, "implementation")}, ${counted(shapes.size, "shape")}.`;
}

function escaped(text: string): string {
  return text.replaceAll("|", "\\|");
}
