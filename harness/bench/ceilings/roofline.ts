import type { ConvProblem, Pass } from "../../../core/problem.ts";
import { byteCounts, multiplyAdds } from "../../../core/shape.ts";

/**
 * The nominal operations of a pass (2 · multiply-adds) for each byte that it must move: every float32 operand read
 * once, every result written once. FLOP per byte.
 * Source: Williams, Waterman and Patterson, "Roofline", CACM 52(4), 2009 (operational intensity, with compulsory
 * traffic alone).
 */
export function arithmeticIntensity(problem: ConvProblem, pass: Pass): number {
  const { operands, outputs } = byteCounts(problem, pass);
  return (2 * multiplyAdds(problem)) / (operands + outputs);
}

/**
 * The roofline at an intensity in FLOP per byte, in GFLOP/s: the arithmetic peak, or intensity × bandwidth, whichever
 * is lower. With data that is already in a cache the memory's part may be exceeded.
 * Source: Williams, Waterman and Patterson, "Roofline", CACM 52(4), 2009.
 */
export function attainableGflops(intensity: number, peakGflops: number, bandwidthGBs: number): number {
  return Math.min(peakGflops, intensity * bandwidthGBs);
}
