/**
 * The sizes at which the arithmetic changes.
 *
 * Idea: the same sums at two sizes of a factor, with zeros where the larger has more (`suites/problems/
 * switch-probes.ts`): other bits are another arithmetic. Bisection between powers of two, and between these and their
 * neighbours, finds the first size of the new one; both sides are then identified, and what differs is told.
 *
 * Limits: the factors and problems of the probes; a change that is undone within a gap is not seen, and at most two are
 * found in each gap.
 */
import type { FoundSwitch } from "../../core/identification.ts";
import type { Pass } from "../../core/problem.ts";
import { outputNames } from "../../core/tensors.ts";
import { commonBits, probeOperands, SWITCH_PROBES, type SwitchProbe } from "../../suites/problems/switch-probes.ts";
import type { Runner } from "../verify/runner.ts";
import { switchesOf, type Switch } from "../verify/sources/switch-search.ts";
import { answered, computeBy } from "./calls.ts";
import { changesOf } from "./compare.ts";
import { identifyProblem } from "./identify-problem.ts";

/** Looks along all factors as long as `goesOn`, which is asked before each call. */
export async function* findSwitches(
  runner: Runner,
  pass: Pass,
  goesOn: () => boolean,
): AsyncGenerator<FoundSwitch, void, undefined> {
  const told = new Set<string>();
  for (const scale of ["powers", "neighbours"] as const) {
    for (const probe of SWITCH_PROBES) {
      const found: Switch[] = [];
      const search = switchesOf(probe, scale, (one) => found.push(one));
      for (let next = search.next(); next.done !== true;) {
        if (!goesOn()) return;
        next = search.next(await digestAt(runner, pass, probe, next.value));
      }
      for (const { at, before } of found) {
        const name = `${probe.name} ${at}`;
        if (told.has(name)) continue;
        told.add(name);
        yield { factor: probe.name, at, before, ...(await changesAt(runner, pass, probe, before, at)) };
      }
    }
  }
}

async function digestAt(
  runner: Runner,
  pass: Pass,
  probe: SwitchProbe,
  { value, real }: { readonly value: number; readonly real: number },
): Promise<number | undefined> {
  const compute = computeBy(runner, pass, runner.threads);
  const answer = await answered(() => compute(probe.problemOf(value), probeOperands(probe, pass, value, real)));
  return answer.kind === "answered"
    ? hashOf(commonBits(probe, pass, value, real, { [outputNames(probe.problemOf(value), pass)[0]!]: answer.value }))
    : undefined;
}

/** FNV-1a over words. */
function hashOf(words: Uint32Array): number {
  return words.reduce((hash, word) => Math.imul(hash ^ word, 0x01000193) >>> 0, 0x811c9dc5);
}

async function changesAt(
  runner: Runner,
  pass: Pass,
  probe: SwitchProbe,
  before: number,
  at: number,
): Promise<Pick<FoundSwitch, "changes">> {
  const findingAt = (value: number) =>
    answered(() =>
      identifyProblem(
        probe.problemOf(value),
        { pass, usual: computeBy(runner, pass, runner.threads) },
        { invariance: false, order: true },
      ),
    );
  const [old, next] = [await findingAt(before), await findingAt(at)];
  if (old.kind !== "answered" || next.kind !== "answered") return { changes: [] };
  return { changes: changesOf(old.value, next.value) };
}
