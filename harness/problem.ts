import { problemFault } from "../reference/problem-rules.ts";
import { elementCount, tensorShapes } from "../reference/shape.ts";
import { printDescriptor } from "./descriptor.ts";
import { UsageError } from "./usage-error.ts";

export { multiplyAdds } from "../reference/shape.ts";

/** The passes of a convolution layer, named as in oneDNN: `backwardData` gives dX, `backwardWeights` gives dW and dB. */
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
  readonly name?: string;
}

/**
 * Returns for a problem that can be run and throws for any other.
 * @throws {UsageError} one line: the broken rule, its values and the descriptor (the fields as JSON where a list has the wrong length).
 */
export function validateProblem(problem: ConvProblem): void {
  const fault = problemFault(problem);
  if (fault === undefined) return;
  throw new UsageError(`conv: ${fault} (${printDescriptor(problem)})`);
}

/**
 * The bytes of a pass's float32 operands and outputs, each tensor once: forward reads x, weights and bias and writes y;
 * backwardData reads dy and weights and writes dX; backwardWeights reads x and dy and writes dW and dB.
 */
export function byteCounts(problem: ConvProblem, pass: Pass): { readonly operands: number; readonly outputs: number } {
  const shapes = tensorShapes(problem);
  const [x, weights, y] = [elementCount(shapes.x), elementCount(shapes.weights), elementCount(shapes.y)];
  const bias = problem.bias ? elementCount(shapes.bias) : 0;
  const bytes = Float32Array.BYTES_PER_ELEMENT;
  switch (pass) {
    case "forward":
      return { operands: (x + weights + bias) * bytes, outputs: y * bytes };
    case "backwardData":
      return { operands: (y + weights) * bytes, outputs: x * bytes };
    case "backwardWeights":
      return { operands: (x + y) * bytes, outputs: (weights + bias) * bytes };
  }
}
