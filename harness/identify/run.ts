/** Identifies implementations, each in a process of its own. */
import type { Finding, FoundSwitch, Identification } from "../../core/identification.ts";
import { printDescriptor } from "../../core/descriptor.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import type { Implementation } from "../runner/discovery.ts";
import { foreignKind } from "../runner/foreign/kinds.ts";
import { ALIGNED_OPERANDS, isGuardable, UNALIGNED_OPERANDS } from "../runner/foreign/memory.ts";
import { ImplementationProcess } from "../runner/process.ts";
import type { Sandbox } from "../runner/sandbox/sandbox.ts";
import { Runner } from "../verify/runner.ts";
import { answered, computeBy } from "./calls.ts";
import { identifyProblem, nothingFound } from "./identify-problem.ts";
import type { Computing } from "./invariance.ts";
import { findSwitches } from "./switches.ts";

export interface IdentifyOptions {
  readonly pass: Pass;
  readonly problems: readonly ConvProblem[];
  readonly threads: number;
  /** Threads for the comparison with many; undefined where there are no more. */
  readonly manyThreads: number | undefined;
  /** Whether to look for the sizes at which something changes, and for how long at most. */
  readonly switchesMs: number | undefined;
  readonly sandbox?: Sandbox;
}

export interface IdentifyProgress {
  onProblem(problem: ConvProblem): void;
  onSwitches(probes: number): void;
}

export async function identify(
  implementation: Implementation,
  options: IdentifyOptions,
  progress: IdentifyProgress,
  signal: AbortSignal,
): Promise<Identification> {
  const { pass, switchesMs } = options;
  const { runner, computing, stop } = waysToCall(implementation, options);
  const abort = (): void => void stop();
  signal.addEventListener("abort", abort);
  try {
    const findings: Finding[] = [];
    for (const problem of options.problems) {
      if (signal.aborted) break;
      progress.onProblem(problem);
      findings.push(await findingOf(problem, computing));
    }
    const switches = switchesMs === undefined ? null : await switchesWithin(runner, pass, switchesMs, progress);
    return identificationOf(implementation, pass, findings, switches);
  } finally {
    signal.removeEventListener("abort", abort);
    await stop();
  }
}

interface WaysToCall {
  readonly runner: Runner;
  readonly computing: Computing;
  readonly stop: () => Promise<unknown>;
}

/**
 * An implementation in a process. Behind the C interface its operands begin at multiples of 64 bytes there, lest two runs
 * differ by chance, and in a second process beyond these.
 */
function waysToCall({ url, description }: Implementation, options: IdentifyOptions): WaysToCall {
  const { pass, threads, manyThreads, sandbox } = options;
  const started = (environment: Readonly<Record<string, string>>): Runner =>
    new Runner(description, threads, () => new ImplementationProcess(url, threads, undefined, environment, sandbox));
  const isPlaced = ["library", "source"].includes(foreignKind(url) ?? "javascript") && isGuardable();
  const runner = started(isPlaced ? ALIGNED_OPERANDS : {});
  const unaligned = isPlaced ? started(UNALIGNED_OPERANDS) : undefined;
  return {
    runner,
    computing: {
      pass,
      usual: computeBy(runner, pass, threads),
      threaded: manyThreads === undefined ? undefined : computeBy(runner, pass, manyThreads),
      unaligned: unaligned && computeBy(unaligned, pass, threads),
    },
    stop: () => Promise.all([runner.stop(), unaligned?.stop()]),
  };
}

/** The finding of one problem; of one that the implementation does not do, nothing, with the reason. */
async function findingOf(problem: ConvProblem, computing: Computing): Promise<Finding> {
  const startedAt = performance.now();
  const found = await answered(() => identifyProblem(problem, computing));
  return found.kind === "answered" ? found.value : nothingFound(problem, found.reason, performance.now() - startedAt);
}

async function switchesWithin(
  runner: Runner,
  pass: Pass,
  limitMs: number,
  progress: IdentifyProgress,
): Promise<FoundSwitch[]> {
  const endsAt = performance.now() + limitMs;
  const switches: FoundSwitch[] = [];
  let probes = 0;
  for await (const found of findSwitches(runner, pass, () => {
    progress.onSwitches(++probes);
    return performance.now() < endsAt;
  }))
    switches.push(found);
  return switches;
}

function identificationOf(
  { name, description }: Implementation,
  pass: Pass,
  findings: readonly Finding[],
  switches: readonly FoundSwitch[] | null,
): Identification {
  const all = (read: (finding: Finding) => boolean | null | undefined): boolean | null => {
    const told = findings.map(read).filter((value) => value !== null && value !== undefined);
    return told.length === 0 ? null : told.every(Boolean);
  };
  const both = (a: boolean | null | undefined, b: boolean | null | undefined): boolean | null =>
    a === false || b === false ? false : (a ?? b ?? null);
  return {
    impl: name,
    ...(description.version === undefined ? {} : { version: description.version }),
    pass,
    findings,
    switches,
    invariant: {
      batch: all(({ invariant }) => both(invariant?.batchPosition, invariant?.batchSize)),
      threads: all(({ invariant }) => invariant?.threads),
      runs: all(({ invariant }) => invariant?.runs),
    },
    reasons: switches === null ? { switches: "not looked for" } : {},
  };
}

/** A name for a problem in progress lines. */
export function nameOf(problem: ConvProblem): string {
  return problem.name ?? printDescriptor(problem);
}
