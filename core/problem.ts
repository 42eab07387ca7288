import type { ProblemType } from "./element-types.ts";
import type { Post } from "./posts.ts";

/**
 * The passes of a convolution layer, named as in oneDNN: `backwardData` gives dX, `backwardWeights` gives dW and dB.
 */
export type Pass = "forward" | "backwardData" | "backwardWeights";

export const PASSES: readonly Pass[] = ["forward", "backwardData", "backwardWeights"];

/** A convolution layer's geometry. The spatial rank is 1, 2 or 3 and equals `input.length`. */
export interface ConvProblem {
  /** N */
  readonly batch: number;
  /** C, divisible by groups */
  readonly inChannels: number;
  /** K, divisible by groups */
  readonly outChannels: number;
  /** G; depthwise when G = C */
  readonly groups: number;
  /** [H, W] */
  readonly input: readonly number[];
  /** [R, S] */
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  /** 1 = dense, as in ONNX and PyTorch */
  readonly dilation: readonly number[];
  /** [top, left] */
  readonly padBegin: readonly number[];
  /** [bottom, right]; a negative value crops the input */
  readonly padEnd: readonly number[];
  readonly bias: boolean;
  /** The formats of its tensors; "f32" when left out. */
  readonly type?: ProblemType;
  /** What follows the sum and the bias, in order; nothing when left out. */
  readonly post?: readonly Post[];
  readonly name?: string;
}
