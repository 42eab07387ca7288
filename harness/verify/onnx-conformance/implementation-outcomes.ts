import { judge } from "../../check/index.ts";
import type { Implementation } from "../../runner/discovery.ts";
import { ImplementationProcess } from "../../runner/process.ts";
import { ImplementationFailure, ImplementationSession, NotSupported } from "../session.ts";
import type { OnnxVerdict } from "./check.ts";
import type { OnnxTest } from "./run.ts";

/** What became of a conformance case: by the reference, or by an implementation. */
export type OnnxOutcome = OnnxVerdict & { readonly by: string; readonly name: string; readonly op: string };

/** An implementation may take this long for a case. */
const CASE_LIMIT_MS = 20_000;

/** The Conv cases among these, by an implementation in a process of its own. */
export async function implementationOutcomes(
  implementation: Implementation,
  tests: readonly OnnxTest[],
): Promise<readonly OnnxOutcome[]> {
  const { description, url } = implementation;
  const session = new ImplementationSession(description, 1, CASE_LIMIT_MS, () => new ImplementationProcess(url, 1));
  const outcomes: OnnxOutcome[] = [];
  try {
    for (const test of tests) {
      if (test.kind === "convolution") outcomes.push(await outcomeOf(implementation, session, test));
    }
  } finally {
    await session.stop();
  }
  return outcomes;
}

async function outcomeOf(
  { name: by, description: { precision, arithmetic } }: Implementation,
  session: ImplementationSession,
  { name, op, problem, operands }: Extract<OnnxTest, { readonly kind: "convolution" }>,
): Promise<OnnxOutcome> {
  try {
    const { outputs, algorithm } = await session.compute(problem, "forward", operands);
    const verdict = judge(problem, "forward", operands, outputs, { algorithm, precision, arithmetic }, 1);
    const { margin, fault } = verdict;
    if (fault === undefined) return { by, name, op, status: "passed", margin };
    return { by, name, op, status: "failed", margin, reason: fault.message };
  } catch (error) {
    if (error instanceof NotSupported) return { by, name, op, status: "unsupported", reason: error.message };
    if (error instanceof ImplementationFailure)
      return { by, name, op, status: "failed", margin: Infinity, reason: error.message };
    throw error;
  }
}
