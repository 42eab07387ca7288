import { assertSameMachine } from "../compare/machine.ts";
import { plainText } from "../../../core/plain-text.ts";
import type { Environment, RunRecord, Status, TimingEntry } from "../../../core/record.ts";
import { UsageError } from "../../../core/usage-error.ts";
import type { BenchOptions } from "./options.ts";
import { descriptorOf } from "./work.ts";

/** What a call must share with the run that it finishes. */
export type ResumedCall = Pick<BenchOptions, "suite" | "layers" | "passes" | "threads" | "cache">;

/** The call as it is now. */
export interface Resumption {
  readonly call: ResumedCall;
  /** The implementations of the call, the control benchmark included. */
  readonly impls: readonly string[];
  readonly environment: Environment;
  /** Go on with a record of another machine. */
  readonly force: boolean;
}

/**
 * The cells of an interrupted run that a new run goes on from, the control benchmark's included: those with verified
 * samples, which may lack rounds, and those that ended with a verdict of their own. What was not timed, or whose output
 * was not checked before the interruption, is not among them; nor is what was unavailable, which may be there now.
 * @throws UsageError when the record is not of this call: another machine (unless forced), suite, cache state, layer,
 * problem, pass, thread count or implementation
 */
export function resumedCells(
  record: RunRecord,
  { call, impls, environment, force }: Resumption,
): readonly TimingEntry[] {
  if (record.timings.length === 0)
    throw new UsageError("the record to resume has no timings: only a record of bench can be resumed");
  if (!force) assertSameMachine(record.environment, environment, "resume");
  const problems = new Set(call.layers.map((layer) => layerKey(layer.name, descriptorOf(layer))));
  const entries = [...record.timings, ...(record.anchors ?? [])];
  for (const entry of entries) {
    const fault = faultOf(entry, call, problems, impls);
    if (fault !== undefined) throw new UsageError(`the record to resume is of another call: ${fault}`);
  }
  return entries.filter(isSettled);
}

/** Nothing is left to time: it ended with a verdict, or has as many rounds as the call asks for at least. */
export function isFinished(entry: TimingEntry, { leastRounds }: Pick<BenchOptions, "leastRounds">): boolean {
  return isSettled(entry) && (entry.status !== "passed" || entry.launches.length >= leastRounds);
}

/**
 * A verdict that a new run need not, and must not, ask for again: an implementation that crashed once is not tried
 * until it does not.
 */
const SETTLED: readonly Status[] = ["failed", "crashed", "timed-out", "unsupported", "known-defect"];

function isSettled({ status, verified, launches }: TimingEntry): boolean {
  return status === "passed" ? verified && launches.length > 0 : SETTLED.includes(status);
}

function faultOf(
  entry: TimingEntry,
  { suite, passes, threads, cache }: ResumedCall,
  problems: ReadonlySet<string>,
  impls: readonly string[],
): string | undefined {
  const layer = plainText(entry.layer);
  if (entry.suite !== suite) return `it timed the suite ${plainText(entry.suite)}, this call times ${plainText(suite)}`;
  if (entry.cache !== cache) return `it timed with ${entry.cache} caches, this call with ${cache}`;
  if (!passes.includes(entry.pass)) return `it timed ${entry.pass}, this call ${passes.join(", ")}`;
  if (!threads.includes(entry.threads)) return `it timed ${counted(entry.threads)}, this call ${threads.join(", ")}`;
  if (!problems.has(layerKey(entry.layer, entry.problem)))
    return `its layer ${layer}, ${plainText(entry.problem)}, is not among those of this call (--layer, --mb)`;
  if (!impls.includes(entry.impl))
    return `it timed ${plainText(entry.impl)}, this call ${impls.map(plainText).join(", ")} (--impl)`;
  return undefined;
}

function layerKey(layer: string, descriptor: string): string {
  return JSON.stringify([layer, descriptor]);
}

function counted(threads: number): string {
  return threads === 1 ? "one thread" : `${threads} threads`;
}
