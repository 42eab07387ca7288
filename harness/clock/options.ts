import type { Layer } from "../../suites/suite.ts";
import type { Pass } from "../problem.ts";

/** What a bench run was asked to do. */
export interface BenchOptions {
  readonly suite: string;
  readonly layers: readonly Layer[];
  readonly passes: readonly Pass[];
  readonly seed: number;
  readonly threads: number;
  /** Samples per cell, all rounds together. */
  readonly cellMs: number;
  readonly rounds: number;
  /** How often the contenders take turns within a round and layer. */
  readonly turns: number;
}
