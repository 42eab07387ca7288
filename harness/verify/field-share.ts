import type { Pass } from "../../core/problem.ts";
import type { CheckEntry } from "../../core/record.ts";
import { multiplyAdds } from "../../core/shape.ts";
import { FIELD_LAYERS } from "../../suites/problems/field-layers.ts";
import { attempt } from "./attempt.ts";
import { CASE_LIMIT_MS } from "./check.ts";
import type { Runner } from "./runner.ts";

/** How long an implementation is asked about layers, in one pass. */
const ASKING_MS = 500;

/**
 * How many layers of the field an implementation that declines problems does: each is opened, and not run. Those that
 * there is no time for are not counted.
 */
export async function fieldShare(
  runner: Runner,
  pass: Pass,
  askingMs = ASKING_MS,
): Promise<NonNullable<CheckEntry["fieldLayers"]>> {
  const deadline = performance.now() + askingMs;
  let [asked, supported] = [0, 0];
  for (const problem of FIELD_LAYERS.toSorted((one, other) => multiplyAdds(one) - multiplyAdds(other))) {
    if (performance.now() > deadline || runner.isStopped || runner.isPastItsEnd) break;
    const { kind } = await attempt(runner, { limitMs: CASE_LIMIT_MS, data: "real" }, async (tools) => {
      const plan = await tools.open(runner.typed(problem), pass);
      await plan.close();
    });
    if (kind === "done" || kind === "known-defect" || kind === "unsupported") asked++;
    if (kind === "done" || kind === "known-defect") supported++;
  }
  return { supported, asked };
}
