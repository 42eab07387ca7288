import { AXIS_PLACES, FACTORS, GROUPINGS } from "./factors.ts";

/** How many factors a tuple is of. */
export type Strength = 2 | 3;

const indexOf = (name: string): number => FACTORS.findIndex((factor) => factor.name === name);
const [RANK, GROUPS, CHANNELS, FILTERS] = [indexOf("rank"), indexOf("groups"), indexOf("channels"), indexOf("filters")];
const DEPTHWISE = GROUPINGS.indexOf("depthwise");
const IS_OUTER = FACTORS.map(({ name }) => name.endsWith(`(${AXIS_PLACES[0]})`));
const SIZES = FACTORS.map(({ classes }) => classes.length);
const COUNT = FACTORS.length;

/**
 * Whether two classes exclude each other by definition: rank 1 has no outer axis, a depthwise layer as many filters as
 * channels.
 */
export function excludes(classes: ArrayLike<number>): boolean {
  if (classes[RANK] === 0 && IS_OUTER.some((isOuter, factor) => isOuter && classes[factor]! >= 0)) return true;
  const [channels, filters] = [classes[CHANNELS]!, classes[FILTERS]!];
  return classes[GROUPS] === DEPTHWISE && channels >= 0 && filters >= 0 && channels !== filters;
}

/** Where the tuples of each set of factors begin among all tuples of a strength. */
interface Layout {
  readonly factors: readonly (readonly number[])[];
  readonly begin: Uint32Array;
  readonly total: number;
}

function layoutOf(factors: readonly (readonly number[])[]): Layout {
  const begin = new Uint32Array(factors.length);
  let total = 0;
  for (const [at, set] of factors.entries()) {
    begin[at] = total;
    total += set.reduce((product, factor) => product * SIZES[factor]!, 1);
  }
  return { factors, begin, total };
}

const PAIRS = layoutOf(SIZES.flatMap((_, f) => SIZES.slice(f + 1).map((_size, g) => [f, f + 1 + g])));
const TRIPLES = layoutOf(
  PAIRS.factors.flatMap(([f = 0, g = 0]) => SIZES.slice(g + 1).map((_, h) => [f, g, g + 1 + h])),
);
const PAIR_BEGIN = new Uint32Array(COUNT * COUNT);
for (const [at, [f = 0, g = 0]] of PAIRS.factors.entries()) PAIR_BEGIN[f * COUNT + g] = PAIRS.begin[at]!;
const TRIPLE_BEGIN = new Uint32Array(COUNT ** 3);
for (const [at, [f = 0, g = 0, h = 0]] of TRIPLES.factors.entries())
  TRIPLE_BEGIN[(f * COUNT + g) * COUNT + h] = TRIPLES.begin[at]!;

const layout = (strength: Strength): Layout => (strength === 2 ? PAIRS : TRIPLES);

function pairOf(classes: ArrayLike<number>, f: number, g: number): number {
  return PAIR_BEGIN[f * COUNT + g]! + classes[f]! * SIZES[g]! + classes[g]!;
}

function tripleOf(classes: ArrayLike<number>, f: number, g: number, h: number): number {
  const begin = TRIPLE_BEGIN[(f * COUNT + g) * COUNT + h]!;
  return begin + (classes[f]! * SIZES[g]! + classes[g]!) * SIZES[h]! + classes[h]!;
}

const [UNMET, MET, IMPOSSIBLE] = [0, 1, 2];

/** Which pairs and triples of classes the cases so far had. */
export class Coverage {
  readonly #states = { 2: possible(2).slice(), 3: possible(3).slice() };
  readonly #met = { 2: 0, 3: 0 };

