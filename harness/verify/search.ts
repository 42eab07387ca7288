import type { Implementation } from "../runner/discovery.ts";
import type { Pass } from "../../core/problem.ts";
import { multiplyAdds } from "../../core/shape.ts";
import type { Law } from "../../suites/laws/law.ts";
import { attempt } from "./attempt.ts";
import { CASE_LIMIT_MS, check } from "./check.ts";
import { counterexampleOf, type Counterexample, type Outcome } from "./outcome.ts";
import type { Runner } from "./runner.ts";
import { shrink } from "./shrink.ts";
import type { CaseSource, Proposal } from "./sources/source.ts";
import { add, emptyTally, leaveOut, withRate, type Tally } from "./tally.ts";

/** How long a failure is made smaller. */
export const SHRINK_MS = 5_000;
/** One that hangs costs time with every try. */
const SHRINK_HANGING_MS = 3_000;
const SHRUNK_CASE_LIMIT_MS = 1_000;
/** However little time there is, a law checks something, if one of this many cases lets it. */
const MOST_TRIES = 20;
/** A law that spoke of none of this many cases is not asked about more when its time is up. */
const MOST_INAPPLICABLE = 1000;
/** This many cases declined, and none done, mean that the implementation does not do the pass at all. */
const HOPELESS_TRIES = 1000;

/** What is searched: cases that break one law in one pass of one implementation. */
export interface Subject {
  readonly implementation: Pick<Implementation, "name" | "selector">;
  readonly runner: Runner;
  readonly law: Law;
  readonly pass: Pass;
  readonly seed: number;
}

/** What a search has found up to now. */
export interface Findings {
  readonly tally: Tally;
  readonly found?: Found;
}

/** The smallest counterexample. */
export interface Found {
  readonly counterexample: Counterexample;
  /** Cases of the implementation, and milliseconds, up to the first counterexample. */
  readonly after: { readonly cases: number; readonly ms: number };
  /** fast-check's own words on how it was made smaller. */
  readonly report: string | undefined;
}

export const noFindings: Findings = { tally: emptyTally };

export interface StepOptions {
  /** How long one request may take where the source does not say. */
  readonly limitMs?: number;
  /** How long a counterexample is made smaller; at 0 it stays as it is. */
  readonly shrinkMs?: number;
  /** When the work with the implementation began, and its cases in other searches. */
  readonly before?: { readonly startedAt: number; readonly cases: number };
  readonly onOutcome?: (outcome: Outcome, tally: Tally) => void;
}

export interface AdvanceOptions extends StepOptions {
  /** A time of `performance.now()`; however near, cases go on until one tells something. */
  readonly deadline: number;
  readonly most?: number;
}

/** Takes cases from a source until the deadline, a counterexample, or `most` cases. */
export async function advance(
  subject: Subject,
  findings: Findings,
  source: CaseSource,
  { deadline, most = Infinity, ...options }: AdvanceOptions,
): Promise<Findings> {
  let latest = findings;
  for (let taken = 0; taken < most && goesOn(subject, latest, deadline); taken++) {
    const next = await source.next();
    if (next.done === true) break;
    latest = await step(subject, latest, next.value, options);
  }
  return latest;
}

/** No counterexample, and not stopped. */
export function isOpen({ runner }: Subject, { found }: Findings): boolean {
  return found === undefined && !runner.isStopped;
}

function goesOn(subject: Subject, findings: Findings, deadline: number): boolean {
  const { tries, cases, inapplicable, knownDefects, tellingElements } = findings.tally;
  const isHopeless = tries >= HOPELESS_TRIES && cases === 0 && knownDefects.size === 0;
  if (!isOpen(subject, findings) || isHopeless) return false;
  if (performance.now() < deadline) return true;
  return tellingElements === 0 && tries < MOST_TRIES && inapplicable < MOST_INAPPLICABLE;
}

/** Does what a source proposes. */
export async function step(
  subject: Subject,
  findings: Findings,
  proposal: Proposal,
  options: StepOptions = {},
): Promise<Findings> {
  switch (proposal.kind) {
    case "check":
      return checkCase(subject, findings, proposal, options);
    case "measure":
      return { ...findings, tally: await measure(subject, findings.tally, proposal) };
    case "probe":
      await proposal.run(subject.runner);
      return findings;
    case "leave-out":
      return { ...findings, tally: leaveOut(findings.tally, proposal.leftOut) };
  }
}

async function checkCase(
  subject: Subject,
  findings: Findings,
  { convCase, limitMs: largeLimitMs, partOf }: Proposal & { readonly kind: "check" },
  options: StepOptions,
): Promise<Findings> {
  const { runner, law, seed } = subject;
  const { limitMs = CASE_LIMIT_MS, shrinkMs = SHRINK_MS, onOutcome } = options;
  const { startedAt, cases } = options.before ?? { startedAt: performance.now(), cases: 0 };
  const outcome = await check(runner, law, convCase, { limitMs: largeLimitMs ?? limitMs });
  // Only small cases tell slow from hanging.
  if (outcome.kind === "timed-out" && largeLimitMs !== undefined) {
    const leftOut = { problem: convCase.problem, why: "time", callMs: largeLimitMs } as const;
    return { ...findings, tally: leaveOut(findings.tally, leftOut) };
  }
  const added = add(findings.tally, outcome);
  const hasRun = added.cases > findings.tally.cases;
  const tally = partOf !== undefined && hasRun ? leaveOut(added, partOf) : added;
  onOutcome?.(outcome, tally);
  const counterexample = counterexampleOf(outcome);
  if (counterexample === undefined) return { ...findings, tally };
  const now = performance.now();
  const after = { cases: cases + tally.cases, ms: now - startedAt };
  if (shrinkMs <= 0) return { tally, found: { counterexample, after, report: undefined } };
  const hangs = counterexample.kind === "timed-out";
  const shrunk = await shrink(
    counterexample,
    async (simpler) => {
      const again = await check(runner, law, simpler, { limitMs: hangs ? SHRUNK_CASE_LIMIT_MS : CASE_LIMIT_MS });
      return again.kind === counterexample.kind ? counterexampleOf(again) : undefined;
    },
    { deadline: now + (hangs ? Math.min(SHRINK_HANGING_MS, shrinkMs) : shrinkMs), seed },
  );
  return { tally, found: { counterexample: shrunk.smallest, after, report: shrunk.report } };
}

/** One run, unchecked; where it fails, the checked case tells what is wrong. */
async function measure(
  { runner }: Subject,
  tally: Tally,
  { convCase, limitMs }: Proposal & { readonly kind: "measure" },
): Promise<Tally> {
  const { problem, pass, data } = convCase;
  const attempted = await attempt(runner, { limitMs, data }, (tools) =>
    tools.compute(problem, pass, tools.operands(convCase)),
  );
  switch (attempted.kind) {
    case "done":
      return withRate(tally, attempted.cost);
    case "timed-out":
      return withRate(tally, { multiplyAdds: multiplyAdds(problem), ms: limitMs });
    case "unsupported":
    case "known-defect":
    case "crashed":
    case "mistrusted":
    case "stopped":
      return tally;
  }
}
