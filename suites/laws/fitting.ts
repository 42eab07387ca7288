import type { ConvProblem } from "../../core/problem.ts";
import { elementCount, multiplyAdds, effectiveKernelSize, tensorShapes } from "../../core/shape.ts";
import type { ConvCase } from "./law.ts";

/** Algebraic laws compute a case more than once: this is the most multiply-adds of the largest of their problems. */
const MOST_MULTIPLY_ADDS = 200_000;
/** The most elements of a tensor: they are compared one by one, with their positions. */
const MOST_ELEMENTS = 20_000;

/** Finite data, and problems that are small enough to be computed several times. */
export function isPlainAndSmall({ data }: ConvCase, ...problems: readonly ConvProblem[]): boolean {
  if (data === "special") return false;
  return problems.every((problem) => {
    const { x, weights, y } = tensorShapes(problem);
    return (
      multiplyAdds(problem) <= MOST_MULTIPLY_ADDS &&
      [x, weights, y].every((shape) => elementCount(shape) <= MOST_ELEMENTS)
    );
  });
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
