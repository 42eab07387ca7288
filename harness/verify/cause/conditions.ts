import type { Feature } from "./features.ts";

/** A statement about a problem that may be part of a cause: a test of one feature. */
export interface Condition {
  readonly feature: Feature;
  /** What it says of the feature, such as "≥ 2"; nothing where the feature's name says all. */
  readonly predicate: string;
  /** How far it is from the plainest statement, to choose among those that tell the same. */
  readonly cost: number;
  readonly test: (value: number) => boolean;
}

/** Conditions as one reads them, those on one feature together. */
export function inWords(conditions: readonly Condition[]): readonly string[] {
  const byFeature = Map.groupBy(conditions, ({ feature: { name, where } }) => `${name} ${where}`);
  return [...byFeature.values()].map((some) => {
    const { name, where } = some[0]!.feature;
    const predicates = [...new Set(some.map(({ predicate }) => (predicate === "" ? "" : ` ${predicate}`)))];
    // A threshold is read first: "≥ 9 and not a multiple of 8".
    const ordered = predicates.toSorted((a, b) => Number(b.startsWith(" ≥")) - Number(a.startsWith(" ≥")));
    return `${name}${ordered.join(" and")}${where}`;
  });
}

/** Widths of vectors, blocks and tiles, of which counts are multiples or not. */
const DIVISORS = { blocks: [2, 3, 4, 8, 16, 32, 64, 128], parity: [2], none: [] } as const;
/** Remainders are told of these. */
const MODULI: readonly number[] = [4, 8, 16, 32];

/** What a condition costs more than a threshold from below. */
const COST = { most: 0.3, exactly: 0.5, multiple: 0.3, notMultiple: 0.4, remainder: 0.7 } as const;
/** Of two thresholds that tell the same, the nearer one claims less. */
const COST_OF_DISTANCE = 0.01;

/**
 * The conditions on a feature that the failing problem, where it has these values, meets. Thresholds are values that
 * were seen, and some near those of the failing problem.
 */
export function conditionsOn(
  feature: Feature,
  failing: readonly number[],
  seen: readonly number[],
): readonly Condition[] {
  const conditions = new Map<string, Condition>();
  for (const value of new Set(failing)) {
    for (const condition of conditionsNear(feature, value, seen)) {
      const known = conditions.get(condition.predicate);
      if (isMet(condition, failing) && (known === undefined || known.cost > condition.cost))
        conditions.set(condition.predicate, condition);
    }
  }
  return [...conditions.values()];
}

/** Whether the values of a problem are as the condition says. */
export function isMet({ feature: { quantifier }, test }: Condition, values: readonly number[]): boolean {
  return quantifier === "some" ? values.some(test) : values.every(test);
}

/** The conditions that one value meets. */
function conditionsNear(feature: Feature, value: number, seen: readonly number[]): readonly Condition[] {
  const { least, cost, divisors } = feature;
  const condition = (predicate: string, extra: number, test: (own: number) => boolean): Condition => {
    return { feature, predicate, cost: cost + extra, test };
  };
  if (divisors === "phrase") return value === 1 ? [condition("", 0, (own) => own === 1)] : [];
  const near = [value - 2, value - 1, Math.ceil(value / 2), value + 1, value + 2, 2 * value];
  const thresholds = [...new Set([value, ...near, ...seen])].filter((threshold) => threshold >= least);
  const farther = (threshold: number): number =>
    COST_OF_DISTANCE * Math.min(5, Math.abs(Math.log2((1 + threshold) / (1 + value))));
  return [
    ...thresholds
      .filter((threshold) => threshold <= value && threshold > least)
      .map((threshold) => condition(`≥ ${threshold}`, farther(threshold), (own) => own >= threshold)),
    ...thresholds
      .filter((threshold) => threshold >= value)
      .map((threshold) => {
        const predicate = threshold === least ? String(least) : `≤ ${threshold}`;
        return condition(predicate, COST.most + farther(threshold), (own) => own <= threshold);
      }),
    ...(value > least ? [condition(`exactly ${value}`, COST.exactly, (own) => own === value)] : []),
    ...(value === 0 ? [] : DIVISORS[divisors]).map((divisor) => {
      const [isMultiple, isNot] =
        divisor === 2 ? ["even", "odd"] : [`a multiple of ${divisor}`, `not a multiple of ${divisor}`];
      return value % divisor === 0
        ? condition(isMultiple, COST.multiple, (own) => own % divisor === 0)
        : condition(isNot, COST.notMultiple, (own) => own % divisor !== 0);
    }),
    ...(divisors === "blocks" ? MODULI : [])
      .filter((modulus) => value > modulus && value % modulus !== 0)
      .map((modulus) => {
        const rest = value % modulus;
        return condition(`${modulus}n + ${rest}`, COST.remainder, (own) => own % modulus === rest);
      }),
  ];
}
