import type { TimedLayer } from "../../../suites/suite.ts";
import type { Pass } from "../../../core/problem.ts";
import type { Ceilings, TimingEntry } from "../../../core/record.ts";

/** What a bench run was asked to do. */
export interface BenchOptions {
  readonly suite: string;
  /** What `--suite` was given, for commands that show a failure again, where it is not the suite's name. */
  readonly suiteSelector?: string;
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
  /** A cell whose interval is narrow takes part in so many rounds, any other in up to `mostRounds`. */
  readonly leastRounds: number;
  readonly mostRounds: number;
  /** How often the implementations take turns within a round and layer. */
  readonly turns: number;
  /** One per thread count: the plausible limit voids a time. */
  readonly ceilings: readonly Ceilings[];
  /** Cells of an interrupted run, to go on with. */
  readonly earlier: readonly TimingEntry[];
}

/** The time of one slice: an implementation's turn on one layer. */
export function sliceMs({ cellMs, mostRounds, turns }: BenchOptions): number {
  return cellMs / (mostRounds * turns);
}
