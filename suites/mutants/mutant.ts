import type { Impl } from "../../core/plugin.ts";
import { PASSES, type ConvProblem, type Pass } from "../../core/problem.ts";
import type { DataKind } from "../data/operands.ts";
import { convolve, functionsOf, type Call, type Compute, type Handles } from "./convolution.ts";

/** What a mutant gets wrong. */
export type MutantKind =
  | "geometry"
  | "groups"
  | "bias"
  | "tails"
  | "tiles"
  | "thresholds"
  | "precision"
  | "state"
  | "special"
  | "operands"
  | "gradients"
  | "consistent"
  | "process"
  | "conjunction"
  | "reported"
  | "types";

/** Where a mutant is wrong: everywhere else its results are right. */
export interface Where {
  holds(problem: ConvProblem): boolean;
  /** A problem in which it is wrong. */
  readonly shows: ConvProblem;
  readonly pass: Pass;
  /** The fill that shows it; any fill does unless it is named. */
  readonly data?: DataKind;
  /** It is wrong in one of this many calls of the problem (1 unless it is named). */
  readonly calls?: number;
}

/** An implementation with one small fault. */
export interface Mutant {
  readonly name: string;
  readonly kind: MutantKind;
  /** The passes that are wrong; the others are right. */
  readonly passes: readonly Pass[];
  readonly impl: Impl;
  /** The public report that it is written after. */
  readonly source?: string;
  readonly where?: Where;
}

/** How a mutant differs from a right convolution. */
export type Mutation =
  /** By its values, which may depend on the problem. */
  | ((problem: ConvProblem, pass: Pass) => Handles)
  /** By what it does once the right result is there. */
  | { readonly after: (call: Call) => void | Promise<void> }
  /** By what it does around the right computation. */
  | { readonly around: (call: Call, compute: Compute) => void | Promise<void> };

export const ALL: readonly Pass[] = PASSES;
export const FORWARD: readonly Pass[] = ["forward"];
export const BACKWARD_DATA: readonly Pass[] = ["backwardData"];
export const BACKWARD_WEIGHTS: readonly Pass[] = ["backwardWeights"];
export const BACKWARD: readonly Pass[] = ["backwardData", "backwardWeights"];

/** A convolution that is right but for one mutation in these passes. */
export function mutant(
  kind: MutantKind,
  name: string,
  passes: readonly Pass[],
  mutation: Mutation,
  declared: Partial<Impl> = {},
): Mutant {
  const compute = (call: Call): void | Promise<void> => {
    if (!passes.includes(call.pass)) return convolve(call);
    if (typeof mutation === "function") return convolve(call, mutation(call.problem, call.pass));
    if ("around" in mutation) return mutation.around(call, convolve);
    convolve(call);
    return mutation.after(call);
  };
  return { name, kind, passes, impl: { ...functionsOf(compute), ...declared, name } };
}

/** A mutation of the problems that have a property; the others are computed correctly. */
export function onlyWhere(holds: (problem: ConvProblem) => boolean, mutation: Mutation): Mutation {
  if (typeof mutation === "function") return (problem, pass) => (holds(problem) ? mutation(problem, pass) : {});
  if ("after" in mutation) return { after: (call) => (holds(call.problem) ? mutation.after(call) : undefined) };
  return { around: (call, compute) => (holds(call.problem) ? mutation.around(call, compute) : compute(call)) };
}
