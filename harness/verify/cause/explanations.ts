import type { ConvProblem } from "../../../core/problem.ts";
import { conditionsOn, isMet, type Condition } from "./conditions.ts";
import type { Feature } from "./features.ts";

/** Conditions that fail together; a problem that does not meet all of them holds. */
export interface Explanation {
  readonly conditions: readonly Condition[];
  /** Problems that meet all conditions and hold. */
  readonly hidden: number;
  /** Problems that miss a condition and fail. */
  readonly contradicting: number;
  /** The lower, the better. */
  readonly score: number;
}

/**
 * What one problem says against an explanation, in conditions. A fault may hide (behind padding, say), so one that holds
 * though it meets all conditions says little; nothing fails that should hold.
 */
const COST = { hidden: 0.35, contradicting: 1.5 } as const;
const MOST_CONDITIONS = 5;
const BEAM = 16;
/**
 * Explanations that are this much worse than the best are rivals still: more where they explain a problem that the best
 * takes for a hidden fault.
 */
const RIVAL_MARGIN = { asHidden: 1, lessHidden: 1.5 } as const;
/** So many ways to say the same of the problems so far are told apart by further ones. */
const MOST_ALIKE = 12;

/** Whether a problem meets all conditions. */
export function meets(problem: ConvProblem, conditions: readonly Condition[]): boolean {
  return conditions.every((condition) => isMet(condition, condition.feature.of(problem)));
}

/** The problems that were tried, the failing one first, and the value of each feature. */
export class Trials {
  readonly #values: ReadonlyMap<Feature, (readonly number[])[]>;
  readonly #problems: ConvProblem[] = [];
  readonly #fails: boolean[] = [];

  constructor(features: readonly Feature[]) {
    this.#values = new Map(features.map((feature) => [feature, []]));
  }

