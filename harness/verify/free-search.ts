import { isVariant, type Implementation } from "../runner/discovery.ts";
import type { ConvProblem } from "../../core/problem.ts";
import type { CheckEntry } from "../../core/record.ts";
import { agreement } from "../../suites/laws/agreement.ts";
import { nominalMs } from "../../suites/laws/cost.ts";
import type { ConvCase } from "../../suites/laws/law.ts";
import type { Strength } from "../../suites/problems/coverage.ts";
import { CORNER_PROBLEMS } from "../../suites/problems/corner-problems.ts";
import { FIELD_LAYERS } from "../../suites/problems/field-layers.ts";
import { COMMON_PROBLEM } from "../../suites/problems/first-cases.ts";
import { SIZE_PROBLEMS } from "../../suites/problems/size-problems.ts";
import type { InstrumentedImplementation } from "./instrumented.ts";
import type { Outcome } from "./outcome.ts";
import { Portion, Schedule, weightOf, type Lane, type LawAndPass } from "./schedule.ts";
import type { Search, Searches } from "./searches.ts";
import { newBlocks } from "./sources/block-coverage.ts";
import { fittedCase } from "./sources/case-fitting.ts";
import { CoveringCases } from "./sources/covering-cases.ts";
import { firstCases } from "./sources/first-cases.ts";
import { givenProblems, SLACK } from "./sources/given-problems.ts";
import { ListedProblems } from "./sources/listed-problems.ts";
import { mixedCases } from "./sources/mixed-cases.ts";
import { FoundSwitches, pathSwitches } from "./sources/path-switches.ts";
import { randomCases } from "./sources/random-cases.ts";
import { kindsFirst } from "./sources/kinds-first.ts";
import { named, type CaseSource, type MeasuredSource, type SourceContext } from "./sources/source.ts";
import type { Verdicts } from "./verdicts.ts";

/** Layers of their full size have as much time as they need, but at most this part of all, at its end. */
const REAL_LAYERS_SHARE = 0.15;
/** The laws that have told nothing yet have at most this part of the time, at its end, for one case each. */
const LAST_LOOKS_SHARE = 0.5;

export interface FreeSearch {
  readonly implementation: Implementation;
  readonly searches: Searches;
  readonly verdicts: Verdicts;
  /** A process that counts the blocks of the plugin's code; whoever made it stops it. */
  readonly blocks: InstrumentedImplementation | undefined;
  /** The laws and passes that the implementation can be asked about. */
  readonly pairs: readonly LawAndPass[];
  /** Layers of networks in their full size. */
  readonly realLayers: readonly ConvProblem[];
  readonly startedAt: number;
  readonly deadline: number;
}

/**
 * Searches everything that laws say of an implementation until its time is over: failures of earlier runs, the common
 * problem with every fill, then what promises most (see Schedule). A search that found a counterexample has its entry
 * at once, the others at the end.
 */
