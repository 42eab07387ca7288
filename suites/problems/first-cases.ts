import type { ConvProblem } from "../../core/problem.ts";
import type { DataKind } from "../data/operands.ts";

export interface FirstCase {
  readonly problem: ConvProblem;
  readonly data: DataKind;
  readonly seed: number;
}

/** The problem that implementations are made for: faults of their most common path show here first. */
export const COMMON_PROBLEM: ConvProblem = {
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

/** How often each fill is tried: neighbouring seeds take its variants in turn, three of wide and twelve of special. */
const TIMES: readonly (readonly [DataKind, times: number])[] = [
  ["dense-exact", 1],
  ["wide-exact", 3],
  ["special", 12],
  ["sparse-exact", 1],
  ["real", 1],
];

/** The common problem with every fill that is asked for, each with a seed of its own from `seed` on. */
export function firstCases(kinds: readonly DataKind[], seed: number): readonly FirstCase[] {
  return TIMES.flatMap(([data, times]) =>
    kinds.includes(data) ? Array.from({ length: times }, () => ({ problem: COMMON_PROBLEM, data })) : [],
  ).map((example, index) => ({ ...example, seed: (seed + index) % 2 ** 31 }));
}
