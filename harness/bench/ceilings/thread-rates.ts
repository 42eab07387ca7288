import type { Ceilings } from "../../../core/record.ts";
import { availableInstructions } from "./kernels.ts";
import { MeasuringThreads, type Task } from "./threads.ts";
import { bestWindowRate } from "./window-rate.ts";

/** What the threads measured; undefined where they could not, with the reason in `faults`. */
export interface ThreadRates {
  readonly instructions: Ceilings["wasmInstructions"];
  readonly clockGHz: number | undefined;
  readonly gflops: number | undefined;
  readonly bandwidthGBs: number | undefined;
  readonly faults: readonly string[];
}

/** Of the time; writing the arrays for the first time takes as long again. */
const SHARES = { clock: 0.08, chains: 0.16, memory: 0.24 } as const;
/**
 * A rate is that of the best window: one in which no other program interfered. For arithmetic it fits into a
 * scheduling quantum; for the memory it has to move more than a cache holds.
 */
const ARITHMETIC_WINDOW_MS = 2;
const MEMORY_WINDOW_MS = 10;
/** With many more running programs than cores, one thread may end before another starts: then they try for longer. */
const ATTEMPTS = 4;

/**
 * The clock of one core in GHz, and with `threads` threads at once their multiply-adds in WebAssembly (GFLOP/s) and the
 * memory's rate (GB/s) over arrays of `arrayBytes` each. One that fails leaves the others. It never throws.
 */
export async function measureThreadRates(threads: number, arrayBytes: number, timeMs: number): Promise<ThreadRates> {
  const faults: string[] = [];
  const attempt = async <T>(what: string, measure: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await measure();
    } catch (error) {
      faults.push(`${what} (${error instanceof Error ? error.message : String(error)})`);
      return undefined;
    }
  };
  const found = await attempt("this engine has no WebAssembly", availableInstructions);
  const instructions = found ?? "simd";
  const group = await attempt("the measuring threads did not start", () =>
    MeasuringThreads.start(threads, { instructions, arrayBytes }),
  );
  const best = async (kinds: readonly Task["kind"][], share: number, windowMs: number, count = threads) => {
    if (group === undefined) return undefined;
    let most = 0;
    for (const kind of kinds)
      most = Math.max(most, await giga(group, { kind, timeMs: share * timeMs }, windowMs, count));
    return most;
  };
  try {
    return {
      instructions,
      clockGHz: await attempt("the clock was not measured", () =>
        best(["additions"], SHARES.clock, ARITHMETIC_WINDOW_MS, 1),
      ),
      gflops: await attempt("WebAssembly was not measured", () =>
        best(["twelve-chains", "twenty-four-chains"], SHARES.chains, ARITHMETIC_WINDOW_MS),
      ),
      bandwidthGBs: await attempt("the memory was not measured", async () => {
        // All have written their arrays before the first time that counts.
        await group?.run({ kind: "copy", timeMs: 0 });
        return best(["triad", "copy"], SHARES.memory, MEMORY_WINDOW_MS);
      }),
      faults,
    };
  } finally {
    await group?.stop();
  }
}

/** The rate of one task, in 10^9 a second. */
async function giga(group: MeasuringThreads, task: Task, windowMs: number, count: number): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const logs = await group.run({ ...task, timeMs: 2 ** attempt * task.timeMs }, count);
    const perMs = bestWindowRate(logs, windowMs);
    if (perMs !== undefined) return perMs / 1e6;
  }
  throw new Error("the threads never ran at the same time");
}
