import { availableParallelism } from "node:os";
import { ContenderProcess } from "../contender/process.ts";
import { FamilyProcess } from "../contender/family-process.ts";
import { isDoor, type Contender } from "../discovery.ts";
import type { ConvProblem } from "../problem.ts";
import type { CheckEntry } from "../record.ts";
import { agreement } from "../../suites/laws/agreement.ts";
import { isFailure, verifyContender, type VerifyProgress } from "./contender-run.ts";
import type { VerifyOptions } from "./options.ts";
import { checkDefect, reproductionsOf } from "./known-defects.ts";
import { ContenderSession } from "./session.ts";

/** What a verify run came to. */
export interface VerifyRun {
  readonly checks: readonly CheckEntry[];
  /** Milliseconds that the float64 reference, its bounds and the comparison took, of `totalMs` by the clock. */
  readonly referenceMs: number;
  readonly totalMs: number;
}

/**
 * Judges contenders by every law in every pass, two at a time where there are two cores, each in a process of its own.
 * `signal` ends the run early; what was judged by then is returned.
 */
export async function runVerify(
  contenders: readonly Contender[],
  options: VerifyOptions,
  realLayers: readonly ConvProblem[],
  progress: VerifyProgress,
  signal: AbortSignal,
): Promise<VerifyRun> {
  const startedAt = performance.now();
  let referenceMs = 0;
  const entries = new Map<Contender, readonly CheckEntry[]>();
  const waiting = families(contenders.filter(({ description }) => description.unavailable === undefined));
  let stopped = false;
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined && !stopped; next = waiting.shift()) {
      const family = next;
      const process = new FamilyProcess(() => new ContenderProcess(family[0]!.url, options.threads));
      const deadline = performance.now() + options.budgetMs;
      const onEntry = (contender: Contender, entry: CheckEntry): boolean => {
        entries.set(contender, [...(entries.get(contender) ?? []), entry]);
        progress.onCheck(contender, entry);
        if (options.bail && isFailure(entry)) stopped = true;
        return !stopped && !signal.aborted;
      };
      try {
        for (const [index, contender] of family.entries()) {
          if (stopped) break;
          const budgetMs = familyShare(family, index) * Math.max(0, deadline - performance.now());
          const own = (entry: CheckEntry): boolean => onEntry(contender, entry);
          const share = { ...options, budgetMs };
          const suggestedMs = (neededMs: number): number => (neededMs * options.budgetMs) / Math.max(1, budgetMs);
          referenceMs += await verifyContender(
            { contender, process, options: share, realLayers, suggestedMs },
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
        // A contender that lives on would keep the whole command from ending.
        await process.stop();
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker));
  const checks = contenders.flatMap((contender) => entries.get(contender) ?? []);
  return { checks, referenceMs, totalMs: performance.now() - startedAt };
}

/** Whether the known defects of a family still show. */
async function checkDefects(
  family: readonly Contender[],
  process: FamilyProcess,
  options: VerifyOptions,
  onEntry: (contender: Contender, entry: CheckEntry) => boolean,
): Promise<void> {
  if (options.problems !== undefined || options.laws?.includes(agreement.name) === false) return;
  for (const contender of family) {
    const session = new ContenderSession(contender.description, options.threads, 10_000, () => process.channel());
    for (const { defect, reproduction } of reproductionsOf(contender)) {
      if (!options.passes.includes(reproduction.pass)) continue;
      if (!onEntry(contender, await checkDefect(session, contender, defect, reproduction))) return;
    }
  }
}

/** Contenders of one plugin file whose names are the same up to a colon, the library itself before its doors. */
function families(contenders: readonly Contender[]): Contender[][] {
  const groups = Map.groupBy(contenders, ({ name, url }) => `${url} ${name.split(":")[0]}`);
  return [...groups.values()].map((group) => group.toSorted((a, b) => Number(isDoor(a)) - Number(isDoor(b))));
}

/** The part of the time left that is the next contender's: half of all for the library itself, the rest for its doors equally. */
function familyShare(family: readonly Contender[], index: number): number {
  const left = family.length - index;
  return left > 1 && !isDoor(family[index]!) ? 1 / 2 : 1 / left;
}
