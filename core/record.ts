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
  /** Of implementations that ran in a browser: its name, its version, and what draws for it. Node is the harness's then. */
  readonly browser?: string;
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
  /** `"cpu"` when left out: the ceilings of the record are the processor's. */
  readonly device?: "cpu" | "gpu";
  /** The software driver that it computed on in place of a GPU: its times are no GPU's. */
  readonly software?: string;
  readonly status: Status;
  readonly reason?: string;
}

/** What a failed check found and all that is needed to see it again. Without a wrong element (a crash, say) the element's fields are absent. */
export interface Failure {
  /** benchdnn syntax; parses to the same problem. */
  readonly descriptor: string;
  readonly seed: number;
  /** The kind of data: see suites/data/operands.ts. */
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
  /** How many cases of the implementation, and milliseconds of judging it, came before the failure and with it. */
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
  /** Large problems of which some images of the batch were judged, for lack of time or memory: `name (2 of 256)`. */
  readonly fewerImages?: readonly string[];
  /** Error ÷ bound at the worst element of all cases (1 = at the bound); null where no case ran. */
  readonly margin: number | null;
  readonly failure?: Failure;
}

/** The samples of one round's process, in time order. Launches of one round have the same `startedAt`: they are neighbours in time. */
export interface Launch {
  readonly startedAt: string;
  readonly samplesMs: readonly number[];
  /** How many of the samples each turn gave, in order; the implementations of a round take turns, so equal turns are nearest in time. */
  readonly turns?: readonly number[];
}

/** What makes a time less certain than its interval says. */
export const TIMING_FLAGS = [
  "drift",
  "two-modes",
  "wide-interval",
  "throttled",
  "loaded-machine",
  "extra-threads",
  "software-driver",
] as const;

export interface TimingFlag {
  readonly kind: (typeof TIMING_FLAGS)[number];
  /** One sentence: what was seen, with its figures. */
  readonly message: string;
  /** One sentence: what to do. */
  readonly advice: string;
}

/** Who computes a layer that is no convolution: the implementation, or, where it has none, the plain TypeScript of impls/plain-layers. */
export type LayerOf = "implementation" | "plain-typescript";

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
  /** The machine's fast mode: median over rounds of a low quantile of each round's samples. It repeats where a median across modes does not. */
  readonly fastMs?: number | null;
  readonly fastCi95Ms?: readonly [number, number] | null;
  /** First and third quartile of all samples. */
  readonly quartilesMs?: readonly [number, number] | null;
  /** 95 % bootstrap interval of the median, rounds resampled first, then samples within a round; null with fewer than two rounds. */
  readonly ci95Ms: readonly [number, number] | null;
  /** 2 · multiply-adds ÷ median time. */
  readonly gflops: number | null;
  readonly launches: readonly Launch[];
  readonly planMs: number | null;
  readonly loadMs: number | null;
  /** The very first call after planning: compilation and first touches included; median over rounds. */
  readonly firstCallMs?: number | null;
  /** A call by the device's own clock, such as a GPU's timestamps, without submission and waiting; median over slices. */
  readonly deviceMs?: number;
  readonly workspaceBytes: number | null;
  /** Peak resident memory of the implementation's process while it held this plan, its library and the operands included. */
  readonly peakMemoryBytes?: number | null;
  /**
   * What was timed where it is no convolution: the kind of layer, or `end-to-end` for all layers of the pass in one call, which counts in no sum.
   * `problem` is then a description, and `gflops` null (of `end-to-end`: the convolutions' operations over all time).
   */
  readonly kind?: string;
  /** Of a layer that is no convolution. */
  readonly layerOf?: LayerOf;
  /** What the plan chose, of an implementation that has several ways to compute. */
  readonly choice?: string;
  /** How often the network uses the layer (1 when absent); `medianMs` is of one use. */
  readonly multiplicity?: number;
  readonly flags?: readonly TimingFlag[];
  /** The timed output was checked and held; a time without this is never shown. */
  readonly verified: boolean;
  /** Error ÷ bound at the worst judged element of the timed output. */
  readonly margin: number | null;
}

/** What the machine can do at most in float32 with `threads` threads, measured in the run of the timings beside it. */
export interface Ceilings {
  readonly threads: number;
  /** Multiply-adds in registers, as WebAssembly SIMD reaches them; 2 operations each. */
  readonly wasmGflops: number;
  /** Which instructions that took: relaxed SIMD has a fused multiply-add. */
  readonly wasmInstructions: "relaxed-simd" | "simd";
  /** The best native matrix product that could be run here; null where no native library is installed. */
  readonly nativeGflops: number | null;
  /** What ran, in words. */
  readonly nativeSource: string;
  /** No honest rate is above this: vector width × units × 2 × clock × cores, from what the processor says of itself. */
  readonly plausibleGflops: number;
  /** How that was reckoned, in words. */
  readonly plausibleBasis: string;
  /** Bytes read and written each second, beyond the last-level cache. */
  readonly bandwidthGBs: number;
  readonly lastLevelCacheBytes: number;
}

/** A cell against another: `ratio` is new time ÷ old time. */
export interface ComparisonEntry {
  readonly impl: string;
  /** The implementation it is compared with. */
  readonly against: string;
  readonly suite: string;
  readonly layer: string;
  readonly problem: string;
  readonly pass: Pass;
  readonly threads: number;
  readonly cache: "hot" | "cold";
  readonly verdict: "faster" | "slower" | "same" | "inconclusive";
  /** One sentence: why it is inconclusive, or what carries the verdict. */
  readonly reason?: string;
  /** `same-rounds`: timed beside each other. `anchor`: two runs, each relative to an anchor kernel that both timed. */
  readonly method: "same-rounds" | "anchor";
  readonly ratio: number | null;
  /** Of the ratio, corrected for the number of cells compared. */
  readonly interval: readonly [number, number] | null;
  /** Of that interval, before and after the correction: 0.95 for the whole run, say, is 0.99375 for each of eight cells. */
  readonly confidence: number;
  /** A change below this is none: 0.025 is 2.5 %. */
  readonly threshold: number;
  /** The smallest change, as a fraction, that this cell's noise would have let through to a verdict; null where no interval was had. */
  readonly smallestChange: number | null;
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
  /** Of a kernel that is timed beside the implementations on every layer, so that another run can be related to this one. */
  readonly anchors?: readonly TimingEntry[];
  /** One per thread count of the timings. */
  readonly ceilings?: readonly Ceilings[];
  readonly comparisons?: readonly ComparisonEntry[];
}
