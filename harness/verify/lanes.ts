import type { ConvProblem } from "../../core/problem.ts";
import type { CheckEntry } from "../../core/record.ts";
import { agreement } from "../../suites/laws/agreement.ts";
import { CORNER_PROBLEMS } from "../../suites/problems/corner-problems.ts";
import type { Strength } from "../../suites/problems/coverage.ts";
import { FIELD_LAYERS } from "../../suites/problems/field-layers.ts";
import type { OrdinaryCoverage } from "../../suites/problems/ordinary-problems.ts";
import { SIZE_PROBLEMS } from "../../suites/problems/size-problems.ts";
import type { InstrumentedImplementation } from "./instrumented.ts";
import { weightOf, type Lane, type LawAndPass } from "./schedule.ts";
import type { Search, Searches } from "./searches.ts";
import { newBlocks } from "./sources/block-coverage.ts";
import { CoveringCases } from "./sources/covering-cases.ts";
import { ListedProblems } from "./sources/listed-problems.ts";
import { mixedCases } from "./sources/mixed-cases.ts";
import { ordinaryCases } from "./sources/ordinary-cases.ts";
import { pathSwitches, type FoundSwitches } from "./sources/path-switches.ts";
import { randomCases } from "./sources/random-cases.ts";
import { named, type CaseSource, type MeasuredSource, type SourceContext } from "./sources/source.ts";
import { variedLayerCases } from "./sources/varied-layer-cases.ts";

/** A source under its name. */
function namedLane(name: string, { cases, progress }: MeasuredSource): MeasuredSource {
  return { cases: named(name, cases), progress };
}

/** The covering arrays of one search: of square cases, and of cases with axes of any classes. */
interface Arrays {
  readonly any: CoveringCases;
  readonly square: CoveringCases;
}

export function arraysOf(context: SourceContext): Arrays {
  return { any: new CoveringCases(context), square: new CoveringCases(context, { isSquare: true }) };
}

function coverageOf({ any, square }: Arrays): OrdinaryCoverage {
  return { any: any.coverage, square: square.coverage };
}

/** Of agreement in each pass. */
export type Covering = Map<LawAndPass, Arrays>;

/** What the searches of one implementation have in common. */
export interface Shared {
  readonly searches: Searches;
  readonly deadline: number;
  readonly covering: Covering;
  readonly switches: FoundSwitches;
  /** Where blocks are counted; undefined where they are not looked at. */
  readonly blocks: InstrumentedImplementation | undefined;
}

/** Where the cases of a search come from beside those that are tried first. */
export function lanesOf(
  { context }: Search,
  pair: LawAndPass,
  { searches, deadline, covering, switches, blocks }: Shared,
): readonly RankedLane[] {
  const arrays = covering.get(pair);
  const ranks = Object.keys(SOURCES);
  if (arrays === undefined)
    return [
      {
        rank: ranks.indexOf("layers"),
        pair,
        weight: weightOf(pair.law),
        portionMs: OTHER_LAW_PORTION_MS,
        cases: named("ordinary but for a few", casesOfLaw(context, pair, covering)),
        progress: () => 0,
      },
    ];
  const lane = (source: keyof typeof SOURCES, about: Omit<Lane, "pair" | "weight" | "portionMs">): RankedLane => {
    return { rank: ranks.indexOf(source), pair, weight: SOURCES[source], portionMs: PORTION_MS[source], ...about };
  };
  const { any, square } = arrays;
  const atWork = searches.atWork([pair]);
  const progress = (): number => tuplesMet(any) + tuplesMet(square);
  const settle = (): void => settleAll(arrays);
  const listed = (name: string, problems: readonly ConvProblem[]): Pick<Lane, "cases" | "progress"> => {
    const list = new ListedProblems(problems, context, atWork, deadline);
    return { cases: named(name, list.cases), progress: () => progress() + list.progress };
  };
  return [
    lane("ordinary", {
      cases: named("ordinary but for a few", ordinaryCases(context, coverageOf(arrays))),
      progress,
      settle,
    }),
    lane("varied", { cases: named("varied layers", variedLayerCases(context, atWork, deadline)), progress, settle }),
    lane("square", { cases: named("square covering array", square.cases), progress, settle }),
    lane("rows", { cases: named("covering array", any.cases), progress, settle }),
    lane("sizes", { ...listed("corners and sizes", [...CORNER_PROBLEMS, ...SIZE_PROBLEMS]), settle }),
    lane("layers", { ...listed("field layers", FIELD_LAYERS), settle }),
    ...(searches.isPlain ? [lane("switches", namedLane("switches", pathSwitches(context, switches)))] : []),
    ...(blocks === undefined ? [] : [lane("blocks", namedLane("blocks", newBlocks(context, blocks)))]),
    lane("random", { cases: named("random", randomCases(context)), progress, settle }),
  ];
}

/**
 * The sources of agreement, in the order in which they begin, of each pass before the next, and what a gain of each is
 * worth. What is random in every respect finds what nobody thought of; it yields less than what is made to.
 */
const SOURCES = {
  ordinary: 4,
  varied: 3,
  square: 3 / 2,
  rows: 3 / 2,
  sizes: 2,
  switches: 1 / 2,
  layers: 1,
  blocks: 1 / 2,
  random: 1 / 4,
} as const;

/** The next bundle is computed while one is checked, within a portion: of small cases several bundles are taken. */
const PORTION_MS = {
  ordinary: 240,
  varied: 120,
  square: 240,
  rows: 240,
  sizes: 60,
  switches: 60,
  layers: 60,
  blocks: 60,
  random: 60,
} as const;
const OTHER_LAW_PORTION_MS = 15;

export type RankedLane = Lane & { readonly rank: number };

/** The cases of a law other than agreement: of classes that agreement knows the implementation to do. */
async function* casesOfLaw(context: SourceContext, { pass }: LawAndPass, covering: Covering): CaseSource {
  const arrays = [...covering].find(([pair]) => pair.pass === pass)?.[1];
  yield* mixedCases(context, arrays && coverageOf(arrays));
}

function settleAll({ any, square }: Arrays): void {
  any.settle();
  square.settle();
}

function tuplesMet(cases: CoveringCases): number {
  return partMet(cases, 2) + partMet(cases, 3);
}

/** Of all pairs or triples that cases can have. */
function partMet(cases: CoveringCases, strength: Strength): number {
  const { pairs, pairsTotal, triples, triplesTotal } = cases.coverage.counts;
  const [met, total] = strength === 2 ? [pairs, pairsTotal] : [triples, triplesTotal];
  return total === 0 ? 1 : met / total;
}

/** The entry of agreement, with how many pairs and triples of classes its cases had. */
export function withCoverage(entry: CheckEntry, pair: LawAndPass, covering: Covering): CheckEntry {
  const arrays = pair.law === agreement ? covering.get(pair) : undefined;
  return arrays === undefined || entry.cases === 0 ? entry : { ...entry, coverage: arrays.any.coverage.counts };
}
