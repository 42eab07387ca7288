import { valuesOf } from "../../core/element-types.ts";
import { printDescriptor } from "../../core/descriptor.ts";
import type { CheckEntry, Failure } from "../../core/record.ts";
import { elementCount } from "../../core/shape.ts";
import { operandNames, shapeOf } from "../../core/tensors.ts";
import { operandsOfAnyType } from "../../suites/data/typed-operands.ts";
import type { ConvCase } from "../../suites/laws/law.ts";
import { tensorEntries } from "../runner/frames.ts";
import { CAUSE_MS, causeOf } from "./cause/cause.ts";
import { mistakeOf } from "./cause/mistakes.ts";
import { CASE_LIMIT_MS, check } from "./check.ts";
import { gatherEvidence, placesOf, type Evidence } from "./evidence.ts";
import { counterexampleOf, faultOf, type Counterexample } from "./outcome.ts";
import { rerunCommand, searchCommand } from "./rerun.ts";
import type { Findings, Found, Subject } from "./search.ts";
import { entryOf } from "./tally.ts";

/** What a search comes to. */
export interface Conclusion {
  readonly entry: CheckEntry;
  readonly evidence?: Evidence;
  /** The case that breaks the law by itself. */
  readonly brokenCase?: ConvCase;
}

/**
 * Looks at a counterexample more closely, whether it fails in a new process too, and for at most `causeMs` why it
 * fails, and tells it all.
 */
export async function conclude(subject: Subject, findings: Findings, causeMs = CAUSE_MS): Promise<Conclusion> {
  const { found } = findings;
  if (found === undefined) return { entry: interimEntry(subject, findings) };
  const { counterexample } = found;
  const evidence = await gatherEvidence(subject.runner, subject.law, counterexample);
  const needsHistory = !(await failsAfresh(subject, counterexample));
  const startedAt = performance.now();
  const times = { startedAt, deadline: startedAt + causeMs };
  // Where earlier calls matter, the problem is not the cause; a case that was asked for alone stays alone.
  const isSought = causeMs > 0 && !subject.runner.isPastItsEnd && !needsHistory && found.report !== undefined;
  const cause = isSought ? await causeOf(subject, counterexample, times) : undefined;
  const mistake = causeMs > 0 ? await mistakeOf(subject.runner, counterexample) : undefined;
  const failure = failureOf(subject, found, { evidence, needsHistory, cause, mistake });
  const entry = entryWith(subject, findings, failure);
  return { entry, evidence, ...(needsHistory ? {} : { brokenCase: counterexample.convCase }) };
}

/** What a search has found so far, without a closer look; `isInterrupted` where it does not go on. */
export function interimEntry(
  subject: Subject,
  findings: Findings,
  isInterrupted = subject.runner.isStopped,
): CheckEntry {
  const { found } = findings;
  return entryWith(subject, findings, found && failureOf(subject, found, {}), isInterrupted);
}

function entryWith(
  { implementation, runner, law, pass }: Subject,
  { tally, found }: Findings,
  failure: Failure | undefined,
  isInterrupted = runner.isStopped,
): CheckEntry {
  const about = { impl: implementation.name, law: law.name, pass, isInterrupted, ...runner.kind };
  if (found === undefined || failure === undefined) return entryOf(tally, about);
  const { counterexample } = found;
  const reason = failure.mistake ?? faultOf(counterexample).message;
  const failed = { status: counterexample.kind, reason, failure };
  return entryOf(tally, { ...about, failed });
}

async function failsAfresh({ runner, law }: Subject, { kind, convCase }: Counterexample): Promise<boolean> {
  // An implementation that hangs, or whose time is long over, is not waited for once more.
  if (kind === "timed-out" || runner.isPastItsEnd) return true;
  await runner.renew();
  const again = await check(runner, law, convCase, { limitMs: CASE_LIMIT_MS });
  // Where there is no time for it, nothing says that earlier calls matter.
  return again.kind === "stopped" || counterexampleOf(again) !== undefined;
}

/** Operands are shown where each has at most this many elements. */
const MOST_SHOWN = 12;

/** The operands of a tiny case, a line each. */
function operandTexts({ problem, pass, data, seed }: ConvCase): { readonly operands?: readonly string[] } {
  const isTiny = operandNames(problem, pass).every((name) => elementCount(shapeOf(problem, name)) <= MOST_SHOWN);
  if (!isTiny) return {};
  const operands = tensorEntries(operandsOfAnyType(problem, pass, data, seed));
  return { operands: operands.map(([name, values]) => `${name} = [${[...valuesOf(values)].join(", ")}]`) };
}

/** A counterexample as the record tells it. */
function failureOf(
  { implementation: { selector }, runner: { threads, type }, law, seed: searchSeed }: Subject,
  { counterexample, after, source }: Found,
  {
    evidence,
    needsHistory = false,
    cause,
    mistake,
  }: {
    readonly evidence?: Evidence;
    readonly needsHistory?: boolean;
    readonly cause?: string | undefined;
    readonly mistake?: string | undefined;
  },
): Failure {
  const { convCase } = counterexample;
  const fault = faultOf(counterexample);
  const descriptor = printDescriptor(convCase.problem);
  const elementOf = fault.problem === undefined ? descriptor : printDescriptor(fault.problem);
  const message = [
    fault.message,
    ...(elementOf === descriptor ? [] : [`the element is of ${elementOf}, which the law makes of the problem`]),
    ...(needsHistory ? ["alone in a new process it holds, so it depends on earlier calls or on chance"] : []),
  ].join("; ");
  return {
    descriptor,
    seed: convCase.seed,
    data: convCase.data,
    ...fault.element,
    message,
    ...(mistake === undefined ? {} : { mistake }),
    ...operandTexts(convCase),
    ...(cause === undefined ? {} : { cause }),
    ...(evidence === undefined ? {} : placesOf(evidence)),
    foundAfterCases: after.cases,
    foundAfterMs: Math.round(after.ms),
    ...(source === undefined ? {} : { foundBy: source }),
    // Where the case alone does not fail, the search must be done again.
    rerun: needsHistory
      ? searchCommand(selector, law.name, convCase.pass, searchSeed, threads, type)
      : rerunCommand(selector, law.name, convCase, threads),
  };
}
