/** What `identify` found, as text. */
import type { Finding, FoundSwitch, Identification } from "../core/identification.ts";
import { plainText } from "../core/plain-text.ts";
import { factsOf, type Comparison } from "../harness/identify/compare.ts";
import { counted } from "./format.ts";
import { joined, paint, wrap, type TextOptions } from "./text-table.ts";

const NOT_TOLD = "not told";
/** The widest name of a fact, and a space. */
const NAME_WIDTH = 13;

/** One implementation: its problems, each with its facts and tree, then the sizes at which something changes. */
export function renderIdentification(found: Identification, options: TextOptions): string {
  const title = `${found.impl}${found.version === undefined ? "" : ` ${found.version}`}, ${found.pass}`;
  return joined([
    paint(plainText(title), "bold", options),
    ...found.findings.flatMap((finding) => ["", ...findingLines(finding, options)]),
    ...switchLines(found.switches, options),
  ]);
}

function findingLines(finding: Finding, options: TextOptions): string[] {
  const { problem, bias, reasons, digest, invariant, order, milliseconds } = finding;
  const head = `${plainText(problem)}${bias ? "" : ", no bias"} (${(milliseconds / 1000).toFixed(1)} s)`;
  const { all } = reasons;
  if (all !== undefined) return [head, ...fact(NOT_TOLD, plainText(all), options)];
  const facts = factsOf(finding).flatMap(([name, text]) =>
    fact(name, text ?? `${NOT_TOLD}: ${plainText(reasons[name.toLowerCase()] ?? "")}`, options),
  );
  const tree = order === null ? [] : fact("tree", order.tree, options);
  const same = invariant === null ? [] : fact("bits", invarianceText(invariant), options);
  return [paint(head, "bold", options), ...facts, ...tree, ...same, ...fact("digest", digest ?? NOT_TOLD, options)];
}

function fact(name: string, text: string, { columns }: TextOptions): string[] {
  const [first = "", ...rest] = wrap(text, Math.max(20, columns - NAME_WIDTH - 2));
  return [`  ${name.padEnd(NAME_WIDTH)}${first}`, ...rest.map((line) => `  ${" ".repeat(NAME_WIDTH)}${line}`)];
}

const CHANGES: readonly (readonly [key: keyof NonNullable<Finding["invariant"]>, text: string])[] = [
  ["runs", "from run to run"],
  ["threads", "with the number of threads"],
  ["batchPosition", "with the place in the batch"],
  ["batchSize", "with the size of the batch"],
  ["filterPosition", "with the place of a filter"],
  ["outputPosition", "with the place on the plane"],
  ["alignment", "with the alignment"],
];

/** What changes the bits, of what does and does not. */
function named(invariant: NonNullable<Finding["invariant"]>, isSame: boolean): string {
  return CHANGES.flatMap(([key, text]) => (invariant[key] === isSame ? [text] : [])).join(", ");
}

export function changingText(invariant: NonNullable<Finding["invariant"]>): string {
  return named(invariant, false);
}

export function invarianceText(invariant: NonNullable<Finding["invariant"]>): string {
  const [changing, same] = [named(invariant, false), named(invariant, true)];
  return [changing && `change ${changing}`, same && `do not change ${same}`].filter((part) => part !== "").join("; ");
}

function switchLines(switches: readonly FoundSwitch[] | null, options: TextOptions): string[] {
  if (switches === null) return [];
  if (switches.length === 0) return ["", "No size was found at which the arithmetic changes."];
  return [
    "",
    paint("Where it switches", "bold", options),
    ...switches.flatMap(({ factor, at, before, changes }) => [
      `  ${factor}: ${before} → ${at}`,
      ...(changes.length === 0 ? ["other bits"] : changes).flatMap((text) =>
        wrap(plainText(text), Math.max(20, options.columns - 4)).map((line) => `    ${line}`),
      ),
    ]),
  ];
}

/** What changed from one release to another. */
export function renderComparison(
  [before, after]: readonly [Identification, Identification],
  { differences, same, unmatched, switches }: Comparison,
  options: TextOptions,
): string {
  const nameOf = ({ impl, version }: Identification): string =>
    plainText(`${impl}${version === undefined ? "" : ` ${version}`}`);
  return joined([
    paint(`${nameOf(before)} → ${nameOf(after)}`, "bold", options),
    ...differences.flatMap(({ problem, changes }) => [
      plainText(problem),
      ...(changes.length === 0 ? ["the same findings, other bits"] : changes).flatMap((text) =>
        wrap(plainText(text), Math.max(20, options.columns - 2)).map((line) => `  ${line}`),
      ),
    ]),
    ...switches.map((text) => plainText(text)),
    ...(unmatched.length === 0 ? [] : [`in one of the two alone: ${plainText(unmatched.join(", "))}`]),
    `${counted(same, "problem")} with the same findings and bits, ${differences.length} with others`,
  ]);
}
