import { usualType } from "../../core/element-types.ts";
import { availableParallelism } from "node:os";
import { GUARDED_OPERANDS } from "../runner/foreign/memory.ts";
import { ImplementationProcess } from "../runner/process.ts";
import { SharedProcess } from "../runner/shared-process.ts";
import { fitsTwo } from "../runner/memory.ts";
import { isVariant, type Implementation } from "../runner/discovery.ts";
import type { ConvProblem } from "../../core/problem.ts";
import type { CheckEntry } from "../../core/record.ts";
import { agreement } from "../../suites/laws/agreement.ts";
import type { VerifyOptions } from "./options.ts";
import { checkDefect, expectedFailuresOf, reproductionsOf } from "./expected-failures.ts";
import { Runner } from "./runner.ts";
import { kindsFirst } from "./sources/kinds-first.ts";
import { isFailure } from "./verdicts.ts";
import { verifyImplementation, type VerifyProgress } from "./verify-implementation.ts";

/** What a verify run came to. */
export interface VerifyRun {
  readonly checks: readonly CheckEntry[];
  /** Milliseconds that the float64 reference, its bounds and the comparison took, of `totalMs` by the clock. */
  readonly referenceMs: number;
  readonly totalMs: number;
}

/**
 * Checks implementations by every law in every pass, two at a time where there are two cores and memory for both, each in a process of its
 * own. `signal` ends the run early; what was checked by then is returned.
 */
export async function runVerify(
  implementations: readonly Implementation[],
  asked: VerifyOptions,
  realLayers: readonly ConvProblem[],
  progress: VerifyProgress,
  signal: AbortSignal,
): Promise<VerifyRun> {
  const startedAt = performance.now();
  const options = { ...asked, ...(asked.problems && { problems: kindsFirst(asked.problems) }) };
  let referenceMs = 0;
  const entries = new Map<Implementation, readonly CheckEntry[]>();
  const waiting = families(implementations.filter(({ description }) => description.unavailable === undefined));
  const ending = new AbortController();
  const isEnding = (): boolean => ending.signal.aborted || signal.aborted;
  const keep = (implementation: Implementation, entry: CheckEntry): void => {
    entries.set(implementation, [...(entries.get(implementation) ?? []), entry]);
    progress.onCheck(implementation, entry);
    if (options.bail && isFailure(entry)) ending.abort();
  };
  /** The families that are checked now, and whether another was at any time. */
  const active = new Set<{ hadCompany: boolean }>();
  /** Families whose process ended for what may have come from another that ran beside it. */
  const again: Family[] = [];
  const checkFamily = async (family: Family): Promise<void> => {
    let current: Runner | undefined;
    let isLost = false;
    const self = { hadCompany: active.size > 0 };
    for (const other of active) other.hadCompany = true;
    active.add(self);
    const process = new SharedProcess(
      () => new ImplementationProcess(family[0].url, options.threads, undefined, GUARDED_OPERANDS, options.sandbox),
      () => {
        if (!self.hadCompany || current === undefined || current.isStopped) return;
        isLost = true;
        void current.stop();
      },
    );
    const deadline = performance.now() + options.budgetMs;
    try {
      for (const [index, implementation] of family.entries()) {
        if (isEnding()) return;
        const budgetMs = familyShare(family, index) * Math.max(0, deadline - performance.now());
        const suggestedMs = (neededMs: number): number => (neededMs * options.budgetMs) / Math.max(1, budgetMs);
        const runner = runnerOf(implementation, options, process);
        current = runner;
        const run = {
          implementation,
          runner,
          options: { ...options, budgetMs, type: runner.type },
          realLayers,
          suggestedMs,
        };
        const abort = (): void => void Promise.all([runner.stop(), process.stop()]);
        signal.addEventListener("abort", abort);
        try {
          for await (const entry of verifyImplementation(run, progress)) {
            if (isLost) break;
            keep(implementation, entry);
            // A run that is interrupted ends by itself, after it has told what it found.
            if (ending.signal.aborted) break;
          }
        } finally {
          referenceMs += runner.referenceMs;
          signal.removeEventListener("abort", abort);
          current = undefined;
          await runner.stop();
        }
        if (isLost && !isEnding()) {
          entries.delete(implementation);
          progress.onAgain?.(implementation);
          again.push([implementation, ...family.slice(index + 1)]);
          return;
        }
      }
      // Last of all: some defects corrupt their library's memory.
      if (!isEnding()) await checkDefects(family, process, options, { keep, isEnding });
    } catch (error) {
      ending.abort();
      throw error;
    } finally {
      // An implementation that lives on would keep the whole command from ending.
      await process.stop();
      active.delete(self);
    }
  };
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined && !isEnding(); next = waiting.shift()) await checkFamily(next);
  };
  await Promise.all(Array.from({ length: fitsTwo() ? Math.min(2, availableParallelism()) : 1 }, worker));
  // One after the other, with nothing beside them.
  for (const family of again) if (!isEnding()) await checkFamily(family);
  const checks = implementations.flatMap((implementation) => entries.get(implementation) ?? []);
  return { checks, referenceMs, totalMs: performance.now() - startedAt };
}

function runnerOf(implementation: Implementation, options: VerifyOptions, process: SharedProcess): Runner {
  const { description } = implementation;
  const { type = usualType(description.types) } = options;
  return new Runner(description, options.threads, () => process.channel(), expectedFailuresOf(implementation), {
    type,
    post: options.post,
  });
}

/** Whether the known defects of a family still show. */
async function checkDefects(
  family: Family,
  process: SharedProcess,
  options: VerifyOptions,
  {
    keep,
    isEnding,
  }: { readonly keep: (implementation: Implementation, entry: CheckEntry) => void; readonly isEnding: () => boolean },
): Promise<void> {
  if ((options.type ?? "f32") !== "f32" || options.post !== undefined) return;
  if (options.problems !== undefined || options.laws?.includes(agreement.name) === false) return;
  for (const implementation of family) {
    const runner = new Runner(implementation.description, options.threads, () => process.channel());
    for (const { defect, reproduction } of reproductionsOf(implementation)) {
      if (!options.passes.includes(reproduction.pass)) continue;
      keep(implementation, await checkDefect(runner, implementation, defect, reproduction));
      if (isEnding()) return;
    }
  }
}

type Family = readonly [Implementation, ...Implementation[]];

/**
 * Implementations of one plugin file whose names are the same up to a colon, the library itself before its variants.
 */
function families(implementations: readonly Implementation[]): Family[] {
  const groups = Map.groupBy(implementations, ({ name, url }) => `${url} ${name.split(":")[0]}`);
  return [...groups.values()].flatMap((group): Family[] => {
    const [first, ...others] = group.toSorted((a, b) => Number(isVariant(a)) - Number(isVariant(b)));
    return first === undefined ? [] : [[first, ...others]];
  });
}

/**
 * The part of the time left that is the next implementation's: half of all for the library itself, the rest for its
 * variants equally.
 */
function familyShare(family: Family, index: number): number {
  const left = family.length - index;
  return left > 1 && !isVariant(family[index]!) ? 1 / 2 : 1 / left;
}
