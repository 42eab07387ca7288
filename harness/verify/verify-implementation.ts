import { isVariant, type Implementation } from "../runner/discovery.ts";
import { PASSES, type ConvProblem } from "../../core/problem.ts";
import type { CheckEntry } from "../../core/record.ts";
import { agreement } from "../../suites/laws/agreement.ts";
import { LAWS } from "../../suites/laws/index.ts";
import { CASE_LIMIT_MS } from "./check.ts";
import { checkGivenProblems, type GivenProgress } from "./check-given-problems.ts";
import { searchFreely } from "./free-search.ts";
import { InstrumentedImplementation } from "./instrumented.ts";
import type { VerifyOptions } from "./options.ts";
import { RegressionCorpus } from "./regression-corpus.ts";
import type { Runner } from "./runner.ts";
import type { LawAndPass } from "./schedule.ts";
import { Searches } from "./searches.ts";
import { fittedCase, isSmall } from "./sources/case-fitting.ts";
import { countedCases } from "./sources/counted-cases.ts";
import { firstCases } from "./sources/first-cases.ts";
import { everyKindOf } from "./sources/given-cases.ts";
import { LEAST_CASE_MS } from "./sources/given-problems.ts";
import { mixedCases } from "./sources/mixed-cases.ts";
import { Verdicts } from "./verdicts.ts";

/** What a verify run tells while it goes on. */
export interface VerifyProgress {
  /** A case was checked. */
  onCase(implementation: Implementation, what: string, cases: number): void;
  onCheck(implementation: Implementation, entry: CheckEntry): void;
  /** How far the given problems are. */
  onGiven?(implementation: Implementation, progress: GivenProgress): void;
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
  const searches = new Searches({
    implementation,
    runner,
    options,
    startedAt,
    keptCases: ({ law, pass }) => corpus?.casesOf(law.name, pass, options.data) ?? [],
    onCase: (what, cases) => progress.onCase(implementation, what, cases),
  });
  const onWarning = (warning: string): void => progress.onWarning(implementation, warning);
  const verdicts = new Verdicts({ implementation, options, searches, corpus, deadline, onWarning });
  const refusals = pairs.flatMap((pair) => verdicts.refusal(pair) ?? []);
  const offered = pairs.filter((pair) => verdicts.refusal(pair) === undefined);
  const isFree = options.oneCase === undefined && options.problems === undefined && options.cases === undefined;
  if (isFree) {
    // What is slow is not waited for without end: half of its time again, or a call at its longest.
    runner.endBy(deadline + Math.max(options.budgetMs / 2, CASE_LIMIT_MS));
    await runner.start();
    // A variant has little time, and the code of its library.
    const blocks = isVariant(implementation)
      ? undefined
      : new InstrumentedImplementation(implementation, options.threads);
    const search = { implementation, searches, verdicts, blocks, pairs: offered, realLayers, startedAt, deadline };
    try {
      yield* searchFreely(search);
    } finally {
      await blocks?.stop();
    }
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

/** One law and pass after the other, each with its part of the time left. */
async function* checkInTurn(
  searches: Searches,
  verdicts: Verdicts,
  pairs: readonly LawAndPass[],
  {
    options,
    deadline,
    onProgress,
  }: {
    readonly options: VerifyOptions;
    readonly deadline: number;
    readonly onProgress: (progress: GivenProgress) => void;
  },
): AsyncGenerator<CheckEntry, void, undefined> {
  // Of a list the time counts, and not that each law tells something of it.
  const isList = (options.problems?.length ?? 0) > 1;
  for (const [index, pair] of pairs.entries()) {
    const leftMs = Math.max(0, deadline - performance.now());
    const refusal = verdicts.refusal(pair) ?? (isList && leftMs === 0 ? verdicts.outOfTime(pair) : undefined);
    if (refusal !== undefined) {
      yield refusal;
      continue;
    }
    if (isList) onProgress({ what: "laws", done: index, of: pairs.length, leftMs });
    const left = pairs.slice(index).filter(({ law }) => law !== agreement).length;
    const budgetMs = leftMs / Math.max(1, left);
    await takeTurn(searches, pair, options, { budgetMs, shrinkMs: verdicts.shrinkMs(budgetMs) });
    if (searches.isStopped) {
      // What was checked of others is kept too.
      yield* verdicts.interim(pairs.slice(index));
      return;
    }
    yield await verdicts.conclude(pair);
  }
}

/** The laws and passes that are asked for. Agreement says all of a variant that its short time allows. */
function pairsOf(implementation: Implementation, options: VerifyOptions): readonly LawAndPass[] {
  const laws = LAWS.filter(
    (law) => options.laws?.includes(law.name) ?? (law === agreement || !isVariant(implementation)),
  );
  const passes = PASSES.filter((pass) => options.passes.includes(pass));
  return laws.flatMap((law) => passes.filter((pass) => law.passes.includes(pass)).map((pass) => ({ law, pass })));
}

/** The cases that the user asks for, of one law in one pass. */
async function takeTurn(
  searches: Searches,
  pair: LawAndPass,
  options: VerifyOptions,
  { budgetMs, shrinkMs }: { readonly budgetMs: number; readonly shrinkMs: number },
): Promise<void> {
  const { law, pass } = pair;
  const deadline = performance.now() + budgetMs;
  const { context } = await searches.begin(pair);
  if (options.oneCase !== undefined) {
    const { problem, data } = options.oneCase;
    const convCase = { ...fittedCase(problem, pass, data, options.seed), data };
    const longMs = Math.max(options.firstCaseMs ?? LEAST_CASE_MS, budgetMs);
    const limitMs = isSmall(convCase.problem) ? CASE_LIMIT_MS : longMs;
    await searches.step(pair, { kind: "check", convCase }, { shrinkMs: 0, limitMs });
  } else if (options.problems !== undefined) {
    // Agreement has checked them.
    if (law === agreement) return;
    await searches.advance(pair, everyKindOf(options.problems, context), { deadline, shrinkMs });
  } else if (options.cases !== undefined) {
    await searches.advance(pair, firstCases(context), { deadline: Infinity, shrinkMs });
    const counted = countedCases(mixedCases(context), law, options.cases);
    await searches.advance(pair, counted, { deadline: Infinity, shrinkMs });
  }
}