  /** Takes the classes of a case (see classesOf); gives how many triples it is the first to meet. */
  add(classes: ArrayLike<number>): number {
    const [pairs, triples] = [this.#states[2], this.#states[3]];
    const before = this.#met[3];
    for (let f = 0; f < COUNT; f++) {
      if (classes[f]! < 0) continue;
      for (let g = f + 1; g < COUNT; g++) {
        if (classes[g]! < 0) continue;
        const pair = pairOf(classes, f, g);
        if (pairs[pair] !== MET) this.#met[2]++;
        pairs[pair] = MET;
        for (let h = g + 1; h < COUNT; h++) {
          if (classes[h]! < 0) continue;
          const triple = tripleOf(classes, f, g, h);
          if (triples[triple] !== MET) this.#met[3]++;
          triples[triple] = MET;
        }
      }
    }
    return this.#met[3] - before;
  }

  /** How many tuples a case of these classes would be the first to meet. */
  gain(strength: Strength, classes: ArrayLike<number>): number {
    const [pairs, triples] = [this.#states[2], this.#states[3]];
    let gain = 0;
    for (let f = 0; f < COUNT; f++) {
      if (classes[f]! < 0) continue;
      for (let g = f + 1; g < COUNT; g++) {
        if (classes[g]! < 0) continue;
        if (strength === 2) {
          if (pairs[pairOf(classes, f, g)] === UNMET) gain++;
          continue;
        }
        for (let h = g + 1; h < COUNT; h++) {
          if (classes[h]! >= 0 && triples[tripleOf(classes, f, g, h)] === UNMET) gain++;
        }
      }
    }
    return gain;
  }

  isMet(strength: Strength, tuple: number): boolean {
    return this.#states[strength][tuple] !== UNMET;
  }

  /** The numbers of the tuples that are possible and not met yet. */
  unmet(strength: Strength): Uint32Array {
    const states = this.#states[strength];
    const unmet = new Uint32Array(states.length);
    let count = 0;
    for (let tuple = 0; tuple < states.length; tuple++) if (states[tuple] === UNMET) unmet[count++] = tuple;
    return unmet.slice(0, count);
  }

  /** No problem has this tuple: it counts no more among those that can be met. */
  giveUp(strength: Strength, tuple: number): void {
    this.#states[strength][tuple] = IMPOSSIBLE;
  }

  met(strength: Strength): number {
    return this.#met[strength];
  }
}

/** The factors of a tuple with the class of each. */
export function classesIn(strength: Strength, tuple: number): readonly (readonly [factor: number, index: number])[] {
  const { factors, begin } = layout(strength);
  let [low, high] = [0, factors.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (begin[middle]! <= tuple) low = middle;
    else high = middle - 1;
  }
  let rest = tuple - begin[low]!;
  return factors[low]!.toReversed()
    .map((factor): readonly [number, number] => {
      const index = rest % SIZES[factor]!;
      rest = (rest - index) / SIZES[factor]!;
      return [factor, index];
    })
    .reverse();
}

/**
 * The tuples of a strength, those IMPOSSIBLE that are excluded by definition; made once, as every coverage begins with
 * it.
 */
function possible(strength: Strength): Uint8Array {
  return (POSSIBLE[strength] ??= excludedMarked(strength));
}

const POSSIBLE: Partial<Record<Strength, Uint8Array>> = {};

function excludedMarked(strength: Strength): Uint8Array {
  const { factors, begin, total } = layout(strength);
  const states = new Uint8Array(total);
  for (const [at, set] of factors.entries()) {
    // Only these factors exclude classes of each other.
    const isFlat = set.includes(RANK) && set.some((factor) => IS_OUTER[factor]);
    const isDepthwise = [GROUPS, CHANNELS, FILTERS].every((factor) => set.includes(factor));
    if (!isFlat && !isDepthwise) continue;
    const end = begin[at + 1] ?? total;
    for (let tuple = begin[at]!; tuple < end; tuple++) {
      const classes = new Int8Array(COUNT).fill(-1);
      for (const [factor, index] of classesIn(strength, tuple)) classes[factor] = index;
      if (excludes(classes)) states[tuple] = IMPOSSIBLE;
    }
  }
  return states;
}
