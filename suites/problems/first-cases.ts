import type { DataKind } from "../../harness/data/operands.ts";
import type { ConvProblem } from "../../harness/problem.ts";
import { CORNER_PROBLEMS } from "./corner-problems.ts";
import { LARGE_PROBLEMS, LAYER_PROBLEMS, EXACT_SIZE_PROBLEMS } from "./size-problems.ts";

export interface FirstCase {
  readonly problem: ConvProblem;
  readonly data: DataKind;
  readonly seed: number;
}

/** Each problem with three seeds: wide data has three variants, by turns, and every third special case has a NaN. */
function thrice(problems: readonly ConvProblem[]): readonly ConvProblem[] {
  return problems.flatMap((problem) => [problem, problem, problem]);
}

/** Problems and data in the order of how many faults they find in a given time. */
const ORDER: readonly (readonly [DataKind, readonly ConvProblem[]])[] = [
  ["dense-exact", CORNER_PROBLEMS],
  ["dense-exact", LARGE_PROBLEMS],
  ["special", CORNER_PROBLEMS],
  ["wide-exact", CORNER_PROBLEMS],
  ["dense-exact", EXACT_SIZE_PROBLEMS],
  ["wide-exact", thrice(LARGE_PROBLEMS)],
  ["dense-exact", LAYER_PROBLEMS],
  ["wide-exact", LAYER_PROBLEMS],
  ["sparse-exact", [...LARGE_PROBLEMS, ...LAYER_PROBLEMS]],
  ["real", CORNER_PROBLEMS],
  ["special", thrice(LARGE_PROBLEMS)],
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
