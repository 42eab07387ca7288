import type { ConvProblem } from "../../core/problem.ts";
import { effectiveKernelSize } from "../../core/shape.ts";
import type { ConvCase } from "./law.ts";

/** No NaN, Infinity or result that overflows, with which equations between results do not hold. */
export function isPlain({ data }: ConvCase): boolean {
  return data !== "special";
}

/** The problem with its input enlarged, where the dilated kernel does not fit it, until it does. */
export function fitted(problem: ConvProblem): ConvProblem {
  const input = problem.input.map((extent, axis) => {
    const padding = problem.padBegin[axis]! + problem.padEnd[axis]!;
    return Math.max(extent, effectiveKernelSize(problem.kernel[axis]!, problem.dilation[axis]!) - padding);
  });
  return { ...problem, input };
}

/** The same value on each axis. */
export function onAllAxes(problem: ConvProblem, value: number): number[] {
  return problem.input.map(() => value);
}

/** The case with the problem that a law is about. */
export function withProblem(convCase: ConvCase, problem: ConvProblem): ConvCase {
  return { ...convCase, problem };
}
