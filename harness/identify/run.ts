/** Identifies implementations, each in a process of its own. */
import type { Finding, FoundSwitch, Identification } from "../../core/identification.ts";
import { printDescriptor } from "../../core/descriptor.ts";
import type { ConvProblem } from "../../core/problem.ts";
import type { Implementation } from "../runner/discovery.ts";
import { ImplementationProcess } from "../runner/process.ts";
import { Runner } from "../verify/runner.ts";
import { answered, computeBy } from "./calls.ts";
import { identifyProblem, nothingFound, type Extent } from "./identify-problem.ts";
import { findSwitches } from "./switches.ts";

export interface IdentifyOptions {
  readonly problems: readonly ConvProblem[];
  readonly threads: number;
  /** Threads for the comparison with many; undefined where there are no more. */
  readonly manyThreads: number | undefined;
  /** Whether to look for the sizes at which something changes, and for how long at most. */
  readonly switchesMs: number | undefined;
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
  const { url, description } = implementation;
  const runner = new Runner(description, options.threads, () => new ImplementationProcess(url, options.threads));
  const abort = (): void => void runner.stop();
  signal.addEventListener("abort", abort);
  try {
    const findings: Finding[] = [];
    for (const problem of options.problems) {
      if (signal.aborted) break;
      progress.onProblem(problem);
      findings.push(await findingOf(runner, problem, options));
    }
    const { switchesMs } = options;
    const switches = switchesMs === undefined ? null : await switchesWithin(runner, switchesMs, progress);
    return identificationOf(implementation, findings, switches);
  } finally {
    signal.removeEventListener("abort", abort);
    await runner.stop();
  }
}

/** The finding of one problem; of one that the implementation does not do, nothing, with the reason. */
export async function findingOf(
  runner: Runner,
  problem: ConvProblem,
  { threads, manyThreads }: Pick<IdentifyOptions, "threads" | "manyThreads">,
  extent?: Extent,
): Promise<Finding> {
  const startedAt = performance.now();
  const found = await answered(() =>
    identifyProblem(
      problem,
      {
        usual: computeBy(runner, threads),
        threaded: manyThreads === undefined ? undefined : computeBy(runner, manyThreads),
      },
      extent,
    ),
  );
  return found.kind === "answered" ? found.value : nothingFound(problem, found.reason, performance.now() - startedAt);
}

async function switchesWithin(runner: Runner, limitMs: number, progress: IdentifyProgress): Promise<FoundSwitch[]> {
  const endsAt = performance.now() + limitMs;
  const switches: FoundSwitch[] = [];
  let probes = 0;
  for await (const found of findSwitches(runner, () => {
    progress.onSwitches(++probes);
    return performance.now() < endsAt;
  }))
    switches.push(found);
  return switches;
}

function identificationOf(
  { name, description }: Implementation,
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
    pass: "forward",
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
