import type { ConvProblem, Pass } from "../../../core/problem.ts";
import { randomStream, type RandomStream } from "../../../suites/data/random.ts";
import { pick } from "../../../suites/problems/draws.ts";
import type { Condition } from "./conditions.ts";
import { meets, Trials, type Explanation } from "./explanations.ts";
import { numbersOf } from "./features.ts";
import { phrasesOf } from "./phrases.ts";
import { fitsNear, randomVariant, singleChanges, type Fits } from "./variations.ts";

/** The conditions under which an implementation fails, and the problems that say so. */
export interface Cause {
  readonly conditions: readonly Condition[];
  /** The problems that fail and meet all conditions. */
  readonly failing: readonly ConvProblem[];
  /** Tried problems that meet all conditions, and how many of them fail. */
  readonly meeting: Count;
  /** Those that miss exactly one condition: they are to hold. */
  readonly missingOne: Count;
  /** Those that miss any. */
  readonly missing: Count;
}

export interface Count {
  readonly tried: number;
  readonly fail: number;
}

export interface CauseOptions {
  readonly seed: number;
  /** A time of `performance.now()`. */
  readonly deadline: number;
  /** At most this many problems. */
  readonly most?: number;
}

const MOST_TRIES = 400;
/** This many problems that agree with the explanation, after all its rivals are refuted, are enough. */
const ENOUGH_CONFIRMED = 24;
const POOL = 200;
/** Problems that are chosen together. */
const BATCH = 6;
/** Fewer failing problems say nothing. */
const LEAST_FAILING = 3;
/** Where the fault hides more often, or more of the failing problems contradict, there is no explanation. */
const MOST = { hidden: 0.2, contradicting: 0.03 } as const;

/**
 * Finds the conjunction of conditions under which problems near a failing one fail: first each value alone is made
 * plain, then larger; then the explanations that are left are told apart by problems on which they disagree. `fails` is
 * undefined where a problem cannot be tried. Undefined where no conjunction explains what was seen.
 */
export async function findCause(
  failing: ConvProblem,
  pass: Pass,
  fails: (problem: ConvProblem) => Promise<boolean | undefined>,
  { seed, deadline, most = MOST_TRIES }: CauseOptions,
): Promise<Cause | undefined> {
  const features = [...numbersOf(failing.input.length, pass), ...phrasesOf(failing.input.length)];
  const trials = new Trials(features);
  const seen = new Set<string>([JSON.stringify(failing)]);
  let tries = 0;
  const isOver = (): boolean => tries >= most || performance.now() > deadline;
  const attempt = async (problem: ConvProblem): Promise<void> => {
    tries++;
    seen.add(JSON.stringify(problem));
    const failed = await fails(problem);
    if (failed !== undefined) trials.add(problem, failed);
  };
  trials.add(failing, true);
  const fits = fitsNear(failing);
  for (const problem of singleChanges(failing, fits)) {
    if (seen.has(JSON.stringify(problem))) continue;
    if (isOver()) return undefined;
    await attempt(problem);
  }
  const random = randomStream("cause", seed);
  let explanations = trials.explanations();
  for (let confirmed = 0; confirmed < ENOUGH_CONFIRMED && !isOver();) {
    const [best, ...rivals] = explanations;
    const pool = poolOf(failing, trials, { random, fits, seen });
    if (pool.length === 0) break;
    const { chosen, isDisputed } = queries(pool, best, rivals, random);
    for (const problem of chosen) if (!isOver()) await attempt(problem);
    explanations = trials.explanations();
    const [next] = explanations;
    const isSame = sameConditions(next, best) && next.hidden === best.hidden;
    confirmed = isSame && !isDisputed ? confirmed + chosen.length : 0;
  }
  const cause = causeOf(trials, explanations[0]);
  if (cause === undefined) return undefined;
  // They are told in the order of a problem's parts.
  const placeOf = ({ feature }: Condition): number => features.indexOf(feature);
  return { ...cause, conditions: cause.conditions.toSorted((one, other) => placeOf(one) - placeOf(other)) };
}

