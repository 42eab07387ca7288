import type { Pass } from "../../core/problem.ts";
import { agreement } from "../../suites/laws/agreement.ts";
import { CONTRACT_LAWS } from "../../suites/laws/index.ts";
import type { Law } from "../../suites/laws/law.ts";
import type { Exploration } from "./exploration.ts";

/** So many cases are the first look at each pass. */
const FIRST_SWEEP = 128;

/**
 * A first round over all laws and passes, so that a fault of any kind shows early: agreement on the corner problems, then a few cases of
 * the contract, then agreement on the other first cases, then a few cases of each other law.
 * Gives the first law and pass that broke, undefined where none did.
 */
export async function firstBroken(
  pairs: readonly LawAndPass[],
  deadline: number,
  explorationOf: (pair: LawAndPass, budgetMs: number) => Promise<Exploration>,
  signal: AbortSignal,
): Promise<LawAndPass | undefined> {
  const agreements = pairs.filter(({ law }) => law === agreement);
  const contracts = pairs.filter(({ law }) => CONTRACT_LAWS.includes(law));
  const others = pairs.filter((pair) => !agreements.includes(pair) && !contracts.includes(pair));
  const inTurn = [...contracts, ...agreements, ...others];
  const shareOf = timeShares(inTurn);
  for (const [turn, pair] of [...agreements, ...inTurn].entries()) {
    const budgetMs = shareOf(pair) * Math.max(0, deadline - performance.now());
    const exploration = await explorationOf(pair, budgetMs);
    exploration.allow(budgetMs);
    if (pair.law !== agreement) await exploration.sample();
    else await exploration.sweep(turn < agreements.length ? FIRST_SWEEP : undefined);
    if (exploration.brokenCase !== undefined) return pair;
    if (signal.aborted) return undefined;
  }
  return undefined;
}

/** What one exploration is about. */
export interface LawAndPass {
  readonly law: Law;
  readonly pass: Pass;
}

/**
 * The part that each law and pass has of the time left when its turn comes, in the order given: agreement, which catches most and
 * takes real layers too, has half of the whole time, and the others share the rest equally.
 */
export function timeShares(pairs: readonly LawAndPass[]): (pair: LawAndPass) => number {
  const agreements = pairs.filter(({ law }) => law === agreement).length;
  const agreementWeight = Math.max(1, (pairs.length - agreements) / Math.max(1, agreements));
  const weights = pairs.map(({ law }) => (law === agreement ? agreementWeight : 1));
  return (pair) => {
    const left = weights.slice(pairs.indexOf(pair));
    return left[0]! / left.reduce((sum, weight) => sum + weight, 0);
  };
}
