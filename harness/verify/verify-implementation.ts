import { isVariant, type Implementation } from "../runner/discovery.ts";
import { PROBLEM_TYPES } from "../../core/element-types.ts";
import { PASSES, type ConvProblem } from "../../core/problem.ts";
import type { CheckEntry } from "../../core/record.ts";
import { agreement } from "../../suites/laws/agreement.ts";
import { nominalMs } from "../../suites/laws/cost.ts";
import { LAWS } from "../../suites/laws/index.ts";
import type { ConvCase } from "../../suites/laws/law.ts";
import { COMMON_PROBLEM } from "../../suites/problems/first-cases.ts";
import { checkGivenProblems, type GivenProgress } from "./check-given-problems.ts";
import { checkInTurn } from "./check-in-turn.ts";
import { checkDeclaration, DECLARED_ARITHMETIC } from "./declared-arithmetic.ts";
import { fieldShare } from "./field-share.ts";
import { InstrumentedImplementation } from "./instrumented.ts";
import { arraysOf, lanesOf, withCoverage, type Covering, type RankedLane, type Shared } from "./lanes.ts";
import type { VerifyOptions } from "./options.ts";
import type { Outcome } from "./outcome.ts";
import { RegressionCorpus } from "./regression-corpus.ts";
import type { Runner } from "./runner.ts";
import { Portion, Schedule, type Lane, type LawAndPass } from "./schedule.ts";
import { Searches } from "./searches.ts";
import { fittedCase } from "./sources/case-fitting.ts";
import { firstCases } from "./sources/first-cases.ts";
import { givenProblems, SLACK } from "./sources/given-problems.ts";
import { kindsFirst } from "./sources/kinds-first.ts";
import { FoundSwitches } from "./sources/path-switches.ts";
import { named, type CaseSource } from "./sources/source.ts";
import { Verdicts } from "./verdicts.ts";

/** Layers of their full size have as much time as they need, but at most this part of all, at its end. */
const REAL_LAYERS_SHARE = 0.1;
/** Holding what is declared against what is found has about this part of the time, after the searches. */
const DECLARATION_SHARE = 0.05;
/** A search of what is slow may go on for this part of its time more. */
const LONGER = 0.4;
/** The laws that have told nothing yet have at most this part of the time, at its end, for one case each. */
const LAST_LOOKS_SHARE = 0.5;

const INTERIM_MS = 2_000;

/** What a verify run tells while it goes on. */
export interface VerifyProgress {
  /** A case was checked. */
  onCase(implementation: Implementation, what: string, cases: number): void;
  onCheck(implementation: Implementation, entry: CheckEntry): void;
  /** What an implementation's searches have found so far, every two seconds. */
  onInterim?(implementation: Implementation, entries: readonly CheckEntry[]): void;
  /** How far the given problems are. */
  onGiven?(implementation: Implementation, progress: GivenProgress): void;
  /** What was told of it does not stand: its process ended for what may have come from outside, and it is checked alone. */
  onAgain?(implementation: Implementation): void;
  /** Something beside the checks went wrong. */
  onWarning(implementation: Implementation, warning: string): void;
}

/** One implementation's part of a run. */
export interface ImplementationRun {
  readonly implementation: Implementation;
  readonly runner: Runner;
  /** Their budget is the implementation's own share. */
  readonly options: VerifyOptions;
  readonly realLayers: readonly ConvProblem[];
  /** The budget of the whole run with which the implementation's own share would be this long. */
  readonly suggestedMs: (neededMs: number) => number;
}

