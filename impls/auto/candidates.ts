import type { PlanImpl } from "../../core/plugin.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { elementCount, multiplyAdds, outputShape } from "../../core/shape.ts";
import { planeOf, tilesOf } from "../support/unit-stride.ts";
import depthwise from "../wasm-depthwise/index.ts";
import { correlationCost, correlationOf, gradientCost } from "../wasm-fft/geometry.ts";
import fft from "../wasm-fft/index.ts";
import { planeLengths } from "../wasm-fft/weights-gradient.ts";
import gemm from "../wasm-gemm/index.ts";
import { tileFor } from "../wasm-winograd/geometry.ts";
import { wasmWinograd } from "../wasm-winograd/index.ts";

/** An implementation that may be picked, with what its time depends on. */
export interface Candidate {
  readonly impl: PlanImpl;
  /** Multiplications of the algorithm in one pass, or for Fourier transforms an equivalent cost. */
  readonly multiplications: (problem: ConvProblem, pass: Pass) => number;
  /** False where it cannot be the quickest, so that its cost need not be computed. */
  readonly isWorthwhile?: (problem: ConvProblem) => boolean;
  /** Whether its plans use more than one thread. */
  readonly isThreaded: boolean;
}

export const CANDIDATES: readonly Candidate[] = [
  { impl: gemm, multiplications: multiplyAdds, isThreaded: true },
  { impl: wasmWinograd, multiplications: winogradMultiplications, isThreaded: true },
  { impl: depthwise, multiplications: multiplyAdds, isThreaded: false },
  { impl: fft, multiplications: fftMultiplications, isWorthwhile: hasWideKernel, isThreaded: true },
];

/** Fourier transforms save nothing with at most nine taps or with few outputs. */
function hasWideKernel(problem: ConvProblem): boolean {
  return elementCount(problem.kernel) > 9 && elementCount(outputShape(problem)) >= 16;
}

function fftMultiplications(problem: ConvProblem, pass: Pass): number {
  return pass === "backwardWeights"
    ? gradientCost(problem, planeLengths(problem))
    : correlationCost(correlationOf(problem, pass));
}

/** (m + 2)² for each tile and pair of channels. */
function winogradMultiplications(problem: ConvProblem, pass: Pass): number {
  const { batch, inChannels, outChannels, groups } = problem;
  const m = tileFor(problem, pass);
  const outputs = planeOf(pass === "backwardData" ? problem.input : outputShape(problem));
  return (m + 2) ** 2 * batch * elementCount(tilesOf(outputs, [m, m])) * outChannels * (inChannels / groups);
}

/** Elements of data, outputs and weights: what every algorithm reads or writes at least once. */
export function elements(problem: ConvProblem): number {
  const { batch, inChannels, outChannels, groups, kernel, input } = problem;
  const weights = outChannels * (inChannels / groups) * elementCount(kernel);
  return batch * (inChannels * elementCount(input) + outChannels * elementCount(outputShape(problem))) + weights;
}
