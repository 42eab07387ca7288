import { type ProblemType } from "../../core/element-types.ts";
import { printDescriptor } from "../../core/descriptor.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { IMPRECISE_RATIO, type CheckEntry, type Failure, type Status } from "../../core/record.ts";
import { byteCounts, multiplyAdds } from "../../core/shape.ts";
import type { Verdict } from "../../core/verdict.ts";
import { agreement } from "../../suites/laws/agreement.ts";
import type { ConvCase } from "../../suites/laws/law.ts";
import type { Cost, Outcome } from "./outcome.ts";

const LEAST_ROUNDED_ELEMENTS = 1000;
/** Drawing, sending and checking operands, as measured on one core. */
const MOVE_MS_PER_BYTE = 1 / 100_000;
/** Smaller problems take their time for other things than multiply-adds. */
const LEAST_TELLING_MULTIPLY_ADDS = 20_000;

/** Names in a record, and in one sentence: more are counted. */
const MOST_NAMES = { record: 100, sentence: 8 };

/** A large problem that was not checked, or not with its whole batch. */
export type LeftOut =
  | {
      readonly problem: ConvProblem;
      readonly why: "images";
      /** How many of the batch were checked. */
      readonly images: number;
      readonly isForTime: boolean;
    }
  /** About how long a call takes, as far as was known then. */
  | { readonly problem: ConvProblem; readonly why: "time"; readonly callMs: number }
  | { readonly problem: ConvProblem; readonly why: "memory"; readonly neededBytes: number };

/** What the outcomes of one law in one pass come to. */
export interface Tally {
  /** Cases that ran, whatever came out. */
  readonly cases: number;
  /** Cases that the law speaks of, run or declined. */
  readonly tries: number;
  /** Cases that the law says nothing of, or allows nobody to pay. */
  readonly inapplicable: number;
  /** Why the last case that was too large for the law was not run. */
  readonly excess: string | undefined;
  readonly margin: number | null;
  readonly tellingElements: number;
  /** Cases with evidence, and those in which bounds were too wide for any. */
  readonly tellingCases: number;
  readonly wideCases: number;
  /** Over the elements of real data: see the checker's verdict. */
  readonly rounding: { readonly sumOfSquares: number; readonly elements: number };
  readonly problems: Linked<string> | undefined;
  readonly multiplyAdds: number;
  /** The best rate that the implementation showed; 0 where it showed none. */
  readonly multiplyAddsPerMs: number;
  /** How often the implementation declined, by its reason. */
  readonly unsupported: ReadonlyMap<string, number>;
  /** How many cases were not run because of each known defect, by its id. */
  readonly knownDefects: ReadonlyMap<string, number>;
  readonly leftOut: Linked<LeftOut> | undefined;
}

/** A list that is extended without a copy. */
interface Linked<Value> {
  readonly value: Value;
  readonly before: Linked<Value> | undefined;
}

export const emptyTally: Tally = {
  cases: 0,
  tries: 0,
  inapplicable: 0,
  excess: undefined,
  margin: null,
  tellingElements: 0,
  tellingCases: 0,
  wideCases: 0,
  rounding: { sumOfSquares: 0, elements: 0 },
  problems: undefined,
  multiplyAdds: 0,
  multiplyAddsPerMs: 0,
  unsupported: new Map(),
  knownDefects: new Map(),
  leftOut: undefined,
};

export function add(tally: Tally, outcome: Outcome): Tally {
  const tries = tally.tries + 1;
  switch (outcome.kind) {
    case "passed":
    case "failed":
      return withVerdict(withRate({ ...tally, tries }, outcome.cost), outcome.convCase, outcome.verdict, outcome.cost);
    case "crashed":
    case "timed-out":
    case "mistrusted":
      return { ...tally, tries, cases: tally.cases + 1 };
    case "unsupported":
      return { ...tally, tries, unsupported: oneMore(tally.unsupported, outcome.reason) };
    case "known-defect":
      return { ...tally, tries, knownDefects: oneMore(tally.knownDefects, outcome.id) };
    case "inapplicable":
      return { ...tally, inapplicable: tally.inapplicable + 1 };
    case "too-large":
      return { ...tally, inapplicable: tally.inapplicable + 1, excess: outcome.reason };
    case "stopped":
      return tally;
  }
}

