import { CacheEvictor } from "./cache-evictor.ts";
import type { CallSteps, FreshSettings, MovingSteps } from "./messages.ts";
import type { OpenPlan } from "./open-plan.ts";
import type { OutputSet } from "./output-watch.ts";
import type { PluginRealm } from "./plugin-realm.ts";

/** Fewer say nothing of how far they differ. */
const FEWEST_MOVES = 4;

type Clock = Pick<PluginRealm, "now" | "clockGrainMs">;

/**
 * Calls from operands that the plan never had to outputs in hand, one after another; gives the steps of each, and keeps
 * the outputs of all. Nothing of the implementation's runs between the changes and the first call, and the outputs are
 * taken before anything that it has left to a timer.
 */
export async function takeFreshCalls(
  plan: OpenPlan,
  { set, operand, changes, evictBytes }: FreshSettings,
  clock: Clock,
): Promise<MovingSteps & { readonly calls: readonly CallSteps[] }> {
  const evictor = evictBytes === undefined ? undefined : new CacheEvictor(evictBytes);
  const sets = plan.variants(set, operand, changes.length);
  for (const [call, change] of changes.entries()) plan.change(sets[call] ?? set, operand, change);
  plan.expectRuns();
  const taken: (CallSteps & { readonly given: OutputSet })[] = [];
  for (const each of sets) {
    evictor?.evict(clock.now);
    taken.push(await plan.freshCall(each, "nan", clock.now));
  }
  plan.keepFresh(taken.map(({ given }) => plan.resultsOf(given, "nan")));
  return { calls: taken.map(stepsOf), ...(await movingSteps(plan, sets, clock, evictor)) };
}

/** The same calls of a plan that only copies, and of one that does nothing. */
export async function movingSteps(
  plan: OpenPlan,
  sets: readonly number[],
  { now, clockGrainMs }: Clock,
  evictor?: CacheEvictor,
): Promise<MovingSteps> {
  const turns = Math.max(sets.length, FEWEST_MOVES);
  const callsOf = async (control: OpenPlan): Promise<readonly CallSteps[]> => {
    const calls: CallSteps[] = [];
    for (let turn = 0; turn <= turns; turn++) {
      evictor?.evict(now);
      calls.push(stepsOf(await control.freshCall(sets[turn % sets.length] ?? 0, "nan", now)));
    }
    // The first allocates.
    return calls.slice(1);
  };
  const copies = plan.isFunction ? [] : await callsOf(plan.control("copies"));
  return { copies, empties: await callsOf(plan.control("nothing")), grainMs: clockGrainMs };
}

function stepsOf({ loadMs, runMs, readMs }: CallSteps): CallSteps {
  return { loadMs, runMs, readMs };
}