/** Checks one implementation by every law in every pass, and gives an entry for each. */
export async function* verifyImplementation(
  run: ImplementationRun,
  progress: VerifyProgress,
): AsyncGenerator<CheckEntry, void, undefined> {
  const { implementation, runner, options, realLayers } = run;
  const startedAt = performance.now();
  const deadline = startedAt + options.budgetMs;
  const pairs = pairsOf(implementation, options);
  const corpus =
    options.keptFailures === undefined ? undefined : new RegressionCorpus(options.keptFailures, implementation.name);
  let interimAt = startedAt;
  const searches = new Searches({
    implementation,
    runner,
    options,
    startedAt,
    keptCases: ({ law, pass }) => corpus?.casesOf(law.name, pass, options) ?? [],
    onCase: (what, cases) => {
      progress.onCase(implementation, what, cases);
      if (performance.now() - interimAt < INTERIM_MS) return;
      interimAt = performance.now();
      progress.onInterim?.(implementation, verdicts.interim(pairs));
    },
  });
  const onWarning = (warning: string): void => progress.onWarning(implementation, warning);
  const verdicts = new Verdicts({ implementation, options, searches, corpus, deadline, onWarning });
  const refusals = pairs.flatMap((pair) => verdicts.refusal(pair) ?? []);
  const offered = pairs.filter((pair) => verdicts.refusal(pair) === undefined);
  const isFree = options.oneCase === undefined && options.problems === undefined && options.cases === undefined;
  if (isFree) {
    await runner.start();
    // A variant has little time, and the code of its library.
    const blocks =
      isVariant(implementation) || !isPlain(options)
        ? undefined
        : new InstrumentedImplementation(implementation, options.threads, options.sandbox);
    const search = {
      implementation,
      runner,
      searches,
      verdicts,
      blocks,
      pairs: offered,
      realLayers,
      startedAt,
      deadline,
    };
    let isUsable = true;
    try {
      for await (const entry of searchFreely(search)) {
        isUsable &&= entry.status !== "crashed" && entry.status !== "timed-out";
        yield entry;
      }
    } finally {
      await blocks?.stop();
    }
    if (isUsable && !runner.isStopped && asksDeclaration(implementation, options))
      yield await checkDeclaration(implementation, runner, DECLARATION_SHARE * options.budgetMs);
  } else {
    const onProgress = (given: GivenProgress): void => progress.onGiven?.(implementation, given);
    if (options.problems !== undefined && options.oneCase === undefined) {
      const missing = await checkGivenProblems(searches, offered, options.problems, { startedAt, options, onProgress });
      if (missing !== undefined) {
        const seconds = Math.ceil((1.2 * run.suggestedMs(performance.now() - startedAt + missing.ms)) / 1000);
        const hours = Math.ceil(seconds / 3600);
        // No command takes a longer time than a day.
        const suggestion = hours <= 24 ? `--time ${seconds} would do` : `all of them take about ${hours} hours`;
        onWarning(`${missing.what}; ${suggestion}`);
      }
    }
    yield* checkInTurn(searches, verdicts, offered, { options, deadline, onProgress });
  }
  if (!runner.isStopped) yield* refusals;
}

function isPlain({ type = "f32", post }: VerifyOptions): boolean {
  return type === "f32" && post === undefined;
}

function asksDeclaration(implementation: Implementation, options: VerifyOptions): boolean {
  const { passes, laws, data } = options;
  if (!isPlain(options)) return false;
  const isAsked = laws?.includes(DECLARED_ARITHMETIC) ?? data === undefined;
  return isAsked && passes.includes("forward") && !isVariant(implementation);
}

/** The laws and passes that are asked for. Agreement says all of a variant that its short time allows. */
function pairsOf(implementation: Implementation, options: VerifyOptions): readonly LawAndPass[] {
  const laws = LAWS.filter(
    (law) =>
      (isPlain(options) || law.anyType === true) &&
      (options.laws?.includes(law.name) ?? (law === agreement || !isVariant(implementation))),
  );
  const { hasGradients } = PROBLEM_TYPES[options.type ?? "f32"];
  const passes = PASSES.filter((pass) => options.passes.includes(pass) && (hasGradients || pass === "forward"));
  return laws.flatMap((law) => passes.filter((pass) => law.passes.includes(pass)).map((pass) => ({ law, pass })));
}

interface FreeSearch {
  readonly implementation: Implementation;
  readonly runner: Runner;
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
async function* searchFreely(search: FreeSearch): AsyncGenerator<CheckEntry, void, undefined> {
  const { searches, verdicts, pairs, deadline } = search;
  const covering: Covering = new Map();
  let open = pairs;
  const advance = async (
    pair: LawAndPass,
    cases: CaseSource,
    options: { readonly deadline: number; readonly most?: number },
  ): Promise<readonly CheckEntry[]> => {
    const shrinkMs = verdicts.shrinkMs((deadline - performance.now()) / open.length);
    const onOutcome = (outcome: Outcome): void => {
      // What is slow is not waited for without end, once something was tried. The rest to half of its time is for its end.
      search.runner.endBy(deadline + LONGER * (deadline - search.startedAt));
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
  const first: (readonly [LawAndPass, CaseSource])[] = [];
  for (const pair of open.filter(({ law }) => law === agreement))
    first.push([pair, named("first cases", firstCases((await searches.begin(pair)).context))]);
  // Each pass has one before any has more: of what is slow each pass is seen.
  for (const most of [1, Infinity])
    for (const [pair, cases] of first) if (open.includes(pair)) yield* await advance(pair, cases, { deadline, most });
  const shared: Shared = { searches, deadline, covering, switches: new FoundSwitches(), blocks: search.blocks };
  const lanes: RankedLane[] = [];
  for (const pair of open) lanes.push(...lanesOf(await searches.begin(pair), pair, shared));
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
    const declines = pair.law === agreement && findings.tally.cases > 0 && findings.tally.unsupported.size > 0;
    const fieldLayers = declines ? await fieldShare(search.runner, pair.pass) : { supported: 0, asked: 0 };
    const share = fieldLayers.asked === 0 ? {} : { fieldLayers };
    yield refusal ?? { ...withCoverage(await verdicts.conclude(pair), pair, covering), ...share };
  }
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

function commonCase({ pass }: LawAndPass): ConvCase {
  return fittedCase(COMMON_PROBLEM, pass, "dense-exact", 0);
}

async function* nothing(): CaseSource {}