export async function* searchFreely(search: FreeSearch): AsyncGenerator<CheckEntry, void, undefined> {
  const { searches, verdicts, pairs, deadline } = search;
  const covering: Covering = new Map<LawAndPass, Arrays>();
  let open = pairs;
  const advance = async (
    pair: LawAndPass,
    cases: CaseSource,
    options: { readonly deadline: number },
  ): Promise<readonly CheckEntry[]> => {
    const shrinkMs = verdicts.shrinkMs((deadline - performance.now()) / open.length);
    const onOutcome = (outcome: Outcome): void => {
      const { any, square } = covering.get(pair) ?? {};
      any?.hear(outcome);
      square?.hear(outcome);
    };
    const { findings } = await searches.advance(pair, cases, { shrinkMs, onOutcome, ...options });
    if (findings.found === undefined || searches.isStopped) return [];
    open = open.filter((other) => other !== pair);
    return [withCoverage(await verdicts.conclude(pair), pair, covering)];
  };

  for (const pair of pairs) {
    const { context } = await searches.begin(pair);
    if (pair.law === agreement) covering.set(pair, arraysOf(context));
    if (!searches.isOpen(pair)) yield* await advance(pair, nothing(), { deadline });
  }
  for (const pair of open.filter(({ law }) => law === agreement)) {
    const { context } = await searches.begin(pair);
    yield* await advance(pair, named("first cases", firstCases(context)), { deadline });
  }
  const shared: Shared = { covering, switches: new FoundSwitches(), blocks: search.blocks };
  const lanes: RankedLane[] = [];
  for (const pair of open) lanes.push(...lanesOf(await searches.begin(pair), pair, search, shared));
  lanes.sort((one, other) => one.rank - other.rank);
  const schedule = new Schedule(lanes);
  let nominalSpentMs = 0;
  /** For one case of each law that has told nothing yet, at the speed seen. */
  const lastLooksMs = (): number => {
    const untold = open.filter((pair) => verdicts.refusal(pair) === undefined && !searches.hasTold(pair));
    const nominal = untold.reduce((sum, pair) => sum + nominalMs(pair.law, commonCase(pair)), 0);
    const slowness = nominalSpentMs === 0 ? 1 : (performance.now() - search.startedAt) / nominalSpentMs;
    return Math.min(LAST_LOOKS_SHARE * (deadline - search.startedAt), nominal * slowness);
  };
  const isOver = (lane: Lane): boolean => !open.includes(lane.pair) || verdicts.refusal(lane.pair) !== undefined;
  const searchUntil = async function* (end: () => number): AsyncGenerator<CheckEntry, void, undefined> {
    schedule.close(isOver);
    for (let lane = schedule.next(); lane !== undefined; lane = schedule.next()) {
      const current = lane;
      if (performance.now() >= end() || searches.isStopped) return;
      const portion = new Portion(current);
      const before = current.progress();
      const found = await advance(current.pair, portion.cases, { deadline: end() });
      nominalSpentMs += portion.ms;
      current.settle?.();
      schedule.account(current, portion.ms, current.progress() - before);
      // A search that takes nothing has nothing to ask any more.
      const isSpent = portion.isLast || portion.ms === 0;
      schedule.close((other) => isOver(other) || (isSpent && other === current));
      yield* found;
    }
  };
  yield* searchUntil(() => deadline - lastLooksMs() - realLayersMs(search, open));
  for (const pair of isVariant(search.implementation) ? [] : open.filter(({ law }) => law === agreement)) {
    const { context } = await searches.begin(pair);
    const end = deadline - lastLooksMs();
    const timing = { firstLookEnd: end, endOf: () => end };
    const questions = kindsFirst(search.realLayers.map((problem) => ({ problem, pass: pair.pass })));
    const layers = givenProblems(questions, searches.atWork([pair]), { ...context, ...timing });
    if (!searches.isStopped) yield* await advance(pair, named("layers in full size", layers), { deadline: Infinity });
  }
  yield* searchUntil(() => deadline - lastLooksMs());
  // However little time there was, each law has a case that tells something: at no cost where it was searched before.
  for (const pair of open) {
    const { context } = await searches.begin(pair);
    const lane = lanes.find((candidate) => candidate.pair === pair);
    for (const cases of [named("first cases", firstCases(context)), lane?.cases ?? nothing()]) {
      const isAsked = open.includes(pair) && verdicts.refusal(pair) === undefined && !searches.isStopped;
      if (isAsked && !searches.hasTold(pair)) yield* await advance(pair, cases, { deadline: 0 });
    }
  }
  yield* searchUntil(() => deadline);
  if (searches.isStopped) {
    for (const pair of open) for (const entry of verdicts.interim([pair])) yield withCoverage(entry, pair, covering);
    return;
  }
  for (const pair of open) {
    const { findings } = await searches.begin(pair);
    const refusal = findings.tally.tellingElements > 0 ? undefined : verdicts.refusal(pair);
    yield refusal ?? withCoverage(await verdicts.conclude(pair), pair, covering);
  }
}

/** A source under its name. */
function namedLane(name: string, { cases, progress }: MeasuredSource): MeasuredSource {
  return { cases: named(name, cases), progress };
}

/** The covering arrays of one search: of square cases, and of cases with axes of any classes. */
interface Arrays {
  readonly any: CoveringCases;
  readonly square: CoveringCases;
}

function arraysOf(context: SourceContext, like?: Arrays): Arrays {
  return {
    any: new CoveringCases(context, { like: like?.any }),
    square: new CoveringCases(context, { like: like?.square, isSquare: true }),
  };
}

/** Of each search that has begun to take their rows. */
type Covering = Map<LawAndPass, Arrays>;

/** What the searches of one implementation have in common. */
interface Shared {
  readonly covering: Covering;
  readonly switches: FoundSwitches;
  /** Where blocks are counted; undefined where they are not looked at. */
  readonly blocks: InstrumentedImplementation | undefined;
}

