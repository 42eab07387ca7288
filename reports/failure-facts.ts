import type { CheckEntry, Failure, RunRecord } from "../core/record.ts";
import { counted, exactNumber } from "./format.ts";

/**
 * What was found and with which data, as names and values in the order in which they are read; a crash has no wrong
 * element.
 */
export function failureFacts(failure: Failure, alsoBroken: readonly string[] = []): [string, string][] {
  const { cause, seed, data, tensor, index, got, expected, bound, pattern, foundAfterCases, foundAfterMs } = failure;
  const worst = tensor === undefined ? undefined : `${tensor}${index === undefined ? "" : `[${index.join(", ")}]`}`;
  const facts: [string, string | undefined][] = [
    ["cause", cause],
    ["data", `${data}, seed ${seed}`],
    ["worst", worst],
    ["got", number(got)],
    ["expected", number(expected)],
    ["bound", number(bound)],
    ["where", pattern],
    ["also", alsoBroken.length === 0 ? undefined : `breaks ${alsoBroken.join(", ")}`],
    ["found", foundAfterCases === undefined ? undefined : foundAfter(foundAfterCases, foundAfterMs)],
  ];
  return facts.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
}

function foundAfter(cases: number, ms: number | undefined): string {
  return `after ${counted(cases, "case")}${ms === undefined ? "" : `, ${(ms / 1000).toFixed(1)} s`}`;
}

function number(value: number | undefined): string | undefined {
  return value === undefined ? undefined : exactNumber(value);
}

/** A failed check as it is shown: where, what, and how to see it again. */
export interface FailureCase {
  readonly impl: string;
  readonly pass: string;
  readonly law: string;
  readonly failure: Failure;
  /** Further laws that the same implementation breaks in the same pass: mostly the same defect, seen otherwise. */
  readonly alsoBroken: readonly string[];
}

/** The first failure of each implementation and pass, in the record's order; known defects are told apart. */
export function failureCases({ checks }: RunRecord): FailureCase[] {
  const failed = checks.filter(({ status, failure }) => failure !== undefined && status !== "known-defect");
  return [...Map.groupBy(failed, ({ impl, pass }) => `${impl} ${pass}`).values()].flatMap(([first, ...others]) => {
    if (first?.failure === undefined) return [];
    const { impl, pass, law, failure } = first;
    return [{ impl, pass, law, failure, alsoBroken: others.map((other) => other.law) }];
  });
}

/** Of many names these are said, and the others counted. */
const MOST_NAMES = 8;

/** Names that checks give, by implementation; those that give the same share a list. */
function namesBy(
  checks: readonly CheckEntry[],
  of: (check: CheckEntry) => { readonly names: readonly string[]; readonly count?: number | undefined },
): readonly string[] {
  const lists = [...Map.groupBy(checks, ({ impl }) => impl)].map(([impl, own]) => {
    const given = own.map(of);
    const names = [...new Set(given.flatMap(({ names: some }) => some))].toSorted();
    const count = given.reduce((most, { count: told = 0 }) => Math.max(most, told), names.length);
    const shown = names.slice(0, MOST_NAMES);
    const others = count - shown.length;
    return { impl, text: shown.join(", ") + (others > 0 ? ` and ${others.toLocaleString("en")} more` : "") };
  });
  const byText = Map.groupBy(
    lists.filter(({ text }) => text !== ""),
    ({ text }) => text,
  );
  return [...byText].map(([text, some]) => `${some.map(({ impl }) => impl).join(", ")} (${text})`);
}

/**
 * How much was checked, and what was left out for lack of time, a sentence each; none where the record does not say.
 */
export function extentOf({ checks }: Pick<RunRecord, "checks">): string[] {
  const told = checks.filter(({ problems }) => problems !== undefined);
  if (told.length === 0) return [];
  const sum = (of: (check: CheckEntry) => number): number => told.reduce((total, check) => total + of(check), 0);
  const cases = sum((check) => check.cases).toLocaleString("en");
  const problems = sum((check) => check.problems ?? 0).toLocaleString("en");
  const giga = (sum((check) => check.multiplyAdds ?? 0) / 1e9).toPrecision(3);
  const fewerImages = namesBy(checks, ({ fewerImages: texts = [] }) => ({
    names: texts.map((text) => text.replace(/ \([^)]*\)$/, "")),
  }));
  const leftOut = namesBy(checks, ({ leftOut: names = [], leftOutCount }) => ({ names, count: leftOutCount }));
  const more = "more --time takes them";
  return [
    `Checked ${cases} cases, ${problems} problems, ${giga} G multiply-adds.`,
    ...(fewerImages.length === 0
      ? []
      : [`Checked on some images of the batch in some pass, ${more} whole: ${fewerImages.join("; ")}.`]),
    ...(leftOut.length === 0 ? [] : [`Left out in some pass for lack of time, ${more}: ${leftOut.join("; ")}.`]),
  ];
}
