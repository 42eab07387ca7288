/** An implementation whose arithmetic is known, and what `identify` has to say of it. */
import type { FunctionImpl } from "../../../core/plugin.ts";
import type { ConvProblem, Pass } from "../../../core/problem.ts";
import { parseDescriptor } from "../../../core/descriptor.ts";
import { convolve, functionsOf, type Call, type Handles } from "../../../suites/mutants/convolution.ts";

export interface Known {
  readonly impl: FunctionImpl;
  /** A problem that it is asked about. */
  readonly problem: ConvProblem;
  readonly pass: Pass;
  /** A part of the finding. */
  readonly expected: Readonly<Record<string, unknown>>;
}

/** 72 products, padded. */
export const USUAL = problemOf("mb1_ic8ih4oc6kh3ph1");
/** Several tiles of most transforms. */
export const SMALL = problemOf("mb1_ic3ih14oc4kh3ph1");
export const PLANE = problemOf("mb2_ic3ih26oc4kh3ph1");

export function problemOf(descriptor: string, bias = true): ConvProblem {
  return parseDescriptor(descriptor, bias).problem;
}

export function implOf(
  name: string,
  compute: (call: Call) => void,
  declared: Partial<FunctionImpl> = {},
): FunctionImpl {
  return { ...functionsOf(compute), ...declared, name: `known-${name}` };
}

/** Direct sums with these handles. */
export function direct(
  name: string,
  handles: Handles | ((call: Call) => Handles),
  expected: Known["expected"],
  problem = USUAL,
  pass: Pass = "forward",
): Known {
  const compute = (call: Call): void => convolve(call, typeof handles === "function" ? handles(call) : handles);
  return { impl: implOf(name, compute), problem, pass, expected: { algorithm: { name: "direct" }, ...expected } };
}