function sameConditions(one: Explanation, other: Explanation): boolean {
  const describe = ({ conditions }: Explanation): string =>
    conditions.map(({ feature, predicate }) => `${feature.name} ${feature.where} ${predicate}`).join("\n");
  return describe(one) === describe(other);
}

/** New problems near those that were tried. */
function poolOf(
  failing: ConvProblem,
  trials: Trials,
  { random, fits, seen }: { readonly random: RandomStream; readonly fits: Fits; readonly seen: ReadonlySet<string> },
): readonly ConvProblem[] {
  const [fail, hold] = [trials.those(true), trials.those(false)];
  const pool = new Map<string, ConvProblem>();
  for (let draw = 0; draw < POOL; draw++) {
    const bases = pick(random, [[failing], fail, fail, hold.length === 0 ? fail : hold]);
    const variant = randomVariant(pick(random, bases), failing, { random, fits });
    if (variant === undefined) continue;
    const key = JSON.stringify(variant);
    if (!seen.has(key)) pool.set(key, variant);
  }
  return [...pool.values()];
}

/** Problems of the pool on which the explanations disagree; others of it where they do not. */
function queries(
  pool: readonly ConvProblem[],
  best: Explanation,
  rivals: readonly Explanation[],
  random: RandomStream,
): { readonly chosen: readonly ConvProblem[]; readonly isDisputed: boolean } {
  const predictions = pool.map((problem) => {
    const expected = meets(problem, best.conditions);
    return { problem, expected, against: rivals.map(({ conditions }) => meets(problem, conditions) !== expected) };
  });
  const weights = rivals.map(({ score }) => Math.exp(best.score - score));
  const chosen = new Set<ConvProblem>();
  for (let count = 0; count < BATCH; count++) {
    const weightOf = (against: readonly boolean[]): number =>
      against.reduce((sum, isAgainst, at) => sum + (isAgainst ? weights[at]! : 0), 0);
    const open = predictions.filter(({ problem }) => !chosen.has(problem));
    const heaviest = open.reduce((most, { against }) => Math.max(most, weightOf(against)), 0);
    const next = open.find(({ against }) => weightOf(against) === heaviest);
    if (heaviest === 0 || next === undefined) break;
    chosen.add(next.problem);
    for (const [at, isAgainst] of next.against.entries()) if (isAgainst) weights[at] = weights[at]! / 8;
  }
  const isDisputed = chosen.size > 0;
  // What is expected to fail, and what is not, in turn.
  for (let count = chosen.size; count < BATCH; count++) {
    const open = predictions.filter(({ problem }) => !chosen.has(problem));
    const wanted = open.filter(({ expected }) => expected === (count % 2 === 0));
    if (open.length > 0) chosen.add(pick(random, wanted.length > 0 ? wanted : open).problem);
  }
  return { chosen: [...chosen], isDisputed };
}

function causeOf(trials: Trials, { conditions, hidden, contradicting }: Explanation): Cause | undefined {
  const [fail, hold] = [trials.those(true), trials.those(false)];
  const meeting = fail.length - contradicting + hidden;
  if (fail.length < LEAST_FAILING) return undefined;
  if (hidden > MOST.hidden * meeting || contradicting > MOST.contradicting * fail.length) return undefined;
  const missed = (problem: ConvProblem): number => conditions.filter((one) => !meets(problem, [one])).length;
  const countOf = (isIn: (misses: number) => boolean): Count => {
    const [failing, holding] = [fail, hold].map((some) => some.filter((problem) => isIn(missed(problem))).length);
    return { tried: failing! + holding!, fail: failing! };
  };
  return {
    conditions,
    failing: fail.filter((problem) => missed(problem) === 0),
    meeting: countOf((misses) => misses === 0),
    missingOne: countOf((misses) => misses === 1),
    missing: countOf((misses) => misses > 0),
  };
}