  add(problem: ConvProblem, fails: boolean): void {
    this.#problems.push(problem);
    this.#fails.push(fails);
    for (const [feature, values] of this.#values) values.push(feature.of(problem));
  }

  get count(): number {
    return this.#fails.length;
  }

  /** The problems that fail, or hold. */
  those(fail: boolean): readonly ConvProblem[] {
    return this.#problems.filter((_, index) => this.#fails[index] === fail);
  }

  /**
   * The best explanation, and those that are nearly as good or tell the same of all problems so far. Source of the
   * idea, to find a conjunction by queries on which the candidates disagree: Angluin, "Queries and concept learning",
   * Machine Learning 2, 1988.
   */
  explanations(): readonly [best: Explanation, ...rivals: Explanation[]] {
    const fails = bitsOf(this.#fails);
    const holds = bitsOf(this.#fails.map((failed) => !failed));
    const alike = this.#alikeConditions(fails, holds);
    const start: Partial = { classes: [], bits: fails.map((word, at) => word | holds[at]!), cost: 0 };
    const scored = (partial: Partial): Scored => {
      const [hidden, contradicting] = [countBoth(partial.bits, holds), countMissing(fails, partial.bits)];
      const score = partial.cost + COST.hidden * hidden + COST.contradicting * contradicting;
      return { ...partial, hidden, contradicting, score };
    };
    let beam: readonly Scored[] = [scored(start)];
    let all = beam;
    for (let size = 1; size <= MOST_CONDITIONS; size++) {
      const extended = beam.flatMap((state) => extensions(state, alike, scored));
      beam = best(extended, BEAM);
      if (beam.length === 0) break;
      all = best([...all, ...beam], 3 * BEAM);
    }
    const first = all[0]!;
    const rivals = all.slice(1).filter(({ score, hidden }) => {
      return score <= first.score + RIVAL_MARGIN[hidden < first.hidden ? "lessHidden" : "asHidden"];
    });
    return [explanationOf(first), ...variantsOf(first), ...rivals.map(explanationOf)];
  }

  /** The conditions that (nearly) all failing problems meet, in classes of those that hold for the same problems. */
  #alikeConditions(fails: Uint32Array, holds: Uint32Array): readonly Class[] {
    const mostMissed = Math.floor(countBoth(fails, fails) / 20);
    const classes = new Map<string, { bits: Uint32Array; conditions: Condition[] }>();
    for (const [feature, values] of this.#values) {
      for (const condition of conditionsOn(feature, values[0]!, [...new Set(values.flat())])) {
        const bits = bitsOf(values.map((own) => isMet(condition, own)));
        if (countMissing(fails, bits) > mostMissed || countMissing(holds, bits) === 0) continue;
        const key = bits.join();
        const known = classes.get(key);
        if (known === undefined) classes.set(key, { bits, conditions: [condition] });
        else known.conditions.push(condition);
      }
    }
    return [...classes.values()].map(({ bits, conditions }, id) => ({
      id,
      bits,
      conditions: conditions.sort((a, b) => a.cost - b.cost).slice(0, MOST_ALIKE),
    }));
  }
}

/** Conditions that hold for the same problems, the plainest first. */
interface Class {
  readonly id: number;
  readonly bits: Uint32Array;
  readonly conditions: readonly Condition[];
}

interface Partial {
  readonly classes: readonly Class[];
  /** The problems that meet all conditions. */
  readonly bits: Uint32Array;
  readonly cost: number;
}

interface Scored extends Partial {
  readonly hidden: number;
  readonly contradicting: number;
  readonly score: number;
}

function extensions(state: Scored, classes: readonly Class[], scored: (partial: Partial) => Scored): readonly Scored[] {
  return classes.flatMap((added) => {
    const extended = scored({
      classes: [...state.classes, added],
      bits: state.bits.map((word, at) => word & added.bits[at]!),
      cost: state.cost + added.conditions[0]!.cost,
    });
    return extended.hidden < state.hidden ? [extended] : [];
  });
}

/** The best of the states, each set of conditions once. */
function best(states: readonly Scored[], most: number): readonly Scored[] {
  const kept = new Map<string, Scored>();
  for (const state of states.toSorted((a, b) => a.score - b.score)) {
    const key = state.classes
      .map(({ id }) => id)
      .sort((a, b) => a - b)
      .join();
    if (!kept.has(key)) kept.set(key, state);
    if (kept.size === most) break;
  }
  return [...kept.values()];
}

function explanationOf({ classes, hidden, contradicting, score }: Scored): Explanation {
  return { conditions: classes.map(({ conditions }) => conditions[0]!), hidden, contradicting, score };
}

/** The same explanation with one condition said otherwise. */
function variantsOf({ classes, hidden, contradicting, score }: Scored): readonly Explanation[] {
  const plainest = classes.map(({ conditions }) => conditions[0]!);
  return classes.flatMap((alike, at) =>
    alike.conditions.slice(1).map((condition): Explanation => {
      const conditions = plainest.with(at, condition);
      return { conditions, hidden, contradicting, score: score + condition.cost - plainest[at]!.cost };
    }),
  );
}

function bitsOf(flags: readonly boolean[]): Uint32Array {
  const bits = new Uint32Array(Math.ceil(flags.length / 32));
  for (const [at, flag] of flags.entries()) if (flag) bits[at >> 5]! |= 1 << (at & 31);
  return bits;
}

/** How many are in both sets. */
function countBoth(a: Uint32Array, b: Uint32Array): number {
  let count = 0;
  for (let at = 0; at < a.length; at++) count += population(a[at]! & b[at]!);
  return count;
}

/** How many of `a` are not in `b`. */
function countMissing(a: Uint32Array, b: Uint32Array): number {
  let count = 0;
  for (let at = 0; at < a.length; at++) count += population(a[at]! & ~b[at]!);
  return count;
}

function population(word: number): number {
  let rest = word - ((word >>> 1) & 0x55555555);
  rest = (rest & 0x33333333) + ((rest >>> 2) & 0x33333333);
  return Math.imul((rest + (rest >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
