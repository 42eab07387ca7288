import { plainText } from "../core/plain-text.ts";
import type { RunRecord, TimingEntry } from "../core/record.ts";
import { exactNumber } from "./format.ts";

type Value = string | number | boolean | null | undefined;

/** Of every cell, timed or not. */
const NAMES = {
  impl: ({ impl }) => impl,
  suite: ({ suite }) => suite,
  layer: ({ layer }) => layer,
  problem: ({ problem }) => problem,
  pass: ({ pass }) => pass,
  threads: ({ threads }) => threads,
  cache: ({ cache }) => cache,
  status: ({ status }) => status,
  reason: ({ reason }) => reason,
  verified: ({ verified }) => verified,
  multiplicity: ({ multiplicity = 1 }) => multiplicity,
  kind: ({ kind }) => kind,
  layerOf: ({ layerOf }) => layerOf,
} as const satisfies Readonly<Record<string, (timing: TimingEntry) => Value>>;

/** Only of times whose output was checked and held. */
const FIGURES = {
  medianMs: ({ medianMs }) => medianMs,
  "ci95Ms.low": ({ ci95Ms }) => ci95Ms?.[0],
  "ci95Ms.high": ({ ci95Ms }) => ci95Ms?.[1],
  minMs: ({ minMs }) => minMs,
  fastMs: ({ fastMs }) => fastMs,
  "fastCi95Ms.low": ({ fastCi95Ms }) => fastCi95Ms?.[0],
  "fastCi95Ms.high": ({ fastCi95Ms }) => fastCi95Ms?.[1],
  "quartilesMs.first": ({ quartilesMs }) => quartilesMs?.[0],
  "quartilesMs.third": ({ quartilesMs }) => quartilesMs?.[1],
  gflops: ({ gflops }) => gflops,
  rounds: ({ launches }) => launches.length,
  samples: ({ launches }) => launches.reduce((count, { samplesMs }) => count + samplesMs.length, 0),
  planMs: ({ planMs }) => planMs,
  loadMs: ({ loadMs }) => loadMs,
  firstCallMs: ({ firstCallMs }) => firstCallMs,
  deviceMs: ({ deviceMs }) => deviceMs,
  workspaceBytes: ({ workspaceBytes }) => workspaceBytes,
  peakMemoryBytes: ({ peakMemoryBytes }) => peakMemoryBytes,
  margin: ({ margin }) => margin,
  choice: ({ choice }) => choice,
  flags: ({ flags = [] }) => flags.map(({ kind }) => kind).join(" "),
} as const satisfies Readonly<Record<string, (timing: TimingEntry) => Value>>;

/**
 * Records as CSV (RFC 4180, CRLF line ends, UTF-8): a header, then a row per timing cell, every figure as it is in the record, empty where
 * there is none. `startedAt` tells the records apart. Text that a spreadsheet would run as a formula stands behind an apostrophe, as does
 * text that begins with one: take one off to have the text.
 */
export function renderCsv(records: readonly RunRecord[]): string {
  const header = ["startedAt", ...Object.keys(NAMES), ...Object.keys(FIGURES)];
  const rows = records.flatMap(({ environment, timings }) =>
    timings.map((timing) => {
      const hasTime = isShown(timing);
      return [
        environment.startedAt,
        ...Object.values(NAMES).map((value) => value(timing)),
        ...Object.values(FIGURES).map((value) => (hasTime ? value(timing) : null)),
      ];
    }),
  );
  return [header, ...rows].map((row) => `${row.map(csvField).join(",")}\r\n`).join("");
}

/** A time whose output was checked and held: no number without a verdict. */
function isShown({ status, verified, medianMs }: TimingEntry): boolean {
  return status === "passed" && verified && medianMs !== null;
}

/** A field of a CSV file: numbers in full, text quoted where it has to be and harmless to spreadsheets. */
export function csvField(value: Value): string {
  if (value === null || value === undefined) return "";
  const text = typeof value === "number" ? exactNumber(value) : harmless(plainText(String(value)));
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Text that no spreadsheet takes for a formula (OWASP, "CSV Injection": https://owasp.org/www-community/attacks/CSV_Injection). */
function harmless(text: string): string {
  return /^['=+\-@＝＋－＠]/.test(text) ? `'${text}` : text;
}
