import { AXIS_PLACES, FACTORS, GROUPINGS } from "./factors.ts";

/** How many factors a tuple is of. */
export type Strength = 2 | 3;

const STRENGTHS: readonly Strength[] = [2, 3];

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

/** What is known of a tuple. EXPECTED: a case of it is on its way. IMPOSSIBLE: no case has it, as far as is known. */
const [UNMET, MET, IMPOSSIBLE, EXPECTED] = [0, 1, 2, 3];

/** How many pairs and triples of classes cases had, of those that cases can have. */
export interface CoverageCounts {
  readonly pairs: number;
  readonly pairsTotal: number;
  readonly triples: number;
  readonly triplesTotal: number;
}

/** Which pairs and triples of classes the cases so far had. */
export class Coverage {
  readonly #states: Readonly<Record<Strength, Uint8Array>>;
  readonly #met = { 2: 0, 3: 0 };
  readonly #possible: Record<Strength, number>;
  readonly #expected: Readonly<Record<Strength, number[]>> = { 2: [], 3: [] };
  readonly #classes = FACTORS.map(({ classes }) => classes.map(() => false));

  constructor() {
    this.#states = { 2: possible(2).slice(), 3: possible(3).slice() };
    this.#possible = { 2: countPossible(this.#states[2]), 3: countPossible(this.#states[3]) };
  }

  /** Takes the classes of a case that was checked (see classesOf); gives how many triples it is the first to meet. */
  add(classes: ArrayLike<number>): number {
    const before = this.#met[3];
    for (let factor = 0; factor < COUNT; factor++) {
      if (classes[factor]! >= 0) this.#classes[factor]![classes[factor]!] = true;
    }
    for (const strength of STRENGTHS) {
      const states = this.#states[strength];
      for (const tuple of tuplesOf(strength, classes)) {
        if (states[tuple] === MET) continue;
        if (states[tuple] === IMPOSSIBLE) this.#possible[strength]++;
        states[tuple] = MET;
        this.#met[strength]++;
      }
    }
    return this.#met[3] - before;
  }

  /** A case of these classes is on its way: its tuples are not looked for until {@link settle}. */
  expect(classes: ArrayLike<number>): void {
    for (const strength of STRENGTHS) {
      const states = this.#states[strength];
      for (const tuple of tuplesOf(strength, classes)) {
        if (states[tuple] !== UNMET) continue;
        states[tuple] = EXPECTED;
        this.#expected[strength].push(tuple);
      }
    }
  }

  /** No case is on its way any more: what was expected and not checked is looked for again. */
  settle(): void {
    for (const strength of STRENGTHS) {
      const states = this.#states[strength];
      for (const tuple of this.#expected[strength].splice(0)) if (states[tuple] === EXPECTED) states[tuple] = UNMET;
    }
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

  /** Whether it is worth while to make a case for a tuple. */
  isUnmet(strength: Strength, tuple: number): boolean {
    return this.#states[strength][tuple] === UNMET;
  }

  /** The numbers of the tuples that are possible, not met and not expected. */
  unmet(strength: Strength): Uint32Array {
    const states = this.#states[strength];
    const unmet = new Uint32Array(states.length);
    let count = 0;
    for (let tuple = 0; tuple < states.length; tuple++) if (states[tuple] === UNMET) unmet[count++] = tuple;
    return unmet.slice(0, count);
  }

  /** Whether a case of this class was checked. */
  hasClass(factor: number, index: number): boolean {
    return this.#classes[factor]![index]!;
  }

  /** Whether no pair of a factor's class with the other classes, where they are decided, is impossible. */
  allows(classes: ArrayLike<number>, factor: number): boolean {
    for (let other = 0; other < COUNT; other++) {
      if (other === factor || classes[other]! < 0) continue;
      const pair = pairOf(classes, Math.min(factor, other), Math.max(factor, other));
      if (this.#states[2][pair] === IMPOSSIBLE) return false;
    }
    return true;
  }

  /** No case has this tuple: it counts no more among those that can be met. */
  exclude(strength: Strength, tuple: number): void {
    const states = this.#states[strength];
    // The triples of an impossible pair are impossible by now.
    if (states[tuple] === IMPOSSIBLE) return;
    if (states[tuple] !== MET) {
      states[tuple] = IMPOSSIBLE;
      this.#possible[strength]--;
    }
    if (strength === 3) return;
    const classes = new Int8Array(COUNT);
    const [[f, a] = [0, 0], [g, b] = [0, 0]] = classesIn(2, tuple);
    classes[f] = a;
    classes[g] = b;
    for (let third = 0; third < COUNT; third++) {
      if (third === f || third === g) continue;
      const low = Math.min(f, third);
      const high = Math.max(g, third);
      for (let index = 0; index < SIZES[third]!; index++) {
        classes[third] = index;
        this.exclude(3, tripleOf(classes, low, f + g + third - low - high, high));
      }
    }
  }

  /** All cases are square: their axes have the same classes. */
  excludeOuterAxis(): void {
    for (const [factor, { classes }] of FACTORS.entries()) {
      if (IS_OUTER[factor]) for (const index of classes.keys()) this.excludeClass(factor, index);
    }
  }

  /** No case has this class of a factor. */
  excludeClass(factor: number, index: number): void {
    const classes = new Int8Array(COUNT);
    classes[factor] = index;
    for (let other = 0; other < COUNT; other++) {
      if (other === factor) continue;
      for (let otherIndex = 0; otherIndex < SIZES[other]!; otherIndex++) {
        classes[other] = otherIndex;
        this.exclude(2, pairOf(classes, Math.min(factor, other), Math.max(factor, other)));
      }
    }
  }

  get counts(): CoverageCounts {
    return {
      pairs: this.#met[2],
      pairsTotal: this.#possible[2],
      triples: this.#met[3],
      triplesTotal: this.#possible[3],
    };
  }
}

function countPossible(states: Uint8Array): number {
  let count = 0;
  for (let tuple = 0; tuple < states.length; tuple++) if (states[tuple] !== IMPOSSIBLE) count++;
  return count;
}

/** The numbers of all tuples of these classes. */
function tuplesOf(strength: Strength, classes: ArrayLike<number>): number[] {
  const tuples: number[] = [];
  for (let f = 0; f < COUNT; f++) {
    if (classes[f]! < 0) continue;
    for (let g = f + 1; g < COUNT; g++) {
      if (classes[g]! < 0) continue;
      if (strength === 2) tuples.push(pairOf(classes, f, g));
      else for (let h = g + 1; h < COUNT; h++) if (classes[h]! >= 0) tuples.push(tripleOf(classes, f, g, h));
    }
  }
  return tuples;
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

/** The tuples of a strength, those IMPOSSIBLE that are excluded by definition: made once. */
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
