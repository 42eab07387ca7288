import type { Impl } from "../../core/plugin.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { convolve, functionsOf, type Call, type Compute, type Handles } from "./convolution.ts";

/** Where a fault sits. */
export type FaultKind =
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

export interface CataloguedFault {
  readonly name: string;
  readonly kind: FaultKind;
  /** The passes that are wrong; the others are right. */
  readonly passes: readonly Pass[];
  readonly impl: Impl;
}

/** What makes a fault: handles that depend on the problem, or something done around the right computation. */
type Making =
  | ((problem: ConvProblem, pass: Pass) => Handles)
  | { readonly around: (call: Call, compute: Compute) => void | Promise<void> };

export const ALL: readonly Pass[] = ["forward", "backwardData", "backwardWeights"];
export const FORWARD: readonly Pass[] = ["forward"];
export const BACKWARD_DATA: readonly Pass[] = ["backwardData"];
export const BACKWARD_WEIGHTS: readonly Pass[] = ["backwardWeights"];
export const BACKWARD: readonly Pass[] = ["backwardData", "backwardWeights"];

/** A fault of a kind in some passes of a convolution that is otherwise right. */
export function fault(
  kind: FaultKind,
  name: string,
  passes: readonly Pass[],
  making: Making,
  declared: Partial<Impl> = {},
): CataloguedFault {
  const compute = (call: Call): void | Promise<void> => {
    if (!passes.includes(call.pass)) return convolve(call);
    if (typeof making === "function") return convolve(call, making(call.problem, call.pass));
    return making.around(call, convolve);
  };
  return { name, kind, passes, impl: { ...functionsOf(compute), ...declared, name } };
}
