import { isAsItShould, type SelfTestResult } from "../harness/verify/self-test/run.ts";
import { counted } from "./format.ts";
import { joined, layOut, layOutTable, truncate, wrap, type TextOptions } from "./text-table.ts";

/** The matrix mutant × law that caught it with cases and seconds, a line per implementation, then what it comes to. */
export function renderSelfTest(results: readonly SelfTestResult[], options: TextOptions): string {
  const mutants = results.filter(({ kind }) => kind !== "correct");
  const correct = results.filter(({ kind }) => kind === "correct");
  const lines = [
    ...matrix(mutants, options),
    "",
    ...correctTable(correct),
    "",
    ...lawCounts(mutants),
    "",
    ...summary(mutants, correct),
    ...results.filter((result) => !isAsItShould(result)).flatMap((result) => complaint(result, options)),
  ];
  return joined(lines);
}

function matrix(mutants: readonly SelfTestResult[], options: TextOptions): string[] {
  const header = ["mutant", "kind", "caught by", "cases", "seconds"];
  const rows = [...Map.groupBy(mutants, ({ name }) => name)].map(([name, all]) => {
    const laws = new Set(all.map(({ caught }) => (caught === undefined ? "nothing" : `${caught.law} ${caught.pass}`)));
    return [
      name,
      all[0]?.kind ?? "",
      truncate([...laws].join(", "), 46),
      String(median(all.map(({ cases }) => cases))),
      Math.max(...all.map(({ seconds }) => seconds)).toFixed(1),
    ];
  });
  return layOutTable([header, ...rows], ["left", "left", "left", "right", "right"], options, "bold");
}

function correctTable(correct: readonly SelfTestResult[]): string[] {
  const rows = [...Map.groupBy(correct, ({ name }) => name)].map(([name, all]) => [
    name,
    all.every(isAsItShould) ? "not accused" : "ACCUSED",
    String(all.reduce((sum, { cases }) => sum + cases, 0)),
  ]);
  return layOut([["correct implementation", "", "cases"], ...rows], ["left", "left", "right"]);
}

/** How many mutants each law caught first. */
function lawCounts(mutants: readonly SelfTestResult[]): string[] {
  const counts = [...Map.groupBy(mutants, ({ caught }) => caught?.law ?? "nothing")].map(
    ([law, all]) => [law, String(all.length)] as const,
  );
  const rows = counts.toSorted((a, b) => Number(b[1]) - Number(a[1]));
  return layOut([["law", "caught first"], ...rows], ["left", "right"]);
}

function summary(mutants: readonly SelfTestResult[], correct: readonly SelfTestResult[]): string[] {
  const seeds = new Set([...mutants, ...correct].map(({ seed }) => seed)).size;
  const caught = mutants.filter(isAsItShould).length;
  const accused = correct.filter((result) => !isAsItShould(result)).length;
  const seconds = mutants.map((mutant) => mutant.seconds);
  const times =
    seconds.length === 0 ? "" : `; median ${median(seconds).toFixed(1)} s, worst ${Math.max(...seconds).toFixed(1)} s`;
  return [
    `${caught} of ${mutants.length} mutants caught under ${counted(seeds, "seed")}${times}`,
    `${accused} of ${correct.length} correct implementations accused`,
  ];
}

function complaint({ name, kind, seed, caught, error }: SelfTestResult, options: TextOptions): string[] {
  const what = error ?? (kind === "correct" ? `accused: ${caught?.message} (${caught?.rerun})` : "survived");
  return wrap(`${name}, seed ${seed}: ${what}`, options.columns);
}

/** The middle value; of an even count the upper of the two. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
