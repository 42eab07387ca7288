import type { ComparisonEntry, RunRecord, TimingEntry } from "../../../core/record.ts";
import { UsageError } from "../../../core/usage-error.ts";
import { anchorTimes, commonAnchor, FEWEST_ANCHOR_CELLS, unevenness, type AnchorTimes } from "./control.ts";
import { cellKey, isTimed, questionKey, questionOf } from "./cells.ts";
import { assertSameMachine } from "./machine.ts";
import { logRatios } from "./round-times.ts";
import { untimedReason } from "./same-rounds.ts";
import { difference, trimmedMean, type Estimate } from "./trimmed-mean.ts";
import { findingOf, inconclusive, type Finding } from "./verdict.ts";

const FEWEST_ROUNDS = 3;

export interface CompareRecordsOptions {
  /** A change below this is none: 0.025 is 2.5 %. */
  readonly threshold: number;
  /** Compare records of different machines. */
  readonly force: boolean;
  /** An implementation that both records timed; by default the records' own anchor, else im2col-gemm or naive. */
  readonly anchor?: string;
}

/** A cell of the newer record with what there is to compare it with. */
interface Pair {
  readonly newer: TimingEntry;
  readonly older: TimingEntry | undefined;
}

interface Anchors {
  readonly name: string;
  readonly before: AnchorTimes;
  readonly after: AnchorTimes;
  readonly unevenness: Estimate | undefined;
}

/**
 * Each cell of `record` against the same cell of `baseline`, an earlier run, through an anchor kernel that both timed in every round:
 * ratio = (cell ÷ anchor, now) ÷ (cell ÷ anchor, then). The interval has the rounds of both runs, and how unevenly the anchor itself changed
 * over the layers (docs/comparison.md). Where that cannot carry a claim the cell is inconclusive and says why. Cells that only
 * the baseline has are left out.
 * @throws UsageError when the records are of different machines (unless forced) or have no cell in common
 */
export function compareRecords(
  baseline: RunRecord,
  record: RunRecord,
  { threshold, force, anchor }: CompareRecordsOptions,
): readonly ComparisonEntry[] {
  if (!force) assertSameMachine(baseline.environment, record.environment, "compare with");
  const older = new Map(baseline.timings.map((entry) => [cellKey(entry), entry]));
  const pairs = record.timings.map((newer): Pair => ({ newer, older: older.get(cellKey(newer)) }));
  if (pairs.every((pair) => pair.older === undefined)) {
    throw new UsageError(
      `the records have no cell in common: no implementation was timed on the same layer, problem, pass, threads and cache state in both`,
    );
  }
  const anchors = anchorsOf(baseline, record, anchor);
  const cells = pairs.filter((pair) => isTimed(pair.newer) && pair.older !== undefined && isTimed(pair.older)).length;
  return pairs.map((pair) => ({
    impl: pair.newer.impl,
    against: pair.newer.impl,
    ...questionOf(pair.newer),
    method: "anchor",
    ...findingThrough(anchors, pair, { threshold, cells }),
  }));
}

function anchorsOf(baseline: RunRecord, record: RunRecord, asked: string | undefined): Anchors | undefined {
  const name = commonAnchor([baseline, record], asked);
  if (name === undefined) return undefined;
  const before = anchorTimes(baseline, name);
  const after = anchorTimes(record, name);
  return { name, before, after, unevenness: unevenness(before, after) };
}

function findingThrough(
  anchors: Anchors | undefined,
  { newer, older }: Pair,
  { threshold, cells }: { readonly threshold: number; readonly cells: number },
): Finding {
  const none = (reason: string): Finding => inconclusive(reason, threshold, cells);
  if (older === undefined) return none("the baseline has no such cell");
  if (!isTimed(newer)) return none(untimedReason(newer));
  if (!isTimed(older)) return none(`in the baseline ${untimedReason(older)}`);
  if (anchors === undefined)
    return none("no anchor kernel was timed in both runs: without one a slower machine looks like slower code");
  if (newer.impl === anchors.name) return none("it is the anchor that the others are compared through");
  const key = questionKey(newer);
  const [anchorBefore, anchorAfter] = [anchors.before.get(key), anchors.after.get(key)];
  if (anchorBefore === undefined || anchorAfter === undefined)
    return none(`the anchor ${anchors.name} was not timed on this layer in both runs`);
  if (anchors.unevenness === undefined)
    return none(
      `the anchor was timed on fewer than ${FEWEST_ANCHOR_CELLS} layers in both runs: how unevenly the machine changed is not known; --against needs no anchor`,
    );
  const now = logRatios(newer, anchorAfter);
  const then = logRatios(older, anchorBefore);
  const rounds = Math.min(now.length, then.length);
  if (rounds < FEWEST_ROUNDS)
    return none(`one of the runs has ${rounds} rounds beside the anchor; an interval needs ${FEWEST_ROUNDS}`);
  const change = difference(trimmedMean(now), trimmedMean(then), anchors.unevenness);
  const finding = findingOf(change, { threshold, cells, rounds });
  if (finding.verdict !== "inconclusive") return finding;
  const reason = isMostlyUneven(change, anchors.unevenness)
    ? "the machine changed unevenly between the runs, as the anchor shows: only --against, old code timed beside new, would tell"
    : finding.reason;
  return { ...finding, ...(reason === undefined ? {} : { reason }) };
}

/** More rounds would not help. */
function isMostlyUneven(change: Estimate, uneven: Estimate): boolean {
  return uneven.standardError ** 2 > change.standardError ** 2 / 2;
}
