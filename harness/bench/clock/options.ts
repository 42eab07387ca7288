import type { TimedLayer } from "../../../suites/suite.ts";
import type { Pass } from "../../../core/problem.ts";
import type { Ceilings, TimingEntry } from "../../../core/record.ts";

/** What a bench run was asked to do. */
export interface BenchOptions {
  readonly suite: string;
  /** What `--suite` was given, for commands that show a failure again, where it is not the suite's name. */
  readonly suiteSelector?: string;
  /** In place of `--suite`, where a whole model was asked for. */
  readonly modelOptions?: readonly string[];
  /** Implementations run in a browser: what shows a failure again must say so. */
  readonly isInBrowser?: boolean;
  readonly layers: readonly TimedLayer[];
  readonly passes: readonly Pass[];
  /** Thread counts, each timed in processes of its own. */
  readonly threads: readonly number[];
  readonly seed: number;
  /** `cold`: before every timed call, more memory than the last-level cache holds is written. */
  readonly cache: "hot" | "cold";
  /** Samples per cell, all rounds together. */
  readonly cellMs: number;
  /** A cell whose interval is narrow takes part in this many rounds, any other in up to `mostRounds`. */
  readonly leastRounds: number;
  readonly mostRounds: number;
  /**
   * In how many repetitions a round takes the samples of a layer: in each, every implementation has one interleaved
   * batch.
   */
  readonly repetitions: number;
  /** One per thread count: the plausible limit voids a time. */
  readonly ceilings: readonly Ceilings[];
  /** The memory that there is for the run; what is available when it begins where it is left out. */
  readonly memoryBytes?: number;
  /** Cells of an interrupted run, to go on with. */
  readonly earlier: readonly TimingEntry[];
}

/** The time of one interleaved batch: the samples of one implementation in one repetition. */
export function batchMs({ cellMs, mostRounds, repetitions }: BenchOptions): number {
  return cellMs / (mostRounds * repetitions);
}

/**
 * Hypervisors report caches of which a guest has a part; this is more than any part that one guest is likely to have.
 */
const MOST_EVICTED_BYTES = 512 * 2 ** 20;

/** What a request is told of memory that is written before each call. */
export function evictingOf(options: BenchOptions): { readonly evictBytes?: number } {
  return options.cache === "cold" ? { evictBytes: evictBytes(options) } : {};
}

/** Twice the last-level cache: whatever its replacement policy keeps, none of a call's data is among it. */
function evictBytes({ ceilings }: BenchOptions): number {
  const cacheBytes = Math.max(0, ...ceilings.map(({ lastLevelCacheBytes }) => lastLevelCacheBytes));
  return Math.min(2 * cacheBytes, MOST_EVICTED_BYTES);
}