function withVerdict(tally: Tally, { problem, data }: ConvCase, verdict: Verdict, cost: Cost): Tally {
  const { sumOfSquares = 0, elements = 0 } = (data === "real" ? verdict.rounding : undefined) ?? {};
  return {
    ...tally,
    cases: tally.cases + 1,
    margin: Math.max(tally.margin ?? 0, verdict.margin),
    tellingElements: tally.tellingElements + verdict.tellingElements,
    tellingCases: tally.tellingCases + (verdict.tellingElements > 0 ? 1 : 0),
    wideCases: tally.wideCases + (isWide(verdict) ? 1 : 0),
    rounding: {
      sumOfSquares: tally.rounding.sumOfSquares + sumOfSquares,
      elements: tally.rounding.elements + elements,
    },
    problems: { value: printDescriptor(problem), before: tally.problems },
    multiplyAdds: tally.multiplyAdds + cost.multiplyAdds,
  };
}

/** Whether the bounds of a case were so wide that a zero, a constant or a copy of an operand would have held as well. */
function isWide({ tellingElements, wideElements = 0 }: Verdict): boolean {
  return tellingElements === 0 && wideElements > 0;
}

function oneMore(counts: ReadonlyMap<string, number>, key: string): ReadonlyMap<string, number> {
  return new Map(counts).set(key, (counts.get(key) ?? 0) + 1);
}

/** The tally with a problem that is not checked, and why. */
export function leaveOut(tally: Tally, leftOut: LeftOut): Tally {
  return { ...tally, leftOut: { value: leftOut, before: tally.leftOut } };
}

/** How people call a problem. */
function nameOf(problem: ConvProblem): string {
  return problem.name ?? printDescriptor(problem);
}

/** The tally with what a run says of the implementation's speed. */
export function withRate(tally: Tally, cost: Cost): Tally {
  if (cost.multiplyAdds <= LEAST_TELLING_MULTIPLY_ADDS) return tally;
  const rate = cost.multiplyAdds / Math.max(cost.ms, 1e-3);
  return { ...tally, multiplyAddsPerMs: Math.max(tally.multiplyAddsPerMs, rate) };
}

/**
 * About how long a case takes: the implementation's own work at the best rate that it showed, and moving its operands
 * to its process.
 */
export function expectedMs({ multiplyAddsPerMs }: Tally, problem: ConvProblem, pass: Pass): number {
  const work = multiplyAddsPerMs > 0 ? multiplyAdds(problem) / multiplyAddsPerMs : 0;
  const { operands, outputs } = byteCounts(problem, pass);
  return work + (operands + outputs) * MOVE_MS_PER_BYTE;
}

/** About how many milliseconds what was left out for lack of time takes, by what is known of the rate now. */
export function missingMs(tally: Tally, pass: Pass): number {
  return leftForTime(tally).reduce((sum, { problem }) => sum + expectedMs(tally, problem, pass), 0);
}

/** What more time would have checked whole. */
export function leftForTime({ leftOut }: Tally): readonly LeftOut[] {
  return listOf(leftOut).filter((one) => one.why === "time" || (one.why === "images" && one.isForTime));
}

/** What the tally comes to, as the record tells it; `failed` tells of a counterexample. */
export function entryOf(
  tally: Tally,
  about: {
    readonly impl: string;
    readonly law: string;
    readonly pass: Pass;
    /** Left out where it is float32. */
    readonly type?: ProblemType;
    readonly post?: string;
    readonly isInterrupted: boolean;
    readonly failed?: { readonly status: Status; readonly reason: string; readonly failure: Failure };
  },
): CheckEntry {
  const { isInterrupted, failed, ...named } = about;
  const base = { ...named, ...figuresOf(tally) };
  const { law } = named;
  return failed === undefined
    ? { ...base, ...conclusionOf(tally, law, isInterrupted) }
    : { ...base, ...failed, margin: tally.margin };
}

function figuresOf(
  tally: Tally,
): Pick<
  CheckEntry,
  "cases" | "problems" | "multiplyAdds" | "roundingRatio" | "leftOut" | "leftOutCount" | "fewerImages"
> {
  const ratio = roundingRatio(tally);
  const left = listOf(tally.leftOut);
  const late = left.filter(({ why }) => why === "time").map(({ problem }) => nameOf(problem));
  const fewer = fewerImages(left);
  return {
    cases: tally.cases,
    problems: new Set(listOf(tally.problems)).size,
    multiplyAdds: tally.multiplyAdds,
    ...(ratio === undefined ? {} : { roundingRatio: ratio }),
    ...(late.length === 0 ? {} : { leftOut: late.slice(0, MOST_NAMES.record) }),
    ...(late.length <= MOST_NAMES.record ? {} : { leftOutCount: late.length }),
    ...(fewer.length === 0 ? {} : { fewerImages: fewer.slice(0, MOST_NAMES.record) }),
  };
}

/** The values in the order in which they were added. */
function listOf<Value>(linked: Linked<Value> | undefined): readonly Value[] {
  const values: Value[] = [];
  for (let rest = linked; rest !== undefined; rest = rest.before) values.push(rest.value);
  return values.toReversed();
}

