import type { Pass } from "../../core/problem.ts";
import { agreement } from "../../suites/laws/agreement.ts";
import { CONTRACT_LAWS } from "../../suites/laws/index.ts";
import { nominalMs } from "../../suites/laws/cost.ts";
import type { Law } from "../../suites/laws/law.ts";
import type { CaseSource, Proposal } from "./sources/source.ts";

/** What one search is about. */
export interface LawAndPass {
  readonly law: Law;
  readonly pass: Pass;
}

/** A source of cases of one law in one pass, among all that share the time of an implementation. */
export interface Lane {
  readonly pair: LawAndPass;
  readonly cases: CaseSource;
  /**
   * How much of its goals the source has reached, as a sum of fractions: of pairs and triples of classes that were met,
   * of layers that were checked. What the source yields is the growth of it.
   */
  readonly progress: () => number;
  /** What a gain is worth here, and its part of the time that is shared whatever is gained. */
  readonly weight: number;
  /** How much of it is taken at a time, in milliseconds of `nominalMs`. */
  readonly portionMs: number;
  /** Called when every case that was taken is done. */
  readonly settle?: () => void;
}

/**
 * This part of the time goes to the lanes that had least for their weight, so that each begins and none starves; the
 * first in the list where several had nothing. New tuples of classes are not all that a case may show: the rest, by
 * yield, is the smaller part.
 */
const SHARED_PART = 2 / 3;
/** The latest portion counts as much for the yield as all before it. */
const LATEST = 0.5;

/** What a gain of each law is worth: what other laws see of a conjunction, agreement mostly sees too. */
export function weightOf(law: Law): number {
  if (law === agreement) return 1;
  return CONTRACT_LAWS.includes(law) ? 1 / 12 : 1 / 48;
}

/**
 * Which source goes on next: the one that yielded most for its time lately, and every so often one that yields less (a
 * multi-armed bandit with a floor). Time is nominal here, so that the order of cases does not depend on how fast this
 * machine and the implementation are: time decides where the search ends, and nothing else.
 * Source: Auer, Cesa-Bianchi and Fischer, "Finite-time analysis of the multiarmed bandit problem", Machine Learning 47,
 * 2002 (ε-greedy; here without chance).
 */
export class Schedule<L extends Lane> {
  #entries: readonly Entry<L>[];
  /** Nominal time that was shared out, and that went to the highest yield. */
  readonly #ms = { shared: 0, byYield: 0 };
  #latest: "shared" | "byYield" = "shared";

  constructor(lanes: readonly L[]) {
    this.#entries = lanes.map((lane) => ({ lane, rate: undefined, spentMs: 0 }));
  }

  /** The lane that goes on; undefined where none is left. */
  next(): L | undefined {
    const known = this.#entries.filter(({ rate }) => rate !== undefined);
    const isBehind = this.#ms.shared < SHARED_PART * (this.#ms.shared + this.#ms.byYield);
    this.#latest = isBehind || known.length === 0 ? "shared" : "byYield";
    return this.#latest === "shared"
      ? best(this.#entries, ({ lane, spentMs }) => -spentMs / lane.weight)?.lane
      : best(known, ({ lane, rate = 0 }) => lane.weight * rate)?.lane;
  }

  /** A lane took a portion: what it cost, and what it gained. */
  account(lane: L, ms: number, gain: number): void {
    if (ms <= 0) return;
    this.#ms[this.#latest] += ms;
    this.#entries = this.#entries.map((entry) => {
      if (entry.lane !== lane) return entry;
      const rate = LATEST * (gain / ms) + (1 - LATEST) * (entry.rate ?? gain / ms);
      return { lane, rate, spentMs: entry.spentMs + ms };
    });
  }

  /** These lanes do not go on. */
  close(isClosed: (lane: L) => boolean): void {
    this.#entries = this.#entries.filter(({ lane }) => !isClosed(lane));
  }
}

interface Entry<L> {
  readonly lane: L;
  /** What it yielded in a millisecond lately; undefined before its first portion. */
  readonly rate: number | undefined;
  readonly spentMs: number;
}

/** The first entry of the highest score. */
function best<E>(entries: readonly E[], scoreOf: (entry: E) => number): E | undefined {
  let [found, highest]: [E | undefined, number] = [undefined, -Infinity];
  for (const entry of entries) {
    const score = scoreOf(entry);
    if (score > highest) [found, highest] = [entry, score];
  }
  return found;
}

/** The next cases of a lane, as many as make a portion; the source stays open. */
export class Portion {
  readonly cases: CaseSource;
  #ms = 0;
  #isLast = false;

  constructor({ cases, pair, portionMs }: Lane) {
    this.cases = this.#take(cases, pair.law, portionMs);
  }

  get ms(): number {
    return this.#ms;
  }

  /** The source has no more. */
  get isLast(): boolean {
    return this.#isLast;
  }

  async *#take(cases: CaseSource, law: Law, portionMs: number): CaseSource {
    while (this.#ms < portionMs) {
      const next = await cases.next();
      if (next.done === true) {
        this.#isLast = true;
        return;
      }
      this.#ms += costMs(law, next.value);
      yield next.value;
    }
  }
}

function costMs(law: Law, proposal: Proposal): number {
  switch (proposal.kind) {
    case "leave-out":
      return 0;
    case "probe":
      return proposal.checks * nominalMs(law, proposal.convCase);
    case "check":
    case "measure":
      return nominalMs(law, proposal.convCase);
  }
}
