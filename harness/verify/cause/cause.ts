import { PASSES, type ConvProblem, type Pass } from "../../../core/problem.ts";
import { DATA_KINDS, type DataKind } from "../../../suites/data/operands.ts";
import type { ConvCase } from "../../../suites/laws/law.ts";
import { check } from "../check.ts";
import type { Counterexample } from "../outcome.ts";
import type { Subject } from "../search.ts";
import { fittedCase } from "../sources/case-fitting.ts";
import { causeSentence, type Elsewhere } from "./cause-sentence.ts";
import { findCause } from "./find-cause.ts";

/** How long the cause of a failure is looked for, unless said otherwise. */
export const CAUSE_MS = 1_500;
const CASE_LIMIT_MS = 1_000;
/** Of this time, the other passes, data and threads have what the problems leave, and this share at least. */
const ELSEWHERE_SHARE = 0.2;
/** A problem holds when this many seeds hold: data may hide a fault by chance. */
const SEEDS = 3;
/** With this many failing problems the other passes, data and threads are tried. */
const MOST_EXAMPLES = 4;

/**
 * Why a case fails, in one sentence that rests on cases that were run until `deadline`, a time of `performance.now()`.
 * Undefined where nothing could be isolated.
 */
export async function causeOf(
  subject: Subject,
  { kind, convCase }: Counterexample,
  { startedAt, deadline }: { readonly startedAt: number; readonly deadline: number },
): Promise<string | undefined> {
  // One that hangs costs its limit with each case, and one that is mistrusted says nothing.
  if (kind !== "failed" && kind !== "crashed") return undefined;
  const { law, pass, seed } = subject;
  /** Undefined where the case cannot be tried, or fails in another way. */
  const fails = async (tried: ConvCase): Promise<boolean | undefined> => {
    for (let offset = 0; offset < SEEDS; offset++) {
      const outcome = await check(
        subject.runner,
        law,
        { ...tried, seed: tried.seed + offset },
        { limitMs: CASE_LIMIT_MS },
      );
      if (outcome.kind === kind) return true;
      if (outcome.kind !== "passed") return undefined;
    }
    return false;
  };
  const caseOf = (problem: ConvProblem, otherPass: Pass, data: DataKind): ConvCase => {
    const fitted = fittedCase(problem, otherPass, data, convCase.seed);
    return convCase.threads === undefined ? fitted : { ...fitted, threads: convCase.threads };
  };
  const base = await showingMost(convCase, fails);
  const failsWithBase = async (problem: ConvProblem): Promise<boolean | undefined> => {
    const tried = caseOf(problem, pass, base.data);
    // A bias that the pass does not read, or data that the size does not allow, would tell of another case.
    return tried.problem === problem && tried.data === base.data ? fails(tried) : undefined;
  };
  const problemsEnd = deadline - ELSEWHERE_SHARE * (deadline - startedAt);
  const cause = await findCause(base.problem, pass, failsWithBase, { seed, deadline: problemsEnd });
  const examples = cause?.failing.slice(0, MOST_EXAMPLES) ?? [base.problem];
  /** Whether one of the examples fails, undefined where none could be tried or the time was up. */
  const failsSomewhere = async (variant: (problem: ConvProblem) => ConvCase) => {
    let isHolding = false;
    for (const problem of examples) {
      if (performance.now() > deadline) return undefined;
      const failed = await fails(variant(problem));
      if (failed === true) return true;
      isHolding ||= failed === false;
    }
    return isHolding ? false : undefined;
  };
  const outcomesOf = async <T>(values: readonly T[], outcomeOf: (value: T) => Promise<boolean | undefined>) => {
    const failing: T[] = [];
    const holding: T[] = [];
    for (const value of values) {
      const failed = await outcomeOf(value);
      if (failed !== undefined) (failed ? failing : holding).push(value);
    }
    return { failing, holding };
  };
  const { passes } = subject.runner.description;
  const otherPasses = PASSES.filter((other) => other !== pass && law.passes.includes(other) && passes.includes(other));
  const otherKinds = base.data === "dense-exact" ? [] : DATA_KINDS.filter((other) => other !== base.data);
  const threads = convCase.threads ?? subject.runner.threads;
  const elsewhere: Elsewhere = {
    passes: await outcomesOf(otherPasses, (other) => failsSomewhere((problem) => caseOf(problem, other, base.data))),
    data: await outcomesOf(otherKinds, (other) => failsSomewhere((problem) => caseOf(problem, pass, other))),
    failsAtOneThread:
      threads === 1
        ? undefined
        : await failsSomewhere((problem) => ({ ...caseOf(problem, pass, base.data), threads: 1 })),
  };
  return causeSentence(cause, { pass, data: base.data, threads }, elsewhere);
}

/** Data that hide the least come first. */
const SHOWING_MOST: readonly DataKind[] = ["dense-exact", "real"];

/** The same case with the data that show most, of those with which it fails. */
async function showingMost(
  convCase: ConvCase,
  fails: (convCase: ConvCase) => Promise<boolean | undefined>,
): Promise<ConvCase> {
  for (const data of SHOWING_MOST) {
    if (convCase.data === data) break;
    if ((await fails({ ...convCase, data })) === true) return { ...convCase, data };
  }
  return convCase;
}