/** Status, reason and margin where there is no counterexample. */
function conclusionOf(
  tally: Tally,
  law: string,
  isInterrupted: boolean,
): Pick<CheckEntry, "status" | "reason" | "margin"> {
  const [mostFrequent] = [...tally.unsupported].toSorted((a, b) => b[1] - a[1]);
  const declined = [...tally.unsupported.values()].reduce((sum, count) => sum + count, 0);
  const reason = [
    ...describeRounding(tally),
    ...(isInterrupted ? ["interrupted"] : []),
    ...[...tally.knownDefects].map(([id, count]) => `${count} cases set aside: known defect ${id}`),
    ...(mostFrequent === undefined ? [] : [`${declined} cases unsupported: ${mostFrequent[0]}`]),
    ...describeLeftOut(tally),
  ].join("; ");
  if (tally.tries === 0 && tally.inapplicable > 0) {
    const nothing = "the law does not speak of these problems and data";
    return { status: "unsupported", reason: tally.excess ?? nothing, margin: null };
  }
  if (tally.cases === 0) {
    if (tally.knownDefects.size > 0) return { status: "known-defect", reason, margin: null };
    if (mostFrequent !== undefined) return { status: "unsupported", reason: mostFrequent[0], margin: null };
    return { status: "mistrusted", reason: reason || "no case ran within the time", margin: null };
  }
  const weakness = weaknessOf(tally, law);
  // Agreement answers for the implementation; another law that has nothing to say accuses nobody.
  if (weakness !== undefined)
    return { status: law === agreement.name ? "mistrusted" : "unsupported", reason: weakness, margin: null };
  return { status: "passed", ...(reason === "" ? {} : { reason }), margin: tally.margin };
}

/** Why the cases that held are no evidence, undefined where they are: agreement needs it in more cases than not. */
function weaknessOf({ tellingCases, wideCases }: Tally, law: string): string | undefined {
  const isWeak = law === agreement.name ? tellingCases <= wideCases : tellingCases === 0;
  if (!isWeak) return undefined;
  if (wideCases === 0) return "every expected value was zero: nothing was really checked";
  const cases = `${wideCases} of ${tellingCases + wideCases} case${tellingCases + wideCases === 1 ? "" : "s"}`;
  return `bounds too wide to tell: in ${cases} a zero, a constant or a copy of an operand would hold too`;
}

/** The root-mean-square error against the probabilistic bound; undefined where too few elements say it. */
function roundingRatio({ rounding: { sumOfSquares, elements } }: Tally): number | undefined {
  return elements < LEAST_ROUNDED_ELEMENTS ? undefined : Math.sqrt(sumOfSquares / elements);
}

function describeRounding(tally: Tally): readonly string[] {
  const ratio = roundingRatio(tally);
  return ratio === undefined || ratio <= IMPRECISE_RATIO
    ? []
    : [`imprecise: the root-mean-square error is ${ratio.toPrecision(2)} times what independent roundings leave`];
}

function fewerImages(leftOut: readonly LeftOut[]): readonly string[] {
  return leftOut.flatMap((one) =>
    one.why === "images" ? [`${nameOf(one.problem)} (${one.images} of ${one.problem.batch})`] : [],
  );
}

function describeLeftOut(tally: Tally): readonly string[] {
  const left = listOf(tally.leftOut);
  const fewer = fewerImages(left);
  const slow = left.flatMap((one) => (one.why === "time" ? [one] : []));
  const large = left.flatMap((one) => (one.why === "memory" ? [one] : []));
  const namesOf = (some: readonly LeftOut[]): string => inSentence(some.map(({ problem }) => nameOf(problem)));
  const slowest = slow.reduce((most, { callMs }) => Math.max(most, callMs), 0) / 1000;
  const largest = large.reduce((most, { neededBytes }) => Math.max(most, neededBytes), 0) / 2 ** 30;
  return [
    ...(fewer.length === 0 ? [] : [`checked with fewer images: ${inSentence(fewer)}`]),
    ...(slow.length === 0
      ? []
      : [`skipped for lack of time: ${namesOf(slow)} (up to about ${slowest.toFixed(1)} s a call)`]),
    ...(large.length === 0
      ? []
      : [`skipped for lack of memory: ${namesOf(large)} (up to about ${largest.toPrecision(2)} GiB)`]),
  ];
}

function inSentence(names: readonly string[]): string {
  const more = names.length - MOST_NAMES.sentence;
  // One more is as short as its count.
  if (more <= 1) return names.join(", ");
  return `${names.slice(0, MOST_NAMES.sentence).join(", ")} and ${more.toLocaleString("en-US")} more`;
}
