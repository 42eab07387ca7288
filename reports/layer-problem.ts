import { arithmeticIntensity } from "../harness/bench/ceilings/roofline.ts";
import { parseDescriptor } from "../core/descriptor.ts";
import type { ConvProblem, Pass } from "../core/problem.ts";

const problems = new Map<string, ConvProblem | null>();

/** The problem of a timing's descriptor, with a bias as networks have it; null where the text is not a descriptor. */
export function problemOf(descriptor: string): ConvProblem | null {
  const known = problems.get(descriptor);
  if (known !== undefined) return known;
  const problem = parsed(descriptor);
  problems.set(descriptor, problem);
  return problem;
}

function parsed(descriptor: string): ConvProblem | null {
  try {
    return parseDescriptor(descriptor).problem;
  } catch {
    return null;
  }
}

/** N of a convolution, of another layer or of a call of all layers; null where the text says none. */
export function batchOf(descriptor: string): number | null {
  const batch = problemOf(descriptor)?.batch ?? /_mb(\d+)_/.exec(descriptor)?.[1];
  return batch === undefined ? null : Number(batch);
}

/** FLOP per byte that a layer moves at least; null where the text is not a descriptor. */
export function intensityOf(descriptor: string, pass: Pass): number | null {
  const problem = problemOf(descriptor);
  return problem === null ? null : arithmeticIntensity(problem, pass);
}
