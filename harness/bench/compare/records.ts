import type { ComparisonEntry, RunRecord, TimingEntry } from "../../../core/record.ts";
import { UsageError } from "../../../core/usage-error.ts";
import { apartReason, cellKey, isTimed, questionKey, questionOf, untimedReason } from "./cells.ts";
import { difference, FEWEST_ROUNDS, logRatios, trimmedMean, type Estimate } from "./change.ts";
import { commonControl, controlTimes, FEWEST_CONTROL_CELLS, unevenness, type ControlTimes } from "./control.ts";
import { assertSameMachine } from "./machine.ts";
import { findingOf, inconclusive, type ComparisonLimits, type Finding } from "./verdict.ts";

export interface CompareRecordsOptions extends Pick<ComparisonLimits, "threshold"> {
  /** Compare records of different machines. */
  readonly force: boolean;
}

/** A cell of the newer record, and the same cell of the older where it has one. */
interface Pair {
  readonly newer: TimingEntry;
  readonly older: TimingEntry | undefined;
}

/** The control benchmark in both runs. */
interface Control {
  readonly name: string;
  readonly before: ControlTimes;
  readonly after: ControlTimes;
  readonly unevenness: Estimate | undefined;
}

/**
 * Each cell of `record` against the same cell of `baseline`, an earlier run, through a control benchmark that both
 * timed in every round: ratio = (cell ÷ control, now) ÷ (cell ÷ control, then). The interval accounts for the rounds
 * of both runs and for how unevenly the control benchmark itself changed over the layers (docs/comparison.md). Where
 * that carries no claim the cell is inconclusive and says why. Cells that only the baseline has are left out.
 * @throws UsageError when the records are of different machines (unless forced) or have no cell in common
 */
export function compareRecords(
  baseline: RunRecord,
  record: RunRecord,
  { threshold, force }: CompareRecordsOptions,
): readonly ComparisonEntry[] {
  if (!force) assertSameMachine(baseline.environment, record.environment, "compare with");
  const older = new Map(baseline.timings.map((entry) => [cellKey(entry), entry]));
  const pairs = record.timings.map((newer): Pair => ({ newer, older: older.get(cellKey(newer)) }));
  if (pairs.every((pair) => pair.older === undefined)) {
    throw new UsageError(
      "the records have no cell in common: no implementation was timed on the same layer, problem, pass, threads " +
        "and cache state in both",
    );
  }
  const control = controlOf(baseline, record);
  const cells = pairs.filter((pair) => isTimed(pair.newer) && pair.older !== undefined && isTimed(pair.older)).length;
  return pairs.map((pair) => ({
    impl: pair.newer.impl,
    against: pair.newer.impl,
    ...questionOf(pair.newer),
    method: "anchor",
    ...findingThrough(control, pair, { threshold, cells }),
  }));
}

function controlOf(baseline: RunRecord, record: RunRecord): Control | undefined {
  const name = commonControl([baseline, record]);
  if (name === undefined) return undefined;
  const before = controlTimes(baseline, name);
  const after = controlTimes(record, name);
  return { name, before, after, unevenness: unevenness(before, after) };
}

function findingThrough(control: Control | undefined, { newer, older }: Pair, limits: ComparisonLimits): Finding {
  const none = (reason: string): Finding => inconclusive(reason, limits);
  if (older === undefined) return none("the baseline has no such cell");
  if (!isTimed(newer)) return none(untimedReason(newer));
  if (!isTimed(older)) return none(`in the baseline ${untimedReason(older)}`);
  if (control === undefined)
    return none("no control benchmark was timed in both runs: without one a slower machine looks like slower code");
  if (newer.impl === control.name) return none("it is the control benchmark through which the others are compared");
  const key = questionKey(newer);
  const [before, after] = [control.before.get(key), control.after.get(key)];
  if (before === undefined || after === undefined)
    return none(`the control benchmark ${control.name} was not timed on this layer in both runs`);
  const apart = apartReason(newer, after) ?? apartReason(older, before);
  if (apart !== undefined) return none(apart);
  if (control.unevenness === undefined)
    return none(
      `the control benchmark was timed on fewer than ${FEWEST_CONTROL_CELLS} layers in both runs: how unevenly the ` +
        "machine changed is unknown; --against needs no control benchmark",
    );
  const now = logRatios(newer, after);
  const then = logRatios(older, before);
  const rounds = Math.min(now.length, then.length);
  if (rounds < FEWEST_ROUNDS)
    return none(
      `one of the runs has ${rounds} rounds beside the control benchmark; an interval needs ${FEWEST_ROUNDS}`,
    );
  const change = difference(trimmedMean(now), trimmedMean(then), control.unevenness);
  const finding = findingOf(change, limits, rounds);
  if (finding.verdict !== "inconclusive" || !isMostlyUneven(change, control.unevenness)) return finding;
  const reason =
    "the machine changed unevenly between the runs, as the control benchmark shows: only --against, old code timed " +
    "beside new, would tell";
  return { ...finding, reason };
}

/** More rounds would not help. */
function isMostlyUneven(change: Estimate, uneven: Estimate): boolean {
  return uneven.standardError ** 2 > change.standardError ** 2 / 2;
}
