import type { Pass } from "../../core/problem.ts";
import { agreement } from "../../suites/laws/agreement.ts";
import { CONTRACT_LAWS } from "../../suites/laws/index.ts";
import type { Law } from "../../suites/laws/law.ts";

/** What one search is about. */
export interface LawAndPass {
  readonly law: Law;
  readonly pass: Pass;
}

/** Part of the first round. */
export interface Turn {
  readonly pair: LawAndPass;
  /** Of the time that the round has left. */
  readonly share: number;
  readonly from: "first cases" | "sampled cases";
  /** At most this many cases. */
  readonly most?: number;
}

/** The first look at each pass has this many cases. */
const FIRST_LOOK = 128;

/**
 * A first round over all laws and passes, so that a fault of any kind shows early: agreement on the corner problems,
 * then a few cases of the contract, then agreement on the other first cases, then a few cases of each other law.
 */
export function firstRound(pairs: readonly LawAndPass[]): readonly Turn[] {
  const agreements = pairs.filter(({ law }) => law === agreement);
  const contracts = pairs.filter(({ law }) => CONTRACT_LAWS.includes(law));
  const others = pairs.filter((pair) => !agreements.includes(pair) && !contracts.includes(pair));
  const inTurn = [...contracts, ...agreements, ...others];
  const shareOf = timeShares(inTurn);
  const turnOf = (pair: LawAndPass): Turn => ({
    pair,
    share: shareOf(pair),
    from: pair.law === agreement ? "first cases" : "sampled cases",
  });
  return [...agreements.map((pair) => ({ ...turnOf(pair), most: FIRST_LOOK })), ...inTurn.map(turnOf)];
}

/**
 * The part that each law and pass has of the time left when its turn comes, in the order given: agreement, which
 * catches most and takes real layers too, has half of the whole time, and the others share the rest equally.
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
