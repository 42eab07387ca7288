import type { Pass } from "../../../core/problem.ts";
import { DATA_KINDS, type DataKind } from "../../../suites/data/operands.ts";
import { inWords } from "./conditions.ts";
import type { Cause, Count } from "./find-cause.ts";

/** Where the failing problems were tried otherwise, and what came of it. */
export interface Elsewhere {
  readonly passes: Outcomes<Pass>;
  readonly data: Outcomes<DataKind>;
  /** Undefined where it was not tried. */
  readonly failsAtOneThread: boolean | undefined;
}

export interface Outcomes<T> {
  readonly failing: readonly T[];
  readonly holding: readonly T[];
}

/** How the failing problems were tried. */
interface Base {
  readonly pass: Pass;
  readonly data: DataKind;
  readonly threads: number;
}

/**
 * A cause in one sentence: what fails together, the cases that say so, and where else they fail or hold. Without a cause
 * it is one problem that fails; undefined where its data and threads say nothing either.
 */
export function causeSentence(cause: Cause | undefined, base: Base, elsewhere: Elsewhere): string | undefined {
  const { passes, data, failsAtOneThread } = elsewhere;
  const limits = [
    ...dataLimit(base.data, data),
    ...(failsAtOneThread === false ? [`only with ${base.threads} threads, one thread holds`] : []),
  ];
  if (cause === undefined && limits.length === 0) return undefined;
  const subject = cause === undefined ? "this problem fails" : causeItself(cause);
  return [subject, ...limits, ...passLimit(base.pass, passes)].join("; ");
}

function causeItself({ conditions, meeting, missingOne, missing }: Cause): string {
  const words = inWords(conditions);
  const [met, unmet] = [
    ["", " with it", " with both"][words.length] ?? " with all",
    words.length === 1 ? "without it" : "without one of them",
  ];
  const failing = `${listed(words, "and") || "any problem"}: ${outOf(meeting.fail, meeting)} tried${met} fail`;
  if (missing.tried === 0) return failing;
  if (conditions.length === 2 && words.length === 2)
    return `${failing}, either alone holds (${outOf(missingOne.tried - missingOne.fail, missingOne)} tried)`;
  return `${failing}, ${outOf(missing.tried - missing.fail, missing)} ${unmet} hold`;
}

function outOf(part: number, { tried }: Count): string {
  return part === tried ? `all ${tried}` : `${part} of ${tried}`;
}

function dataLimit(own: DataKind, { failing, holding }: Outcomes<DataKind>): string[] {
  if (holding.length === 0) return [];
  const kinds = DATA_KINDS.filter((kind) => kind === own || failing.includes(kind));
  return [`only with ${listed(kinds, "or")} data`];
}

function passLimit(own: Pass, { failing, holding }: Outcomes<Pass>): string[] {
  if (failing.length > 0) return [`in ${listed(failing, "and")} too`];
  return holding.length === 0 ? [] : [`only in ${own}`];
}

function listed(words: readonly string[], last: "and" | "or"): string {
  return words.length < 2 ? (words[0] ?? "") : `${words.slice(0, -1).join(", ")} ${last} ${words.at(-1)}`;
}
