import type { AnyTensors } from "../../core/tensors.ts";
import type { CallSteps, FreshSettings } from "./messages.ts";
import type { OpenPlan } from "./open-plan.ts";
import { randomWords } from "./operand-changes.ts";

/**
 * Calls from operands that the plan never had to outputs in hand, one after another; gives the steps of each and what
 * one of them gave, which nobody knows before. Nothing of the implementation's runs between the change of an operand
 * and the start of the clock, and only that one is compared, as it pushes a small layer's data out of the caches.
 */
export async function takeFreshCalls(
  plan: OpenPlan,
  { calls, set, operand, seed, checked }: FreshSettings,
  now: () => number,
): Promise<{
  readonly calls: readonly CallSteps[];
  readonly touched: readonly string[];
  readonly outputs: AnyTensors;
}> {
  const nextWord = randomWords(seed);
  const chosen = nextWord() % calls;
  const taken: CallSteps[] = [];
  let results: ReturnType<OpenPlan["resultsOf"]> = { outputs: {}, touched: [] };
  plan.expectRuns();
  for (let call = 0; call < calls; call++) {
    plan.change(set, operand, call === chosen ? checked : nextWord());
    const { given, ...steps } = await plan.freshCall(set, "nan", now);
    taken.push(steps);
    if (call === chosen) results = plan.resultsOf(given, "nan");
  }
  return { calls: taken, ...results };
}
