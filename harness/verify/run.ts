import { availableParallelism } from "node:os";
import { ImplementationProcess, SharedProcess } from "../runner/process.ts";
import { isVariant, type Implementation } from "../runner/discovery.ts";
import type { ConvProblem } from "../../core/problem.ts";
import type { CheckEntry } from "../../core/record.ts";
import { agreement } from "../../suites/laws/agreement.ts";
import { isFailure, verifyImplementation, type VerifyProgress } from "./implementation-run.ts";
import type { VerifyOptions } from "./options.ts";
import { checkDefect, reproductionsOf } from "./expected-failures.ts";
import { ImplementationSession } from "./session.ts";

/** What a verify run came to. */
export interface VerifyRun {
  readonly checks: readonly CheckEntry[];
  /** Milliseconds that the float64 reference, its bounds and the comparison took, of `totalMs` by the clock. */
  readonly referenceMs: number;
  readonly totalMs: number;
}

/**
 * Judges implementations by every law in every pass, two at a time where there are two cores, each in a process of its own.
 * `signal` ends the run early; what was judged by then is returned.
 */
export async function runVerify(
  implementations: readonly Implementation[],
  options: VerifyOptions,
  realLayers: readonly ConvProblem[],
  progress: VerifyProgress,
  signal: AbortSignal,
): Promise<VerifyRun> {
  const startedAt = performance.now();
  let referenceMs = 0;
  const entries = new Map<Implementation, readonly CheckEntry[]>();
  const waiting = families(implementations.filter(({ description }) => description.unavailable === undefined));
  let stopped = false;
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined && !stopped; next = waiting.shift()) {
      const family = next;
      const process = new SharedProcess(() => new ImplementationProcess(family[0]!.url, options.threads));
      const deadline = performance.now() + options.budgetMs;
      const onEntry = (implementation: Implementation, entry: CheckEntry): boolean => {
        entries.set(implementation, [...(entries.get(implementation) ?? []), entry]);
        progress.onCheck(implementation, entry);
        if (options.bail && isFailure(entry)) stopped = true;
        return !stopped && !signal.aborted;
      };
      try {
        for (const [index, implementation] of family.entries()) {
          if (stopped) break;
          const budgetMs = familyShare(family, index) * Math.max(0, deadline - performance.now());
          const own = (entry: CheckEntry): boolean => onEntry(implementation, entry);
          const share = { ...options, budgetMs };
          const suggestedMs = (neededMs: number): number => (neededMs * options.budgetMs) / Math.max(1, budgetMs);
          referenceMs += await verifyImplementation(
            { implementation, process, options: share, realLayers, suggestedMs },
            progress,
            signal,
            own,
          );
          if (signal.aborted) stopped = true;
        }
        // Last of all: some defects corrupt their library's memory.
        if (!stopped) await checkDefects(family, process, options, onEntry);
      } catch (error) {
        stopped = true;
        throw error;
      } finally {
        // An implementation that lives on would keep the whole command from ending.
        await process.stop();
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker));
  const checks = implementations.flatMap((implementation) => entries.get(implementation) ?? []);
  return { checks, referenceMs, totalMs: performance.now() - startedAt };
}

/** Whether the known defects of a family still show. */
async function checkDefects(
  family: readonly Implementation[],
  process: SharedProcess,
  options: VerifyOptions,
  onEntry: (implementation: Implementation, entry: CheckEntry) => boolean,
): Promise<void> {
  if (options.problems !== undefined || options.laws?.includes(agreement.name) === false) return;
  for (const implementation of family) {
    const session = new ImplementationSession(implementation.description, options.threads, 10_000, () =>
      process.channel(),
    );
    for (const { defect, reproduction } of reproductionsOf(implementation)) {
      if (!options.passes.includes(reproduction.pass)) continue;
      if (!onEntry(implementation, await checkDefect(session, implementation, defect, reproduction))) return;
    }
  }
}

/** Implementations of one plugin file whose names are the same up to a colon, the library itself before its variants. */
function families(implementations: readonly Implementation[]): Implementation[][] {
  const groups = Map.groupBy(implementations, ({ name, url }) => `${url} ${name.split(":")[0]}`);
  return [...groups.values()].map((group) => group.toSorted((a, b) => Number(isVariant(a)) - Number(isVariant(b))));
}

/** The part of the time left that is the next implementation's: half of all for the library itself, the rest for its variants equally. */
function familyShare(family: readonly Implementation[], index: number): number {
  const left = family.length - index;
  return left > 1 && !isVariant(family[index]!) ? 1 / 2 : 1 / left;
}
