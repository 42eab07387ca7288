import type { CheckEntry, Failure, RunRecord } from "../core/record.ts";
import { counted } from "./format.ts";
import { problemOf } from "./layer-problem.ts";
import { problemInWords } from "./problem-in-words.ts";

/** Where it was, whose it is, and what leads to the mistake. */
export function failureTitle({ impl, pass, law, failure }: FailureCase): string {
  const where = failure.mistake === undefined && failure.cause === undefined ? `, law ${law}` : "";
  return `${impl} ${pass}${where}: ${failureWords(failure)}`;
}

/** The mistake where one explains what was seen; else what is wrong, after the conditions under which it is. */
export function failureWords({ mistake, cause, message }: Pick<Failure, "mistake" | "cause" | "message">): string {
  if (mistake !== undefined) return mistake;
  // "groups ≥ 2 and a bias: all 33 tried with both fail, …"
  const [conditions = ""] = cause?.split(": ") ?? [];
  return conditions === "" ? message : `fails with ${conditions}: ${message}`;
}

/** What was found and with which data, as names and values in the order in which they are read. */
export function failureFacts({ law, failure, alsoBroken }: FailureCase): [string, string][] {
  const { cause, seed, data, pattern, foundAfterCases, foundAfterMs, mistake, message, operands, descriptor } = failure;
  const problem = operands === undefined ? null : problemOf(descriptor);
  const facts: [string, string | undefined][] = [
    ["seen", mistake === undefined ? undefined : `${message} (law ${law})`],
    ["in words", problem === null ? undefined : problemInWords(problem)],
    ["given", operands?.join(", ")],
    ["cause", cause],
    ["law", mistake === undefined && cause !== undefined ? law : undefined],
    ["data", `${data}, seed ${seed}`],
    ["where", pattern],
    ["also", alsoBroken.length === 0 ? undefined : `breaks ${alsoBroken.join(", ")}`],
    ["found", foundAfterCases === undefined ? undefined : foundAfter(foundAfterCases, foundAfterMs)],
  ];
  return facts.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
}

function foundAfter(cases: number, ms: number | undefined): string {
  return `after ${counted(cases, "case")}${ms === undefined ? "" : `, ${(ms / 1000).toFixed(1)} s`}`;
}

/** A failed check as it is shown: where, what, and how to see it again. */
export interface FailureCase {
  readonly impl: string;
  readonly pass: string;
  readonly law: string;
  readonly failure: Failure;
  /** Laws that the same implementation breaks in the same pass by more than wrong numbers, which other laws see too. */
  readonly alsoBroken: readonly string[];
}

/** The first failure of each implementation and pass, in the record's order; known defects are told apart. */
export function failureCases({ checks }: Pick<RunRecord, "checks">): FailureCase[] {
  const failed = checks.filter(({ status, failure }) => failure !== undefined && status !== "known-defect");
  return [...Map.groupBy(failed, ({ impl, pass }) => `${impl} ${pass}`).values()].flatMap(([first, ...others]) => {
    if (first?.failure === undefined) return [];
    const { impl, pass, law, failure } = first;
    const alsoBroken = others.filter((other) => isIndependent(other)).map((other) => other.law);
    return [{ impl, pass, law, failure, alsoBroken }];
  });
}

/**
 * Whether a law is broken by something else than a wrong result: by what was done to arrays, which the contract's laws
 * watch. Wrong numbers break most laws at once.
 */
function isIndependent({ law, status, failure }: CheckEntry): boolean {
  return law.startsWith("contract-") && status === "failed" && failure?.tensor === undefined;
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
