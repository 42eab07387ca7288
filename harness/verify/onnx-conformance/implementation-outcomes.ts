import { float32Tensors } from "../../../core/tensors.ts";
import { checkOutputs } from "../../check/convolution-check.ts";
import type { Implementation } from "../../runner/discovery.ts";
import { ImplementationProcess } from "../../runner/process.ts";
import { attempt } from "../attempt.ts";
import { Runner } from "../runner.ts";
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
  const runner = new Runner(description, 1, () => new ImplementationProcess(url, 1));
  const outcomes: OnnxOutcome[] = [];
  try {
    for (const test of tests) {
      if (test.kind === "convolution") outcomes.push(await outcomeOf(implementation, runner, test));
    }
  } finally {
    await runner.stop();
  }
  return outcomes;
}

async function outcomeOf(
  { name: by, description: { precision, arithmetic } }: Implementation,
  runner: Runner,
  { name, op, problem, operands }: Extract<OnnxTest, { readonly kind: "convolution" }>,
): Promise<OnnxOutcome> {
  const attempted = await attempt(runner, { limitMs: CASE_LIMIT_MS, data: "real" }, (tools) =>
    tools.compute(problem, "forward", operands),
  );
  if (attempted.kind === "unsupported") return { by, name, op, status: "unsupported", reason: attempted.reason };
  if (attempted.kind !== "done") return { by, name, op, status: "failed", margin: Infinity, reason: attempted.reason };
  const { outputs, algorithm } = attempted.value;
  const verdict = checkOutputs(
    problem,
    "forward",
    operands,
    float32Tensors(outputs),
    { algorithm, precision, arithmetic },
    1,
  );
  const { margin, fault } = verdict;
  if (fault === undefined) return { by, name, op, status: "passed", margin };
  return { by, name, op, status: "failed", margin, reason: fault.message };
}
