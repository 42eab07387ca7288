import type { Impl } from "../../core/plugin.ts";
import { PASSES, type ConvProblem, type Pass } from "../../core/problem.ts";
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
  | "process";

/** An implementation with one small fault. */
export interface Mutant {
  readonly name: string;
  readonly kind: MutantKind;
  /** The passes that are wrong; the others are right. */
  readonly passes: readonly Pass[];
  readonly impl: Impl;
}

/** How a mutant differs from a right convolution. */
type Mutation =
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
