import { multiplyAdds, totalElements } from "../../core/shape.ts";
import { randomStream, type RandomStream } from "../data/random.ts";
import { classesIn, Coverage, type Strength } from "./coverage.ts";
import { shuffle } from "./draws.ts";
import { classesOf, FACTORS, squareClassesOf, type FilledProblem } from "./factors.ts";
import { realise } from "./realisation.ts";
import { decideRow, emptyRow, leastMultiplyAdds, makePlain } from "./row.ts";

/** A row has at most this many multiply-adds: first cheap ones, then those that no cheap problem can show. */
const PAIR_COSTS = [2 ** 13, 2 ** 16];
const DEAR_COSTS = [2 ** 20, 2 ** 23];
/** Once cheap pairs are met, pairs that no cheap row has may cost this part of what triples do. */
const DEAR_PAIRS_PART = 1 / 2;
/** An element costs as much as so many multiply-adds: it is made, moved and checked. */
const MULTIPLY_ADDS_PER_ELEMENT = 8;
/** Large tensors cost time to make and to move, whatever is computed from them: no more elements than multiply-adds. */
const MOST_ELEMENTS = 2 ** 19;
/** Problems that are drawn around one tuple at one cost; where none has it, it waits for the next cost. */
const DRAWS = 4;
/** Before a pair is given up. */
const LAST_DRAWS = 40;
/** A tuple whose rows were declined this often cannot be had: the last rows are plain in all other factors. */
const MOST_DECLINED = 3;
/** A class that was declined this often, and never done, is asked about in a row that is plain but for it. */
const ASK_AFTER = 8;

/** A row that is plain but for one class may have this many multiply-adds. */
const PLAIN_COST = 2 ** 15;
/** Where none of this many problems is taken, the array ends. */
const MOST_REFUSED = 1000;

/** Classes by factor. */
type Wanted = readonly (readonly [factor: number, index: number])[];

/** One row of the array. */
export interface ArrayRow {
  readonly filled: FilledProblem;
  readonly classes: Int8Array;
  /** What the row was made for: a tuple, or one class alone. */
  readonly purpose:
    | { readonly strength: Strength; readonly tuple: number }
    | { readonly strength: 1; readonly factor: number; readonly index: number };
}

/** A row as it will be checked; undefined where it cannot be. */
export type Fit = (filled: FilledProblem) => FilledProblem | undefined;

export interface CoveringArrayOptions {
  /** What is met already; it is added to by who takes the rows. */
  readonly coverage?: Coverage;
  readonly fit?: Fit;
  /** Every row has one kernel, stride, dilation and padding for all axes, as most layers have. */
  readonly isSquare?: boolean;
}

/**
 * Problems with their fills that together have every pair and then every triple of classes of {@link FACTORS} (a
 * covering array of strength 2, then 3), the cheapest first. Rows are made one at a time, each around a tuple that is
 * not met yet: of a few draws the one that meets most tuples. The same seed gives the same rows; another seed draws
 * other members of the classes. Who takes the rows says which were checked (`coverage.add`) and which were declined;
 * tuples that are always declined are given up, so that the rest is met.
 * Source: Cohen, Dalal, Fredman and Patton, "The AETG system", IEEE TSE 23(7), 1997 (candidates of which the best is
 * taken); Kuhn, Kacker and Lei, NIST SP 800-142, 2010.
 */
export class CoveringArray {
  readonly coverage: Coverage;
  readonly #random: RandomStream;
  readonly #fit: Fit;
  readonly #isSquare: boolean;
  readonly #attempts: Readonly<Record<Strength, Map<number, number>>> = { 2: new Map(), 3: new Map() };
  readonly #declines = FACTORS.map(({ classes }) => classes.map(() => 0));
  #declined: ArrayRow[] = [];
  #refused = 0;
  #questions: (readonly [factor: number, index: number])[] = [];

  constructor(
    keys: readonly (string | number)[],
    { coverage = new Coverage(), fit = (filled) => filled, isSquare = false }: CoveringArrayOptions = {},
  ) {
    this.coverage = coverage;
    if (isSquare) coverage.excludeOuterAxis();
    this.#random = randomStream("covering array", isSquare ? "square" : "any", ...keys);
    this.#fit = fit;
    this.#isSquare = isSquare;
  }

  /** The classes of a case as the array counts them; undefined where it does not count it. */
  classesOf(filled: FilledProblem): Int8Array | undefined {
    return this.#isSquare ? squareClassesOf(filled) : classesOf(filled);
  }

  *rows(): Generator<ArrayRow, void, undefined> {
    for (const most of PAIR_COSTS) yield* this.#cover(2, most, false);
    const pairs = this.#dearPairs();
    const triples = this.#triples();
    const spent = { pairs: 0, triples: 0 };
    for (;;) {
      const isPair = spent.pairs <= DEAR_PAIRS_PART * spent.triples;
      const [first, second] = isPair ? [pairs, triples] : [triples, pairs];
      const next = first.next();
      const row = next.done === true ? second.next() : next;
      if (row.done === true) return;
      spent[isPair ? "pairs" : "triples"] += costOf(row.value.filled);
      yield row.value;
    }
  }

