import { isVariant, type Implementation } from "../runner/discovery.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import type { CheckEntry } from "../../core/record.ts";
import { agreement } from "../../suites/laws/agreement.ts";
import { nominalMs } from "../../suites/laws/cost.ts";
import type { ConvCase } from "../../suites/laws/law.ts";
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
/** What is random in every respect finds what nobody thought of; it yields less than what is made to. */
const RANDOM_WEIGHT = 1 / 4;

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
  const covering = new Map<Pass, CoveringCases>();
  let open = pairs;
  const advance = async (
    pair: LawAndPass,
    cases: CaseSource,
    options: { readonly deadline: number },
  ): Promise<readonly CheckEntry[]> => {
    const shrinkMs = verdicts.shrinkMs((deadline - performance.now()) / open.length);
    const onOutcome = (outcome: Outcome): void => {
      if (pair.law === agreement) covering.get(pair.pass)?.hear(outcome);
    };
    const { findings } = await searches.advance(pair, cases, { shrinkMs, onOutcome, ...options });
    if (findings.found === undefined || searches.isStopped) return [];
    open = open.filter((other) => other !== pair);
    return [withCoverage(await verdicts.conclude(pair), covering)];
  };

  for (const pair of pairs) {
    const { context } = await searches.begin(pair);
    if (pair.law === agreement) covering.set(pair.pass, new CoveringCases(context));
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
    for (const entry of verdicts.interim(open)) yield withCoverage(entry, covering);
    return;
  }
  for (const pair of open) {
    const { findings } = await searches.begin(pair);
    const refusal = findings.tally.tellingElements > 0 ? undefined : verdicts.refusal(pair);
    yield refusal ?? withCoverage(await verdicts.conclude(pair), covering);
  }
}

/** A source under its name. */
function namedLane(name: string, { cases, progress }: MeasuredSource): MeasuredSource {
  return { cases: named(name, cases), progress };
}

/** What the searches of one implementation have in common. */
interface Shared {
  /** By pass, of agreement. */
  readonly covering: ReadonlyMap<Pass, CoveringCases>;
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
  const { law, pass } = pair;
  const weight = weightOf(law);
  const rows = law === agreement ? covering.get(pass) : undefined;
  if (rows === undefined) return [{ rank: RANK.otherLaw, pair, weight, ...rowsOfLaw(context, covering) }];
  const progress = (): number => pairsMet(rows) + triplesMet(rows);
  const settle = (): void => rows.settle();
  const listed = (name: string, problems: readonly ConvProblem[]): Pick<Lane, "cases" | "progress"> => {
    const list = new ListedProblems(problems, context, searches.atWork([pair]), deadline);
    return { cases: named(name, list.cases), progress: () => progress() + list.progress };
  };
  return [
    { rank: RANK.rows, pair, weight, cases: named("covering array", rows.cases), progress, settle },
    { rank: RANK.sizes, pair, weight, ...listed("sizes", SIZE_PROBLEMS), settle },
    { rank: RANK.layers, pair, weight, ...listed("field layers", FIELD_LAYERS), settle },
    { rank: RANK.switches, pair, weight, ...namedLane("switches", pathSwitches(context, switches)), settle },
    ...(blocks === undefined
      ? []
      : [{ rank: RANK.blocks, pair, weight, ...namedLane("blocks", newBlocks(context, blocks)), settle }]),
    { rank: RANK.random, pair, weight: RANDOM_WEIGHT, cases: named("random", randomCases(context)), progress, settle },
  ];
}

/** The order in which lanes begin, of each pass before the next. */
const RANK = { rows: 0, sizes: 1, switches: 2, layers: 3, otherLaw: 4, blocks: 5, random: 6 } as const;

type RankedLane = Lane & { readonly rank: number };

/** The cases of a law other than agreement, begun late: by then agreement may know what the implementation declines. */
function rowsOfLaw(
  context: SourceContext,
  covering: ReadonlyMap<Pass, CoveringCases>,
): Pick<Lane, "cases" | "progress" | "settle"> {
  let rows: CoveringCases | undefined;
  const cases = async function* (): CaseSource {
    rows = new CoveringCases(context, covering.get(context.pass));
    yield* mixedCases(context, rows.cases);
  };
  return {
    cases: named("covering array", cases()),
    progress: () => (rows === undefined ? 0 : pairsMet(rows)),
    settle: () => rows?.settle(),
  };
}

function pairsMet({ coverage }: CoveringCases): number {
  const { pairs, pairsTotal } = coverage.counts;
  return pairsTotal === 0 ? 1 : pairs / pairsTotal;
}

function triplesMet({ coverage }: CoveringCases): number {
  const { triples, triplesTotal } = coverage.counts;
  return triplesTotal === 0 ? 1 : triples / triplesTotal;
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

function withCoverage(entry: CheckEntry, covering: ReadonlyMap<Pass, CoveringCases>): CheckEntry {
  const rows = entry.law === agreement.name ? covering.get(entry.pass) : undefined;
  return rows === undefined || entry.cases === 0 ? entry : { ...entry, coverage: rows.coverage.counts };
}

function commonCase({ pass }: LawAndPass): ConvCase {
  return fittedCase(COMMON_PROBLEM, pass, "dense-exact", 0);
}

async function* nothing(): CaseSource {}
