import { isAsItShould, type SelfTestResult } from "../harness/verify/self-test/run.ts";
import { counted } from "./format.ts";
import { joined, layOut, layOutTable, truncate, wrap, type TextOptions } from "./text-table.ts";

/**
 * The matrix mutant × law and source that caught it with cases and seconds, a line per implementation, then what it
 * comes to.
 */
export function renderSelfTest(results: readonly SelfTestResult[], options: TextOptions): string {
  const mutants = results.filter(({ kind }) => kind !== "correct");
  const correct = results.filter(({ kind }) => kind === "correct");
  const lines = [
    ...matrix(mutants, options),
    "",
    ...correctTable(correct),
    "",
    ...counts(mutants, "law", ({ caught }) => caught?.law ?? NOTHING),
    "",
    ...counts(mutants, "source", ({ caught }) => caught?.source ?? NOTHING),
    "",
    ...summary(mutants, correct),
    ...results.filter((result) => !isAsItShould(result)).flatMap((result) => complaint(result, options)),
  ];
  return joined(lines);
}

const NOTHING = "nothing";

function matrix(mutants: readonly SelfTestResult[], options: TextOptions): string[] {
  const header = ["mutant", "kind", "caught by", "source", "cases", "found s", "seconds"];
  const rows = [...Map.groupBy(mutants, ({ name }) => name)].map(([name, all]) => {
    const laws = all.map(({ caught }) => (caught === undefined ? NOTHING : `${caught.law} ${caught.pass}`));
    const found = all.map(({ foundMs }) => foundMs ?? Infinity);
    return [
      name,
      all[0]?.kind ?? "",
      distinct(laws, 46),
      distinct(
        all.flatMap(({ caught }) => caught?.source ?? []),
        30,
      ),
      String(median(all.map(({ cases }) => cases))),
      secondsText(Math.max(...found) / 1000),
      secondsText(Math.max(...all.map(({ seconds }) => seconds))),
    ];
  });
  return layOutTable([header, ...rows], ["left", "left", "left", "left", "right", "right", "right"], options, "bold");
}

function correctTable(correct: readonly SelfTestResult[]): string[] {
  const rows = [...Map.groupBy(correct, ({ name }) => name)].map(([name, all]) => [
    name,
    all.every(isAsItShould) ? "not accused" : "ACCUSED",
    String(all.reduce((sum, { cases }) => sum + cases, 0)),
  ]);
  return layOut([["correct implementation", "", "cases"], ...rows], ["left", "left", "right"]);
}

/** How many mutants each law, or each source of cases, caught first. */
function counts(
  mutants: readonly SelfTestResult[],
  heading: string,
  nameOf: (result: SelfTestResult) => string,
): string[] {
  const rows = [...Map.groupBy(mutants, nameOf)].map(([name, all]) => [name, String(all.length)] as const);
  const sorted = rows.toSorted((a, b) => Number(b[1]) - Number(a[1]));
  return layOut([[heading, "caught first"], ...sorted], ["left", "right"]);
}

function distinct(texts: readonly string[], width: number): string {
  return truncate([...new Set(texts)].join(", "), width);
}

function secondsText(seconds: number): string {
  return Number.isFinite(seconds) ? seconds.toFixed(1) : "";
}

function summary(mutants: readonly SelfTestResult[], correct: readonly SelfTestResult[]): string[] {
  const seeds = new Set([...mutants, ...correct].map(({ seed }) => seed)).size;
  const caught = mutants.filter(isAsItShould);
  const accused = correct.filter((result) => !isAsItShould(result)).length;
  const found = caught.map(({ foundMs = 0 }) => foundMs / 1000);
  const times = `${medianAndWorst(
    "; ",
    mutants.map(({ seconds }) => seconds),
  )}${medianAndWorst("; found after ", found)}`;
  return [
    `${caught.length} of ${mutants.length} mutants caught under ${counted(seeds, "seed")}${times}`,
    `${accused} of ${correct.length} correct implementations accused`,
  ];
}

function medianAndWorst(before: string, seconds: readonly number[]): string {
  if (seconds.length === 0) return "";
  return `${before}median ${median(seconds).toFixed(1)} s, worst ${Math.max(...seconds).toFixed(1)} s`;
}

function complaint(result: SelfTestResult, options: TextOptions): string[] {
  const { name, kind, seed, caught, error, description } = result;
  const survived = description === undefined ? "survived" : `survived: ${description}`;
  const what = error ?? (kind === "correct" ? `accused: ${caught?.message} (${caught?.rerun})` : survived);
  return wrap(`${name}, seed ${seed}: ${what}`, options.columns);
}

/** The middle value; of an even count the upper of the two. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
