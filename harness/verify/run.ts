import { availableParallelism } from "node:os";
import { ContenderProcess } from "../contender/process.ts";
import type { Contender } from "../discovery.ts";
import { PASSES, type ConvProblem } from "../problem.ts";
import type { CheckEntry } from "../record.ts";
import { LAWS } from "../../suites/laws/index.ts";
import { Exploration } from "./exploration.ts";
import type { VerifyOptions } from "./options.ts";
import { ContenderSession } from "./session.ts";

/** What a verify run tells while it goes on. */
export interface VerifyProgress {
  /** A case was judged. */
  onCase(contender: Contender, what: string, cases: number): void;
  onCheck(contender: Contender, entry: CheckEntry): void;
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
): Promise<readonly CheckEntry[]> {
  const entries = new Map<Contender, readonly CheckEntry[]>();
  const waiting = contenders.filter(({ description }) => description.unavailable === undefined);
  let stopped = false;
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined && !stopped; next = waiting.shift()) {
      const contender = next;
      const done: CheckEntry[] = [];
      entries.set(contender, done);
      await verifyContender(contender, options, realLayers, progress, signal, (entry) => {
        done.push(entry);
        progress.onCheck(contender, entry);
        if (options.bail && entry.failure !== undefined) stopped = true;
        return !stopped && !signal.aborted;
      });
      if (signal.aborted) stopped = true;
    }
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker));
  return contenders.flatMap((contender) => entries.get(contender) ?? []);
}

async function verifyContender(
  contender: Contender,
  options: VerifyOptions,
  realLayers: readonly ConvProblem[],
  progress: VerifyProgress,
  signal: AbortSignal,
  onEntry: (entry: CheckEntry) => boolean,
): Promise<void> {
  const deadline = performance.now() + options.budgetMs;
  const start = (): ContenderProcess => new ContenderProcess(contender.url, options.threads);
  const session = new ContenderSession(contender.description, options.threads, 10_000, start);
  const abort = (): void => void session.stop();
  signal.addEventListener("abort", abort);
  const laws = LAWS.filter(({ name }) => options.laws?.includes(name) ?? true);
  const pairs = laws.flatMap((law) => PASSES.filter((pass) => law.passes.includes(pass) && options.passes.includes(pass)).map((pass) => ({ law, pass })));
  try {
    for (const [index, { law, pass }] of pairs.entries()) {
      if (!contender.description.passes.includes(pass)) {
        const entry = { impl: contender.name, law: law.name, pass, cases: 0, margin: null };
        if (!onEntry({ ...entry, status: "unsupported", reason: `it has no ${pass}` })) return;
        continue;
      }
      const exploration = new Exploration({
        contender,
        session,
        law,
        pass,
        seed: options.seed,
        budgetMs: options.cases === undefined ? (deadline - performance.now()) / (pairs.length - index) : Infinity,
        data: options.data,
        onCase: () => progress.onCase(contender, `${law.name} ${pass}`, exploration.cases),
      });
      if (options.problems !== undefined) await exploration.exploreProblems(options.problems);
      else if (options.cases !== undefined) await exploration.exploreCases(options.cases);
      else await exploration.explore(realLayers);
      if (signal.aborted || !onEntry(exploration.entry())) return;
    }
  } finally {
    signal.removeEventListener("abort", abort);
    await session.stop();
  }
}
