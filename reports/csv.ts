import { plainText } from "../core/plain-text.ts";
import type { RunRecord, TimingEntry } from "../core/record.ts";
import { exactNumber } from "./format.ts";
import { sampleCount, shownMs } from "./timing-cell.ts";

type Value = string | number | boolean | null | undefined;
type Column = readonly [name: string, value: (timing: TimingEntry) => Value];

/** The fields of a timing that are one value. */
type Field = { [Name in keyof TimingEntry]-?: TimingEntry[Name] extends Value ? Name : never }[keyof TimingEntry];

/** Fields under their own names. */
function own(...names: readonly Field[]): readonly Column[] {
  return names.map((name) => [name, (timing) => timing[name]]);
}

/** A pair as two columns. */
function pair(
  name: "ci95Ms" | "fastCi95Ms" | "quartilesMs",
  [first, second]: readonly [string, string],
): readonly Column[] {
  return [
    [`${name}.${first}`, (timing) => timing[name]?.[0]],
    [`${name}.${second}`, (timing) => timing[name]?.[1]],
  ];
}

/** Of every cell, timed or not. */
const ADDRESS: readonly Column[] = [
  ...own("impl", "suite", "layer", "problem", "pass", "threads", "cache", "status", "reason", "verified"),
  ["multiplicity", ({ multiplicity = 1 }) => multiplicity],
  ...own("kind", "layerOf"),
];

/** Only of times whose output was checked and held. */
const FIGURES: readonly Column[] = [
  ...own("medianMs"),
  ...pair("ci95Ms", ["low", "high"]),
  ...own("minMs", "fastMs"),
  ...pair("fastCi95Ms", ["low", "high"]),
  ...own("p90Ms"),
  ...pair("quartilesMs", ["first", "third"]),
  ...own("gflops"),
  ["rounds", ({ launches }) => launches.length],
  ["samples", sampleCount],
  ...own("planMs", "loadMs", "firstCallMs", "deviceMs", "workspaceBytes", "peakMemoryBytes", "margin", "choice"),
  ["flags", ({ flags = [] }) => flags.map(({ kind }) => kind).join(" ")],
  ["freshMs", ({ freshCall }) => freshCall?.freshMs ?? null],
];

/**
 * Records as CSV (RFC 4180, CRLF line ends, UTF-8): a header, then a row per timing cell, every figure as it is in the
 * record, empty where there is none. `startedAt` tells the records apart. Text that a spreadsheet would run as a
 * formula stands behind an apostrophe, as does text that begins with one: take one off to have the text.
 */
export function renderCsv(records: readonly RunRecord[]): string {
  const header = ["startedAt", ...[...ADDRESS, ...FIGURES].map(([name]) => name)];
  const rows = records.flatMap(({ environment, timings }) =>
    timings.map((timing) => {
      const isShown = shownMs(timing) !== null;
      const address = ADDRESS.map(([, value]) => value(timing));
      const figures = FIGURES.map(([, value]) => (isShown ? value(timing) : null));
      return [environment.startedAt, ...address, ...figures];
    }),
  );
  return [header, ...rows].map((row) => `${row.map(csvField).join(",")}\r\n`).join("");
}

export function csvField(value: Value): string {
  if (value === null || value === undefined) return "";
  const text = typeof value === "number" ? exactNumber(value) : harmless(plainText(String(value)));
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * Text that no spreadsheet takes for a formula (OWASP, "CSV Injection":
 * https://owasp.org/www-community/attacks/CSV_Injection).
 */
function harmless(text: string): string {
  return /^['=+\-@＝＋－＠]/.test(text) ? `'${text}` : text;
}
