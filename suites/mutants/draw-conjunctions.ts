import { PASSES, type ConvProblem, type Pass } from "../../core/problem.ts";
import { multiplyAdds } from "../../core/shape.ts";
import { randomStream, type RandomStream } from "../data/random.ts";
import { Coverage, excludes } from "../problems/coverage.ts";
import { pick } from "../problems/draws.ts";
import { FACTORS } from "../problems/factors.ts";
import { realise } from "../problems/realisation.ts";
import { decideRow, leastMultiplyAdds, type Row } from "../problems/row.ts";
import { conjunctionMutant, hasClasses, type Conjunction, type FactorClass } from "./conjunction.ts";
import { EFFECTS, type Effect } from "./effects.ts";
import { isWrongAt } from "./witness.ts";

/** What shows a conjunction has at most this many multiply-adds, and at most the fewer where its classes let it. */
const MOST_MULTIPLY_ADDS = 1_000_000;
const FEW_MULTIPLY_ADDS = 30_000;
/** Sets of classes that are drawn for an effect in search of one where it mostly changes the output. */
const CLASS_TRIES = 200;
/** Problems that are drawn of the classes of a conjunction. */
const TRIES = 24;
const REALISATIONS = 5;
/** Two in three conjunctions are of three classes, the others of two. */
const CLASS_COUNTS = [2, 3, 3] as const;

/**
 * Draws conjunctions: a pass, an effect, and two or three classes of as many factors. Each has problems of at most
 * {@link MOST_MULTIPLY_ADDS}, and its effect changes the output of most of those that are drawn.
 */
export function* drawConjunctions(seed: number): Generator<Conjunction, void, undefined> {
  const random = randomStream("conjunctions", seed);
  for (;;) {
    const pass = pick(random, PASSES);
    const effects = EFFECTS.filter(({ passes }) => passes.includes(pass));
    const conjunction = drawConjunction(pass, pick(random, effects), random);
    if (conjunction !== undefined) yield conjunction;
  }
}

function drawConjunction(pass: Pass, effect: Effect, random: RandomStream): Conjunction | undefined {
  for (let attempt = 0; attempt < CLASS_TRIES; attempt++) {
    const classes = drawClasses(pass, random);
    const shown = shownBy(pass, effect, classes, random);
    if (shown !== undefined) return { pass, effect, classes, shows: shown };
  }
  return undefined;
}

/** The cheapest problem of the classes in which the effect changes the output, undefined where it mostly does not. */
function shownBy(
  pass: Pass,
  effect: Effect,
  classes: readonly FactorClass[],
  random: RandomStream,
): ConvProblem | undefined {
  const shown: ConvProblem[] = [];
  let realised = 0;
  for (let attempt = 0; attempt < TRIES && realised < REALISATIONS; attempt++) {
    const problem = problemOf(classes, pass, random);
    if (problem === undefined) continue;
    realised++;
    if (isWrongAt(conjunctionMutant("drawn", { pass, effect, classes, shows: problem }), problem)) shown.push(problem);
    if (shown.length + REALISATIONS - realised <= REALISATIONS / 2) return undefined;
  }
  if (shown.length <= realised / 2) return undefined;
  return shown.toSorted((a, b) => multiplyAdds(a) - multiplyAdds(b))[0];
}

/** Excludes nothing: the classes that a conjunction leaves open may be any. */
const ANY_CLASS = new Coverage();
/** Factors of a case that are not properties of its problem. */
const NOT_OF_THE_PROBLEM = ["fill", "threads"];

/** Backward data reads no bias. */
function drawClasses(pass: Pass, random: RandomStream): readonly FactorClass[] {
  const open = FACTORS.filter(
    ({ name }) => !NOT_OF_THE_PROBLEM.includes(name) && (name !== "bias" || pass !== "backwardData"),
  );
  const count = pick(random, CLASS_COUNTS);
  const classes: FactorClass[] = [];
  while (classes.length < count) {
    const factor = pick(random, open);
    if (classes.some((other) => other.factor === factor)) continue;
    classes.push({ factor, index: random.nextBelow(factor.classes.length) });
  }
  return classes.toSorted((a, b) => FACTORS.indexOf(a.factor) - FACTORS.indexOf(b.factor));
}

/** A problem of some classes, undefined where a draw did not meet them. */
export function problemOf(classes: readonly FactorClass[], pass: Pass, random: RandomStream): ConvProblem | undefined {
  const row: Row = new Int8Array(FACTORS.length).fill(-1);
  for (const { factor, index } of classes) row[FACTORS.indexOf(factor)] = index;
  const least = leastMultiplyAdds(row);
  if (excludes(row) || least > MOST_MULTIPLY_ADDS) return undefined;
  const most = 2 * least <= FEW_MULTIPLY_ADDS ? FEW_MULTIPLY_ADDS : MOST_MULTIPLY_ADDS;
  decideRow(row, { most, coverage: ANY_CLASS, random });
  const realised = realise(row, random)?.problem;
  if (realised === undefined) return undefined;
  const problem = pass === "backwardData" ? { ...realised, bias: false } : realised;
  return multiplyAdds(problem) <= most && hasClasses(problem, classes) ? problem : undefined;
}
