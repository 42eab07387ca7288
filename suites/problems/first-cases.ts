import type { DataKind } from "../../harness/data/operands.ts";
import type { ConvProblem } from "../../harness/problem.ts";
import { CORNER_PROBLEMS } from "./corner-problems.ts";
import { LARGE_PROBLEMS, LAYER_PROBLEMS, EXACT_SIZE_PROBLEMS } from "./size-problems.ts";

export interface FirstCase {
  readonly problem: ConvProblem;
  readonly data: DataKind;
  readonly seed: number;
}

/** Problems and data in the order of how many faults they find in a given time. */
const ORDER: readonly (readonly [DataKind, readonly ConvProblem[]])[] = [
  ["dense-exact", CORNER_PROBLEMS],
  ["dense-exact", LARGE_PROBLEMS],
  ["special", CORNER_PROBLEMS],
  ["wide-exact", CORNER_PROBLEMS],
  // Wide data has three variants, by turns: each large problem meets all.
  ["wide-exact", LARGE_PROBLEMS.flatMap((problem) => [problem, problem, problem])],
  ["dense-exact", LAYER_PROBLEMS],
  ["wide-exact", LAYER_PROBLEMS],
  ["sparse-exact", [...LARGE_PROBLEMS, ...LAYER_PROBLEMS]],
  ["real", CORNER_PROBLEMS],
  ["dense-exact", EXACT_SIZE_PROBLEMS],
  ["special", LARGE_PROBLEMS],
  ["wide-exact", EXACT_SIZE_PROBLEMS],
];

/** The cases that every run tries before it draws any, with the kinds of data that are asked for, each with a seed of its own from `seed` on. */
export function firstCases(kinds: readonly DataKind[], seed: number): readonly FirstCase[] {
  return ORDER.flatMap(([data, problems]) =>
    kinds.includes(data) ? problems.map((problem) => ({ problem, data })) : [],
  ).map(
    // Variants of the data go by the seed: with one for all, a run would see one variant of each kind.
    (example, index) => ({ ...example, seed: (seed + index) % 2 ** 31 }),
  );
}
