import { isVariant, type Implementation } from "../runner/discovery.ts";
import { PASSES, type ConvProblem, type Pass } from "../../core/problem.ts";
import type { CheckEntry } from "../../core/record.ts";
import { DATA_KINDS } from "../../suites/data/operands.ts";
import { agreement } from "../../suites/laws/agreement.ts";
import { canCheck } from "../../suites/laws/cost.ts";
import { LAWS } from "../../suites/laws/index.ts";
import { CASE_LIMIT_MS } from "./check.ts";
import { searchFreely } from "./free-search.ts";
import type { VerifyOptions } from "./options.ts";
import { RegressionCorpus } from "./regression-corpus.ts";
import type { Runner } from "./runner.ts";
import type { LawAndPass } from "./schedule.ts";
import { Searches } from "./searches.ts";
import { fittedCase, isSmall } from "./sources/case-fitting.ts";
import { countedCases } from "./sources/counted-cases.ts";
import { firstCases } from "./sources/first-cases.ts";
import { everyKindOf } from "./sources/given-cases.ts";
import { givenProblems, LEAST_CASE_MS, SLACK } from "./sources/given-problems.ts";
import { mixedCases } from "./sources/mixed-cases.ts";
import { missingMs } from "./tally.ts";
import { Verdicts } from "./verdicts.ts";

/** What a verify run tells while it goes on. */
export interface VerifyProgress {
  /** A case was checked. */
  onCase(implementation: Implementation, what: string, cases: number): void;
  onCheck(implementation: Implementation, entry: CheckEntry): void;
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

/**
 * Of the time after the first look at given problems, what the laws other than agreement have, where they speak of any.
 */
const OTHER_LAWS_SHARE = 0.5;

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
    await runner.start();
    yield* searchFreely({ implementation, searches, verdicts, pairs: offered, realLayers, startedAt, deadline });
  } else {
    if (options.problems !== undefined && options.oneCase === undefined) {
      const missing = await checkGivenProblems(searches, offered, options.problems, { deadline, options });
      const suggestedMs = run.suggestedMs(performance.now() - startedAt + missing);
      const suggestion = `--time ${Math.ceil((1.1 * suggestedMs) / 1000)} may do`;
      if (missing > 0) onWarning(`the time was too short for some problems; ${suggestion}`);
    }
    yield* checkInTurn(searches, verdicts, offered, { options, deadline });
  }
  if (!runner.isStopped) yield* refusals;
}

/** One law and pass after the other, each with its part of the time left. */
async function* checkInTurn(
  searches: Searches,
  verdicts: Verdicts,
  pairs: readonly LawAndPass[],
  { options, deadline }: { readonly options: VerifyOptions; readonly deadline: number },
): AsyncGenerator<CheckEntry, void, undefined> {
  for (const [index, pair] of pairs.entries()) {
    const refusal = verdicts.refusal(pair);
    if (refusal !== undefined) {
      yield refusal;
      continue;
    }
    const left = pairs.slice(index).filter(({ law }) => law !== agreement).length;
    const budgetMs = Math.max(0, deadline - performance.now()) / Math.max(1, left);
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

/** The given problems by agreement; gives the milliseconds that were missing for some of them. */
async function checkGivenProblems(
  searches: Searches,
  offered: readonly LawAndPass[],
  problems: readonly ConvProblem[],
  { deadline, options }: { readonly deadline: number; readonly options: VerifyOptions },
): Promise<number> {
  const pairs = new Map(offered.filter(({ law }) => law === agreement).map((pair) => [pair.pass, pair] as const));
  for (const pair of pairs.values()) await searches.begin(pair);
  const hasOthers = offered.some((pair) => pair.law !== agreement && speaksOf(pair, problems, options.seed));
  const source = givenProblems(problems, [...pairs.keys()], searches.atWork([...pairs.values()]), {
    seed: options.seed,
    kinds: options.data === undefined ? DATA_KINDS : [options.data],
    firstLookEnd: deadline,
    endOf: () => deadline - (hasOthers ? OTHER_LAWS_SHARE * Math.max(0, deadline - performance.now()) : 0),
    ...(options.firstCaseMs === undefined ? {} : { firstCaseMs: options.firstCaseMs }),
  });
  for await (const proposal of source) {
    const pass: Pass = proposal.kind === "leave-out" ? proposal.pass : proposal.convCase.pass;
    await searches.step(pairs.get(pass)!, proposal);
  }
  const all = [...pairs.values()].flatMap((pair) => searches.begun(pair) ?? []);
  return SLACK * all.reduce((sum, { subject, findings }) => sum + missingMs(findings.tally, subject.pass), 0);
}

function speaksOf({ law, pass }: LawAndPass, problems: readonly ConvProblem[], seed: number): boolean {
  return problems.some((problem) => DATA_KINDS.some((data) => canCheck(law, { problem, pass, data, seed })));
}
