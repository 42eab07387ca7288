import type { Implementation } from "../runner/discovery.ts";
import type { Pass } from "../../core/problem.ts";
import { multiplyAdds } from "../../core/shape.ts";
import type { Law } from "../../suites/laws/law.ts";
import { attempt } from "./attempt.ts";
import { nextBatch, type Batch, type CheckProposal } from "./batch.ts";
import { CASE_LIMIT_MS, check } from "./check.ts";
import { counterexampleOf, type Counterexample, type Outcome } from "./outcome.ts";
import { giveBack } from "./read-ahead.ts";
import type { Runner } from "./runner.ts";
import { shrink } from "./shrink.ts";
import type { CaseSource, Proposal } from "./sources/source.ts";
import { add, emptyTally, leaveOut, withRate, type Tally } from "./tally.ts";

/** How long a failure is made smaller. */
export const SHRINK_MS = 5_000;
/** One that hangs costs time with every try. */
const SHRINK_HANGING_MS = 3_000;
const SHRUNK_CASE_LIMIT_MS = 2_000;
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
  /** The name of the source of the first counterexample. */
  readonly source?: string;
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

/**
 * Takes cases from a source until the deadline, a counterexample, or `most` cases. Small cases are read ahead and
 * computed in bundles, the next while the last is checked; what was read and not checked is given back to the source.
 */
export async function advance(
  subject: Subject,
  findings: Findings,
  source: CaseSource,
  { deadline, most = Infinity, ...options }: AdvanceOptions,
): Promise<Findings> {
  let latest = findings;
  let taken = 0;
  const begun: Batch[] = [];
  for (;;) {
    while (mayBegin(begun, deadline) && taken < most && goesOn(subject, latest, deadline)) {
      // When time is up, one case after the other, until one tells something.
      const wanted = performance.now() < deadline ? most - taken : 1;
      const batch = await nextBatch(subject, source, wanted, options.limitMs);
      if (batch === undefined) break;
      taken += batch.proposals.length;
      begun.push(batch);
    }
    const batch = begun.shift();
    if (batch === undefined) return latest;
    const { left, ...finished } = await finish(subject, latest, batch, { ...options, beside: begun });
    latest = finished.findings;
    if (left.length === 0 && isOpen(subject, latest)) continue;
    giveBack(source, [...left, ...begun.flatMap((other): readonly Proposal[] => other.proposals)]);
    return latest;
  }
}

/** One bundle is computed while another is checked; nothing goes on beside a single proposal. */
function mayBegin(begun: readonly Batch[], deadline: number): boolean {
  if (begun.length === 0) return true;
  return begun.length === 1 && begun[0]?.kind === "bundle" && performance.now() < deadline;
}

/** The findings with what came of a batch, up to a counterexample, and the proposals after that. */
async function finish(
  subject: Subject,
  findings: Findings,
  batch: Batch,
  { beside, ...options }: StepOptions & { readonly beside: readonly Batch[] },
): Promise<{ readonly findings: Findings; readonly left: readonly Proposal[] }> {
  if (batch.kind === "single")
    return { findings: await step(subject, findings, batch.proposals[0], options), left: [] };
  const outcomes = await batch.outcomes;
  subject.runner.pace.learn(outcomes.length, batch.startedAt);
  let latest = findings;
  for (const [index, outcome] of outcomes.entries()) {
    if (outcome.kind === "stopped" || subject.runner.isStopped)
      return { findings: latest, left: batch.proposals.slice(index) };
    // A counterexample is looked at when the implementation has nothing else to do.
    if (counterexampleOf(outcome) !== undefined)
      await Promise.all(beside.flatMap((other) => (other.kind === "bundle" ? [other.outcomes] : [])));
    latest = await withOutcome(subject, latest, batch.proposals[index]!, outcome, options);
    if (latest.found !== undefined) return { findings: latest, left: batch.proposals.slice(index + 1) };
  }
  return { findings: latest, left: [] };
}

/** No counterexample, and not stopped. */
export function isOpen({ runner }: Subject, { found }: Findings): boolean {
  return found === undefined && !runner.isStopped;
}

function goesOn(subject: Subject, findings: Findings, deadline: number): boolean {
  const { tries, cases, inapplicable, knownDefects, tellingElements } = findings.tally;
  const isHopeless = tries >= HOPELESS_TRIES && cases === 0 && knownDefects.size === 0;
  if (!isOpen(subject, findings) || isHopeless) return false;
  if (subject.runner.isPastItsEnd) return false;
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
  proposal: CheckProposal,
  options: StepOptions,
): Promise<Findings> {
  const { runner, law } = subject;
  const limitMs = proposal.limitMs ?? options.limitMs ?? CASE_LIMIT_MS;
  return withOutcome(subject, findings, proposal, await check(runner, law, proposal.convCase, { limitMs }), options);
}

/** The findings with what came of a case; a counterexample is made smaller. */
async function withOutcome(
  { runner, law, seed }: Subject,
  findings: Findings,
  { convCase, limitMs: largeLimitMs, partOf, source }: CheckProposal,
  outcome: Outcome,
  { before, shrinkMs = SHRINK_MS, onOutcome }: StepOptions,
): Promise<Findings> {
  const { startedAt, cases } = before ?? { startedAt: performance.now(), cases: 0 };
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
  const first = { after: { cases: cases + tally.cases, ms: now - startedAt }, ...(source !== undefined && { source }) };
  if (shrinkMs <= 0) return { tally, found: { ...first, counterexample, report: undefined } };
  const hangs = counterexample.kind === "timed-out";
  const shrunk = await shrink(
    counterexample,
    async (simpler) => {
      if (runner.isPastItsEnd) return undefined;
      const again = await check(runner, law, simpler, { limitMs: hangs ? SHRUNK_CASE_LIMIT_MS : CASE_LIMIT_MS });
      return again.kind === counterexample.kind ? counterexampleOf(again) : undefined;
    },
    { deadline: now + (hangs ? Math.min(SHRINK_HANGING_MS, shrinkMs) : shrinkMs), seed },
  );
  return { tally, found: { ...first, counterexample: shrunk.smallest, report: shrunk.report } };
}

/** One run, unchecked; where it fails, the checked case tells what is wrong. */
async function measure(
  { runner }: Subject,
  tally: Tally,
  { convCase, limitMs }: Proposal & { readonly kind: "measure" },
): Promise<Tally> {
  const { pass, data } = convCase;
  const problem = runner.typed(convCase.problem);
  const attempted = await attempt(runner, { limitMs, data }, (tools) =>
    tools.compute(problem, pass, tools.typedOperands({ ...convCase, problem })),
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
