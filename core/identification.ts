/** What `identify` found of how an implementation computes. What cannot be told is null, and `reasons` says why. */
import type { Pass } from "./problem.ts";

/** Operands as the multiplier takes them. `bf16x3`: the sum of two bf16, three of the four products. */
export type ProductType = "f32" | "tf32" | "bf16" | "f16" | "bf16x3" | "bf16x4" | "tf32x3";

export type SumType = "f16" | "f32" | "f64";

export interface FoundAlgorithm {
  /** `direct` includes every matrix product. */
  readonly kind: "direct" | "winograd" | "fft";
  /** Outputs of a tile along each axis; absent of direct sums, and where a transform has the whole plane. */
  readonly tile?: readonly number[];
  /** Where the first whole tile begins, modulo the tile: 0 is the corner of the output. */
  readonly origin?: readonly number[];
  /** In words: `direct`, `winograd(4,3)`, `fft`. */
  readonly name: string;
}

export interface FoundAccumulator {
  /** Of the sums of products. */
  readonly type: SumType;
  readonly rounding: "nearest" | "toward-zero";
  /** Of the sums of partial sums, where it is another. */
  readonly between?: SumType;
  /** The running sum is rounded to float32 after every so many summands. */
  readonly roundedEvery?: number;
}

export type OrderShape = "sequence" | "reversed" | "lanes" | "blocks" | "split-k" | "pairwise" | "nested";

export interface FoundOrder {
  readonly shape: OrderShape;
  /** Sums that run side by side, each over every so-many-th product. */
  readonly lanes?: number;
  /** Products of a part that is summed by itself. */
  readonly block?: number;
  /** What is more than a block and less than two is summed in two halves. */
  readonly rest?: "halves";
  /** How many parts there are. */
  readonly parts?: number;
  /** How partial sums are added. */
  readonly combine?: "sequence" | "backwards" | "halves" | "neighbours" | "other";
  /** The index that changes most slowly: `channel`, `row`, `column`, `depth`. */
  readonly outermost?: string;
  /** The loops from the outermost to the innermost, such as `channel/16 row column channel%16`. */
  readonly loops?: string;
  readonly bias?: "first" | "last" | "between";
  /** In words. */
  readonly text: string;
  /** The tree: numbers are products in memory order (channel, row, column), `a..b` a sequence, `bias` the bias. */
  readonly tree: string;
}

export type Kept = "kept" | "flushed";

export interface FoundSubnormals {
  readonly inputs: Kept;
  readonly weights: Kept;
  readonly products: Kept;
  readonly sums: Kept;
}

export interface FoundZeros {
  /** Whether zeros of the padding are multiplied: then an infinite weight over padding gives NaN. */
  readonly padding: "multiplied" | "skipped" | null;
  readonly data: "multiplied" | "skipped" | null;
}

/** Whether the bits stay where something changes that should not matter. */
export interface FoundInvariance {
  readonly runs: boolean | null;
  readonly threads: boolean | null;
  readonly batchPosition: boolean | null;
  readonly batchSize: boolean | null;
  readonly filterPosition: boolean | null;
  readonly outputPosition: boolean | null;
  readonly alignment: boolean | null;
}

/** One probe: what was asked, what came, and what else would have come. */
export interface Evidence {
  readonly probe: string;
  readonly got: string;
  readonly expected: string;
}

/** What was found for one problem. */
export interface Finding {
  /** Its descriptor. */
  readonly problem: string;
  readonly bias: boolean;
  readonly algorithm: FoundAlgorithm | null;
  readonly products: ProductType | null;
  readonly accumulator: FoundAccumulator | null;
  readonly order: FoundOrder | null;
  readonly fma: boolean | null;
  readonly subnormals: FoundSubnormals | null;
  readonly zeros: FoundZeros | null;
  readonly invariant: FoundInvariance | null;
  /** Of the bits of the outputs of fixed data: another digest is another arithmetic. */
  readonly digest: string | null;
  readonly evidence: readonly Evidence[];
  /** By the field that is null, or by a part of it: why. */
  readonly reasons: Readonly<Record<string, string>>;
  readonly milliseconds: number;
}

/** A size from which on the same sums have other bits. */
export interface FoundSwitch {
  /** Such as `channels of 3×3`. */
  readonly factor: string;
  readonly at: number;
  /** The last size before it. */
  readonly before: number;
  /** Which findings differ, in words; empty where only the bits do. */
  readonly changes: readonly string[];
}

/** What `identify --json` writes of an implementation. */
export interface Identification {
  readonly impl: string;
  readonly version?: string;
  readonly pass: Pass;
  readonly findings: readonly Finding[];
  readonly switches: readonly FoundSwitch[] | null;
  /** Of all problems together: false where any of them is not. */
  readonly invariant: {
    readonly batch: boolean | null;
    readonly threads: boolean | null;
    readonly runs: boolean | null;
  };
  readonly reasons: Readonly<Record<string, string>>;
}
