import { printDescriptor } from "./descriptor.ts";
import type { ConvProblem } from "./problem.ts";
import { problemFault } from "./problem-rules.ts";
import { UsageError } from "./usage-error.ts";

/**
 * Throws unless a problem can be run.
 * @throws {UsageError} one line: the broken rule, its values and the descriptor (the fields as JSON where a list has
 * the wrong length).
 */
export function validateProblem(problem: ConvProblem): void {
  const fault = problemFault(problem);
  if (fault === undefined) return;
  throw new UsageError(`conv: ${fault} (${printDescriptor(problem)})`);
}