/** Where the cases of a search come from beside those that are tried first. */
function lanesOf(
  { context }: Search,
  pair: LawAndPass,
  { searches, deadline }: FreeSearch,
  { covering, switches, blocks }: Shared,
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
        ...rowsOfLaw(context, pair, covering),
      },
    ];
  const lane = (source: keyof typeof SOURCES, about: Omit<Lane, "pair" | "weight" | "portionMs">): RankedLane => {
    return { rank: ranks.indexOf(source), pair, weight: SOURCES[source], portionMs: PORTION_MS[source], ...about };
  };
  const { any, square } = arrays;
  const progress = (): number => tuplesMet(any) + tuplesMet(square);
  const settle = (): void => settleAll(arrays);
  const listed = (name: string, problems: readonly ConvProblem[]): Pick<Lane, "cases" | "progress"> => {
    const list = new ListedProblems(problems, context, searches.atWork([pair]), deadline);
    return { cases: named(name, list.cases), progress: () => progress() + list.progress };
  };
  return [
    lane("square", { cases: named("square covering array", square.cases), progress, settle }),
    lane("rows", { cases: named("covering array", any.cases), progress, settle }),
    lane("sizes", { ...listed("corners and sizes", [...CORNER_PROBLEMS, ...SIZE_PROBLEMS]), settle }),
    lane("layers", { ...listed("field layers", FIELD_LAYERS), settle }),
    lane("switches", namedLane("switches", pathSwitches(context, switches))),
    ...(blocks === undefined ? [] : [lane("blocks", namedLane("blocks", newBlocks(context, blocks)))]),
    lane("random", { cases: named("random", randomCases(context)), progress, settle }),
  ];
}

/**
 * The sources of agreement, in the order in which they begin, of each pass before the next, and what a gain of each is
 * worth. What is random in every respect finds what nobody thought of; it yields less than what is made to.
 */
const SOURCES = { square: 3, rows: 2, sizes: 1, switches: 1 / 2, layers: 1, blocks: 1 / 2, random: 1 / 4 } as const;

/** The next bundle is computed while one is checked, within a portion: of small cases several bundles are taken. */
const PORTION_MS = { square: 240, rows: 240, sizes: 60, switches: 60, layers: 60, blocks: 60, random: 60 } as const;
const OTHER_LAW_PORTION_MS = 15;

type RankedLane = Lane & { readonly rank: number };

/** The cases of a law other than agreement, begun late: by then agreement may know what the implementation declines. */
function rowsOfLaw(
  context: SourceContext,
  pair: LawAndPass,
  covering: Covering,
): Pick<Lane, "cases" | "progress" | "settle"> {
  const cases = async function* (): CaseSource {
    const like = [...covering].find(([{ law, pass }]) => law === agreement && pass === pair.pass)?.[1];
    const arrays = arraysOf(context, like);
    covering.set(pair, arrays);
    yield* mixedCases(context, arrays.any.cases, arrays.square.cases);
  };
  return {
    cases: named("covering array", cases()),
    progress: () => partMet(covering.get(pair)?.any, 2),
    settle: () => settleAll(covering.get(pair)),
  };
}

function settleAll(arrays: Arrays | undefined): void {
  arrays?.any.settle();
  arrays?.square.settle();
}

function tuplesMet(cases: CoveringCases): number {
  return partMet(cases, 2) + partMet(cases, 3);
}

/** Of all pairs or triples that cases can have. */
function partMet(cases: CoveringCases | undefined, strength: Strength): number {
  if (cases === undefined) return 0;
  const { pairs, pairsTotal, triples, triplesTotal } = cases.coverage.counts;
  const [met, total] = strength === 2 ? [pairs, pairsTotal] : [triples, triplesTotal];
  return total === 0 ? 1 : met / total;
}

/** How long the layers of full size take in the passes that are open, within their share. */
function realLayersMs({ searches, realLayers, startedAt, deadline }: FreeSearch, open: readonly LawAndPass[]): number {
  const mostMs = REAL_LAYERS_SHARE * (deadline - startedAt);
  const pairs = open.filter(({ law }) => law === agreement);
  const atWork = searches.atWork(pairs);
  const needed = pairs.map(({ pass }) =>
    atWork.isRateKnown(pass)
      ? realLayers.reduce((sum, problem) => sum + SLACK * atWork.expectedMs(problem, pass), 0)
      : mostMs,
  );
  return Math.min(
    mostMs,
    needed.reduce((sum, ms) => sum + ms, 0),
  );
}

function withCoverage(entry: CheckEntry, pair: LawAndPass, covering: Covering): CheckEntry {
  const arrays = pair.law === agreement ? covering.get(pair) : undefined;
  return arrays === undefined || entry.cases === 0 ? entry : { ...entry, coverage: arrays.any.coverage.counts };
}

function commonCase({ pass }: LawAndPass): ConvCase {
  return fittedCase(COMMON_PROBLEM, pass, "dense-exact", 0);
}

async function* nothing(): CaseSource {}
