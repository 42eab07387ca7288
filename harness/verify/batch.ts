import { byteCounts, multiplyAdds } from "../../core/shape.ts";
import type { Law } from "../../suites/laws/law.ts";
import { Bundle } from "./bundle.ts";
import { CASE_LIMIT_MS, check } from "./check.ts";
import type { Outcome } from "./outcome.ts";
import { readAhead } from "./read-ahead.ts";
import type { Runner } from "./runner.ts";
import type { CaseSource, Proposal } from "./sources/source.ts";

/** Of all cases of a bundle. */
const MOST_MULTIPLY_ADDS = 500_000;
const MOST_BYTES = 2 ** 21;

export type CheckProposal = Extract<Proposal, { readonly kind: "check" }>;

/** The next proposals of a source. */
export type Batch =
  /** Small cases that are computed together, beside what else goes on. */
  | {
      readonly kind: "bundle";
      readonly proposals: readonly CheckProposal[];
      readonly outcomes: Promise<readonly Outcome[]>;
      readonly startedAt: number;
    }
  /** One of any kind, not begun: nothing else goes on beside it. */
  | { readonly kind: "single"; readonly proposals: readonly [Proposal] };

/** Reads at most `most` proposals and begins them where they are a bundle; undefined at the end of the source. */
export async function nextBatch(
  { runner, law }: { readonly runner: Runner; readonly law: Law },
  source: CaseSource,
  most: number,
  limitMs: number = CASE_LIMIT_MS,
): Promise<Batch | undefined> {
  const [first, ...rest] = await readAhead(source, Math.min(most, runner.pace.cases), bundleFilter(law));
  if (first === undefined) return undefined;
  if (!bundleFilter(law)(first)) return { kind: "single", proposals: [first] };
  const proposals = [first, ...rest].filter((proposal) => proposal.kind === "check");
  const bundle = new Bundle(runner, limitMs);
  const startedAt = performance.now();
  const checks = proposals.map(({ convCase }) => check(runner, law, convCase, { limitMs, bundle }));
  const outcomes = Promise.all(checks);
  // A defect of the harness is thrown when its turn comes.
  outcomes.catch(() => {});
  return { kind: "bundle", proposals, outcomes, startedAt };
}

/** Accepts proposals, one after another, as long as they make a bundle together. */
function bundleFilter(law: Law): (proposal: Proposal) => proposal is CheckProposal {
  let [leftMultiplyAdds, leftBytes] = [MOST_MULTIPLY_ADDS, MOST_BYTES];
  return (proposal): proposal is CheckProposal => {
    // A limit of its own, or a part of a problem, means a large one.
    if (proposal.kind !== "check" || proposal.limitMs !== undefined || law.computesOnce !== true) return false;
    const { problem, pass } = proposal.convCase;
    const { operands, outputs } = byteCounts(problem, pass);
    leftMultiplyAdds -= multiplyAdds(problem);
    leftBytes -= operands + outputs;
    return leftMultiplyAdds >= 0 && leftBytes >= 0;
  };
}
