import type { Pass } from "./problem.ts";

/** benchdnn's statuses (oneDNN, tests/benchdnn/doc/benchdnn_general_info.md), and those that a run of strangers' code adds. */
export type Status =
  "passed" | "failed" | "unsupported" | "unavailable" | "mistrusted" | "crashed" | "timed-out" | "known-defect";

/** What a run met, where, and when. */
export interface Environment {
  /** ISO 8601, UTC */
  readonly startedAt: string;
  readonly benchconv: string;
  readonly node: string;
  readonly v8: string;
  readonly os: string;
  readonly cpu: string;
  /** Logical processors that this process may use. */
  readonly cores: number;
  readonly memoryBytes: number;
  /** One-minute load average when the run began (0 on Windows, which has none). */
  readonly loadAverage: number;
}

export interface ImplEntry {
  readonly name: string;
  readonly version?: string;
  /** The algorithm it is held to; `"per problem"` where the plugin gives a function. */
  readonly algorithm: string;
  readonly description?: string;
  readonly source?: string;
  readonly precision?: string;
  readonly arithmetic?: string;
  readonly status: Status;
  readonly reason?: string;
}

/** What a failed check found and all that is needed to see it again. Without a wrong element (a crash, say) the element's fields are absent. */
export interface Failure {
  /** benchdnn syntax; parses to the same problem. */
  readonly descriptor: string;
  readonly seed: number;
  /** The kind of data: see harness/data.ts. */
  readonly data: string;
  /** Which output: `y`, `dx`, `dWeights` or `dBias`. */
  readonly tensor?: string;
  /** Multi-index of the worst element in that output. */
  readonly index?: readonly number[];
  readonly got?: number;
  readonly expected?: number;
  readonly bound?: number;
  /** One sentence for people. */
  readonly message: string;
  /** Rows of text: a caption, then the plane of the output that holds the worst element, with the wrong ones marked. */
  readonly picture?: readonly string[];
  /** One sentence: how many elements are wrong, and along which axes they lie together. */
  readonly pattern?: string;
  /** How many cases of the contender, and milliseconds of judging it, came before the failure and with it. */
  readonly foundAfterCases?: number;
  readonly foundAfterMs?: number;
  /** A command that shows the failure again. */
  readonly rerun: string;
}

/** A `roundingRatio` above this is flagged as imprecise: twice what independent roundings leave is no chance. */
export const IMPRECISE_RATIO = 2;

export interface CheckEntry {
  readonly impl: string;
  readonly law: string;
  readonly pass: Pass;
  readonly status: Status;
  readonly reason?: string;
  readonly cases: number;
  /** Distinct problems among the cases. */
  readonly problems?: number;
  /** Multiply-adds of all cases together. */
  readonly multiplyAdds?: number;
  /** Root-mean-square error on real data ÷ the probabilistic bound (Higham and Mary 2019): at most about 1 for independent roundings. */
  readonly roundingRatio?: number;
  /** Large problems that were not judged for lack of time. */
  readonly leftOut?: readonly string[];
  /** Error ÷ bound at the worst element of all cases (1 = at the bound); null where no case ran. */
  readonly margin: number | null;
  readonly failure?: Failure;
}

/** The samples of one round's process, in time order. */
export interface Launch {
  readonly startedAt: string;
  readonly samplesMs: readonly number[];
}

export interface TimingEntry {
  readonly impl: string;
  readonly suite: string;
  readonly layer: string;
  /** The descriptor. */
  readonly problem: string;
  readonly pass: Pass;
  readonly threads: number;
  readonly cache: "hot" | "cold";
  readonly status: Status;
  readonly reason?: string;
  /** Median over rounds of each round's median sample; null where nothing was timed. */
  readonly medianMs: number | null;
  readonly minMs: number | null;
  /** 95 % bootstrap interval of the median, rounds resampled first, then samples within a round; null with fewer than two rounds. */
  readonly ci95Ms: readonly [number, number] | null;
  /** 2 · multiply-adds ÷ median time. */
  readonly gflops: number | null;
  readonly launches: readonly Launch[];
  readonly planMs: number | null;
  readonly loadMs: number | null;
  readonly workspaceBytes: number | null;
  /** The timed output was checked and held; a time without this is never shown. */
  readonly verified: boolean;
  /** Error ÷ bound at the worst judged element of the timed output. */
  readonly margin: number | null;
}

export const RECORD_SCHEMA = "benchconv/1";

/** One run of verify or bench, as it is kept in a JSON file; non-finite numbers and −0 are strings there. */
export interface RunRecord {
  readonly schema: typeof RECORD_SCHEMA;
  readonly environment: Environment;
  readonly command: string;
  readonly impls: readonly ImplEntry[];
  readonly checks: readonly CheckEntry[];
  readonly timings: readonly TimingEntry[];
}
