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

interface Outcomes<T> {
  readonly failing: readonly T[];
  readonly holding: readonly T[];
}

/** A cause in one sentence: what fails together, the cases that say so, and where else they fail or hold. */
export function causeSentence(
  cause: Cause,
  base: { readonly pass: Pass; readonly data: DataKind; readonly threads: number },
  { passes, data, failsAtOneThread }: Elsewhere,
): string {
  const conditions = inWords(cause.conditions);
  return [
    `${listed(conditions, "and") || "any problem"}: ${counts(cause, conditions.length)}`,
    ...dataSentence(base.data, data),
    ...passSentence(base.pass, passes),
    ...(failsAtOneThread === false ? [`only with ${base.threads} threads, one thread holds`] : []),
  ].join("; ");
}

function counts({ meeting, missingOne, missing }: Cause, conditions: number): string {
  const met = conditions === 0 ? "" : conditions === 1 ? " with it" : conditions === 2 ? " with both" : " with all";
  const failing = `${outOf(meeting.fail, meeting)} tried${met} fail`;
  if (missing.tried === 0) return failing;
  if (conditions === 2) {
    const holding = missingOne.tried - missingOne.fail;
    return `${failing}, either alone holds (${outOf(holding, missingOne)} tried)`;
  }
  const without = conditions === 1 ? "without it" : "without one of them";
  return `${failing}, ${outOf(missing.tried - missing.fail, missing)} ${without} hold`;
}

function outOf(part: number, { tried }: Count): string {
  return part === tried ? `all ${tried}` : `${part} of ${tried}`;
}

function dataSentence(own: DataKind, { failing, holding }: Outcomes<DataKind>): string[] {
  if (holding.length === 0) return [];
  const kinds = DATA_KINDS.filter((kind) => kind === own || failing.includes(kind));
  return [`only with ${listed(kinds, "or")} data`];
}

function passSentence(own: Pass, { failing, holding }: Outcomes<Pass>): string[] {
  if (failing.length > 0) return [`in ${listed(failing, "and")} too`];
  return holding.length === 0 ? [] : [`only in ${own}`];
}

function listed(words: readonly string[], last: "and" | "or"): string {
  return words.length < 2 ? (words[0] ?? "") : `${words.slice(0, -1).join(", ")} ${last} ${words.at(-1)}`;
}
