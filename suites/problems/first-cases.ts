import type { DataKind } from "../data/operands.ts";
import type { ConvProblem } from "../../core/problem.ts";
import { CORNER_PROBLEMS } from "./corner-problems.ts";
import { LARGE_PROBLEMS, LAYER_PROBLEMS, EXACT_SIZE_PROBLEMS } from "./size-problems.ts";

export interface FirstCase {
  readonly problem: ConvProblem;
  readonly data: DataKind;
  readonly seed: number;
}

/** The problem that implementations are made for: faults of their most common path show here first. */
const COMMON_PROBLEM: ConvProblem = {
  name: "common",
  batch: 1,
  inChannels: 8,
  outChannels: 8,
  groups: 1,
  input: [6, 6],
  kernel: [3, 3],
  stride: [1, 1],
  dilation: [1, 1],
  padBegin: [1, 1],
  padEnd: [1, 1],
  bias: true,
};
/** Neighbouring seeds take the variants of the data in turn: three of wide data, twelve of special values. */
const WIDE_VARIANTS = 3;
const SPECIAL_VARIANTS = 12;

/** How many seeds each problem is tried with. Of special cases, every third has a NaN. */
function times(count: number, problems: readonly ConvProblem[]): readonly ConvProblem[] {
  return problems.flatMap((problem) => Array.from({ length: count }, () => problem));
}

/** Problems and data; those that find the most faults in a given time come first. */
const ORDER: readonly (readonly [DataKind, readonly ConvProblem[]])[] = [
  ["dense-exact", [COMMON_PROBLEM]],
  ["wide-exact", times(WIDE_VARIANTS, [COMMON_PROBLEM])],
  ["special", times(SPECIAL_VARIANTS, [COMMON_PROBLEM])],
  ["dense-exact", CORNER_PROBLEMS],
  ["dense-exact", LARGE_PROBLEMS],
  ["special", CORNER_PROBLEMS],
  ["wide-exact", CORNER_PROBLEMS],
  ["dense-exact", EXACT_SIZE_PROBLEMS],
  ["wide-exact", times(3, LARGE_PROBLEMS)],
  ["dense-exact", LAYER_PROBLEMS],
  ["wide-exact", LAYER_PROBLEMS],
  ["sparse-exact", [...LARGE_PROBLEMS, ...LAYER_PROBLEMS]],
  ["real", CORNER_PROBLEMS],
  ["special", times(3, LARGE_PROBLEMS)],
  ["wide-exact", EXACT_SIZE_PROBLEMS],
];

/**
 * The cases that every run tries before it draws any, with the kinds of data that are asked for, each with a seed of
 * its own from `seed` on.
 */
export function firstCases(kinds: readonly DataKind[], seed: number): readonly FirstCase[] {
  return ORDER.flatMap(([data, problems]) =>
    kinds.includes(data) ? problems.map((problem) => ({ problem, data })) : [],
  ).map(
    // The seed selects the variant of the data: with one seed for all, a run would see one variant of each kind.
    (example, index) => ({ ...example, seed: (seed + index) % 2 ** 31 }),
  );
}
