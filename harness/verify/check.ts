import { excessOf } from "../../suites/laws/cost.ts";
import type { ConvCase, Law } from "../../suites/laws/law.ts";
import { attempt, type AttemptLimits } from "./attempt.ts";
import type { Outcome } from "./outcome.ts";
import type { Runner } from "./runner.ts";

/** One request of a small case; an implementation that takes longer hangs. */
export const CASE_LIMIT_MS = 5_000;

/** One case by one law. Whatever the implementation does is an outcome: what this throws is a defect of the harness. */
export async function check(
  runner: Runner,
  law: Law,
  given: ConvCase,
  options: Omit<AttemptLimits, "data">,
): Promise<Outcome> {
  const { problem: asked } = given;
  const problem = runner.typed(asked);
  const convCase = problem === asked ? given : { ...given, problem };
  const isPlain = (problem.type ?? "f32") === "f32" && problem.post === undefined;
  if ((!isPlain && law.anyType !== true) || law.applies?.(convCase) === false)
    return { kind: "inapplicable", convCase };
  const excess = excessOf(law, convCase);
  if (excess !== undefined) return { kind: "too-large", convCase, reason: excess };
  const { data, threads } = convCase;
  const attempted = await attempt(runner, { ...options, data, threads }, async (tools) => {
    const verdict = await law.check(tools, convCase);
    return { verdict, wrong: tools.wrongOutputs(convCase) };
  });
  if (attempted.kind !== "done") return { ...attempted, convCase };
  const { cost, value } = attempted;
  const { verdict, wrong } = value;
  const { fault } = verdict;
  // The declaration lets anything be right there, and that is what came out.
  if (fault === undefined && verdict.excludedElements === verdict.elements) return { kind: "inapplicable", convCase };
  if (fault === undefined) return { kind: "passed", convCase, verdict, cost };
  return { kind: "failed", convCase, verdict, fault, cost, ...(wrong === undefined ? {} : { wrong }) };
}