  /** Pairs that no cheap row has, and those that were declined before. */
  *#dearPairs(): Generator<ArrayRow, void, undefined> {
    for (const [step, most] of DEAR_COSTS.entries()) yield* this.#cover(2, most, step === DEAR_COSTS.length - 1);
  }

  *#triples(): Generator<ArrayRow, void, undefined> {
    const costs = [...PAIR_COSTS, ...DEAR_COSTS];
    for (const [step, most] of costs.entries()) {
      // Pairs that were declined in the meantime come before triples.
      yield* this.#cover(2, most, false);
      yield* this.#cover(3, most, step === costs.length - 1);
    }
  }

  /** The implementation does not do the row, or a known defect explains what it does there. */
  decline(row: ArrayRow): void {
    this.#declined.push(row);
  }

  /** Every row so far was checked or declined, or will never be: what is still not met is looked for again. */
  settle(): void {
    const { coverage } = this;
    coverage.settle();
    for (const { purpose, classes } of this.#declined.splice(0)) {
      if (purpose.strength === 1) {
        coverage.excludeClass(purpose.factor, purpose.index);
        continue;
      }
      const attempts = this.#attempts[purpose.strength];
      const count = (attempts.get(purpose.tuple) ?? 0) + 1;
      attempts.set(purpose.tuple, count);
      if (count >= MOST_DECLINED) coverage.exclude(purpose.strength, purpose.tuple);
      for (const [factor, index] of classes.entries()) this.#countDeclined(factor, index);
    }
  }

  #countDeclined(factor: number, index: number): void {
    const declines = this.#declines[factor]!;
    if (index < 0 || this.coverage.hasClass(factor, index)) return;
    declines[index]!++;
    if (declines[index] === ASK_AFTER) this.#questions.push([factor, index]);
  }

  /** Rows around all tuples that are not met, of at most this many multiply-adds. */
  *#cover(strength: Strength, most: number, isLast: boolean): Generator<ArrayRow, void, undefined> {
    const { coverage } = this;
    const tried = new Set<number>();
    for (;;) {
      const waiting = coverage.unmet(strength).filter((tuple) => !tried.has(tuple));
      shuffle(waiting, this.#random);
      if (waiting.length === 0) break;
      for (const tuple of waiting) {
        if (this.#refused >= MOST_REFUSED) return;
        yield* this.#answers(Math.max(most, PLAIN_COST));
        if (!coverage.isUnmet(strength, tuple)) continue;
        const wasDeclined = this.#attempts[strength].has(tuple);
        const row = this.#around(classesIn(strength, tuple), most, { strength, tuple }, wasDeclined);
        if (row === undefined) tried.add(tuple);
        else yield this.#expected(row);
      }
    }
    // No problem within the highest cost has them.
    if (isLast) for (const tuple of tried) coverage.exclude(strength, tuple);
  }

  /** Rows that are plain but for one class. */
  *#answers(most: number): Generator<ArrayRow, void, undefined> {
    // Where nothing was done at all, plain rows are no better than others.
    if (this.#questions.length === 0 || this.coverage.counts.pairs === 0) return;
    for (const [factor, index] of this.#questions.splice(0)) {
      if (this.coverage.hasClass(factor, index)) continue;
      const row = this.#around([[factor, index]], most, { strength: 1, factor, index }, true);
      // Where no draw had it, the question comes again.
      if (row === undefined) this.#declines[factor]![index] = 0;
      else yield this.#expected(row);
    }
  }

  #expected(row: ArrayRow): ArrayRow {
    this.coverage.expect(row.classes);
    return row;
  }

  /**
   * Of a few problems that have the wanted classes, the one that meets most tuples that are not met yet; where
   * `isPlain`, rather the first that is plain in the other factors.
   */
  #around(wanted: Wanted, most: number, purpose: ArrayRow["purpose"], isPlain: boolean): ArrayRow | undefined {
    let best: ArrayRow | undefined;
    let bestGain = -1;
    const isLast = most === DEAR_COSTS.at(-1) && purpose.strength === 2;
    const rules = {
      most,
      coverage: this.coverage,
      random: this.#random,
      isSquare: this.#isSquare,
      ordinaryOf4: this.#ordinaryOf4(purpose.strength),
    };
    for (let draw = 0; draw < (isLast && best === undefined ? LAST_DRAWS : DRAWS); draw++) {
      const row = emptyRow(wanted);
      if (leastMultiplyAdds(row, this.#isSquare) > most) return undefined;
      const isPlainDraw = isPlain && draw < DRAWS / 2;
      if (isPlainDraw) makePlain(row, this.coverage);
      decideRow(row, rules);
      const drawn = realise(row, this.#random, this.#isSquare);
      if (
        drawn === undefined ||
        multiplyAdds(drawn.problem) > most ||
        totalElements(drawn.problem) > Math.min(most, MOST_ELEMENTS)
      )
        continue;
      const filled = this.#fit(drawn);
      if (filled === undefined) {
        this.#refused++;
        continue;
      }
      this.#refused = 0;
      const classes = this.classesOf(filled);
      if (classes === undefined) continue;
      if (!wanted.every(([factor, index]) => classes[factor] === index) || !this.#isPossible(classes)) continue;
      if (isPlainDraw) return { filled, classes, purpose };
      const gain = purpose.strength === 1 ? 0 : this.coverage.gain(purpose.strength, classes);
      if (gain > bestGain) [best, bestGain] = [{ filled, classes, purpose }, gain];
    }
    return best;
  }

  /** Pairs of square rows are met in layers that are ordinary but for them; of triples every other. */
  #ordinaryOf4(strength: 1 | Strength): number {
    if (strength === 2 && this.#isSquare) return 4;
    return this.#random.nextBelow(2) === 0 ? 0 : 3;
  }

  #isPossible(classes: Int8Array): boolean {
    return classes.every((index, factor) => index < 0 || this.coverage.allows(classes, factor));
  }
}

function costOf(filled: FilledProblem): number {
  return multiplyAdds(filled.problem) + MULTIPLY_ADDS_PER_ELEMENT * totalElements(filled.problem);
}
