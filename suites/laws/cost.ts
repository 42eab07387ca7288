import type { ConvProblem } from "../../core/problem.ts";
import { elementCount, multiplyAdds, tensorShapes } from "../../core/shape.ts";
import type { ConvCase, Law } from "./law.ts";

/** Of one run of a law that computes several times, and looks at each element and its position. */
const MOST_MULTIPLY_ADDS = 200_000;
const MOST_ELEMENTS = 20_000;

/** Why a check of the case costs more than the law allows, in words; undefined where it does not. */
export function excessOf(law: Law, convCase: ConvCase): string | undefined {
  if (law.anySize === true) return undefined;
  for (const problem of new Set(law.runs(convCase))) {
    if (multiplyAdds(problem) > MOST_MULTIPLY_ADDS)
      return `too large for the law, which would run more than ${inWords(MOST_MULTIPLY_ADDS)} multiply-adds at once`;
    if (largestTensor(problem) > MOST_ELEMENTS)
      return `too large for the law, which would compare tensors of more than ${inWords(MOST_ELEMENTS)} elements`;
  }
  return undefined;
}

/**
 * A run with its messages, one of several that are computed together, a multiply-add and an element, made, moved and
 * checked; in milliseconds, as measured.
 */
const RUN_MS = 1;
const RUN_IN_BUNDLE_MS = 0.4;
/** A law that runs more often does so with one message. */
const MOST_MESSAGES = 20;
const MULTIPLY_ADD_MS = 1 / 100_000;
const ELEMENT_MS = 1 / 15_000;

/**
 * About how many milliseconds a check of the case takes on a usual machine by a usual implementation. It does not
 * depend on this machine: the order of cases that follows from it is the same everywhere.
 */
export function nominalMs(law: Law, convCase: ConvCase): number {
  const runs = law.runs(convCase);
  const runMs = law.computesOnce === true ? RUN_IN_BUNDLE_MS : RUN_MS;
  return runs.reduce(
    (sum, problem, at) => {
      const { x, weights, y } = tensorShapes(problem);
      const elements = at < MOST_MESSAGES ? elementCount(x) + elementCount(weights) + elementCount(y) : 0;
      return sum + multiplyAdds(problem) * MULTIPLY_ADD_MS + elements * ELEMENT_MS;
    },
    (law.waitMs ?? 0) + runMs * Math.min(runs.length, MOST_MESSAGES),
  );
}

/** Whether the law has something to say of the case, at a cost that it allows. */
export function canCheck(law: Law, convCase: ConvCase): boolean {
  return (law.applies?.(convCase) ?? true) && excessOf(law, convCase) === undefined;
}

function largestTensor(problem: ConvProblem): number {
  const { x, weights, y } = tensorShapes(problem);
  return Math.max(...[x, weights, y].map(elementCount));
}

function inWords(count: number): string {
  return count.toLocaleString("en-US");
}
