import { isVariant, type Implementation } from "../runner/discovery.ts";
import { PASSES, type ConvProblem, type Pass } from "../../core/problem.ts";
import type { CheckEntry, Status } from "../../core/record.ts";
import { UsageError } from "../../core/usage-error.ts";
import { agreement } from "../../suites/laws/agreement.ts";
import { LAWS } from "../../suites/laws/index.ts";
import { CASE_LIMIT_MS } from "./check.ts";
import { checkGivenProblems, type GivenProgress } from "./check-given-problems.ts";
import { conclude, interimEntry, type Conclusion } from "./conclusion.ts";
import { evidenceFolder, writeEvidence } from "./evidence.ts";
import type { VerifyOptions } from "./options.ts";
import { RegressionCorpus } from "./regression-corpus.ts";
import type { Runner } from "./runner.ts";
import { firstRound, timeShares, type LawAndPass } from "./schedule.ts";
import { SHRINK_MS } from "./search.ts";
import { Searches } from "./searches.ts";
import { fittedCase, isSmall } from "./sources/case-fitting.ts";
import { everyKindOf } from "./sources/given-cases.ts";
import { givenProblems, LEAST_CASE_MS } from "./sources/given-problems.ts";
import { kindsFirst } from "./sources/kinds-first.ts";
import { countedRandomCases } from "./sources/random-cases.ts";
import { named } from "./sources/source.ts";

/** What a verify run tells while it goes on. */
export interface VerifyProgress {
  /** A case was checked. */
  onCase(implementation: Implementation, what: string, cases: number): void;
  onCheck(implementation: Implementation, entry: CheckEntry): void;
  /** Of given problems: how far their checking is. */
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

/** Of an implementation's time, the first round over all laws and passes may use this share. */
const FIRST_ROUND = 0.3;
/** A failure after the first is made smaller while its law has time, but within these limits. */
const LATER_SHRINK_MS = { least: 200, most: 10_000 };
/** Of the time of a law and pass, real layers may use this share. */
const REAL_LAYERS_SHARE = 0.6;
/** Checks one implementation by every law in every pass, and gives an entry for each. */
export async function* verifyImplementation(
  run: ImplementationRun,
  progress: VerifyProgress,
): AsyncGenerator<CheckEntry, void, undefined> {
  const { implementation, runner, options } = run;
  const startedAt = performance.now();
  const deadline = startedAt + options.budgetMs;
  const pairs = pairsOf(implementation, options);
  const offered = pairs.filter(({ pass }) => implementation.description.passes.includes(pass));
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
  const isFree = options.oneCase === undefined && options.problems === undefined && options.cases === undefined;
  if (isFree) await runner.start();
  const broken = isFree ? await firstBroken(searches, offered, deadline) : undefined;
  if (options.problems !== undefined && options.oneCase === undefined) {
    const onProgress = (given: GivenProgress): void => progress.onGiven?.(implementation, given);
    const missing = await checkGivenProblems(searches, offered, options.problems, { startedAt, options, onProgress });
    if (missing !== undefined) {
      const seconds = Math.ceil((1.2 * run.suggestedMs(performance.now() - startedAt + missing.ms)) / 1000);
      const hours = Math.ceil(seconds / 3600);
      // No command takes a longer time than a day.
      const suggestion = hours <= 24 ? `--time ${seconds} would do` : `all of them take about ${hours} hours`;
      progress.onWarning(implementation, `${missing.what}; ${suggestion}`);
    }
  }
  const inTurn = broken === undefined ? pairs : [broken, ...pairs.filter((pair) => pair !== broken)];
  const shareOf = timeShares(inTurn.filter((pair) => offered.includes(pair)));
  // Of a list the time counts, and not that each law tells something of it.
  const isList = (options.problems?.length ?? 0) > 1;
  let hasFailed = false;
  /** Their first failure is told with its cause, as the one that is shown. */
  const failedPasses = new Set<Pass>();
  /** Why the laws other than agreement are not checked any more. */
  let hung: string | undefined;
  for (const [index, pair] of inTurn.entries()) {
    const { law, pass } = pair;
    const unchecked = (status: Status, reason: string): CheckEntry => {
      return { impl: implementation.name, law: law.name, pass, cases: 0, margin: null, status, reason };
    };
    if (!offered.includes(pair)) {
      yield unchecked("unsupported", `it has no ${pass}`);
      continue;
    }
    if (hung !== undefined && law !== agreement) {
      yield unchecked("mistrusted", hung);
      continue;
    }
    const leftMs = Math.max(0, deadline - performance.now());
    if (isList && law !== agreement && leftMs === 0) {
      yield unchecked("unsupported", "not checked: the time was up");
      continue;
    }
    if (isList) progress.onGiven?.(implementation, { what: "laws", done: index, of: inTurn.length, leftMs });
    const budgetMs = shareOf(pair) * leftMs;
    const laterShrinkMs = Math.min(LATER_SHRINK_MS.most, Math.max(LATER_SHRINK_MS.least, budgetMs));
    await takeTurn(searches, pair, run, { budgetMs, shrinkMs: hasFailed ? laterShrinkMs : SHRINK_MS });
    if (runner.isStopped) {
      // What the first round checked of others is kept too.
      for (const { subject, findings } of inTurn.slice(index).flatMap((other) => searches.begun(other) ?? []))
        if (findings.tally.cases > 0) yield interimEntry(subject, findings);
      return;
    }
    const { subject, findings, holding } = await searches.begin(pair);
    const conclusion = await conclude(subject, findings, failedPasses.has(pass) ? 0 : options.causeMs);
    const { entry } = conclusion;
    hasFailed ||= isFailure(entry);
    if (isFailure(entry)) failedPasses.add(pass);
    if (entry.status === "timed-out") hung ??= `not checked: it had hung in ${pass}, law ${law.name}`;
    // Each crash costs a new process: they do not go on for longer than the implementation's time.
    if (entry.status === "crashed" && performance.now() > deadline)
      hung ??= `not checked: its time was up when it had crashed in ${pass}, law ${law.name}`;
    try {
      writeNpy(implementation, options, conclusion);
      corpus?.update(law.name, holding, conclusion.brokenCase);
    } catch (error) {
      // A file that cannot be written does not cost the verdicts.
      if (!(error instanceof UsageError)) throw error;
      progress.onWarning(implementation, error.message);
    }
    yield entry;
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

/** The first law and pass that broke in a first round over all, undefined where none did. */
async function firstBroken(
  searches: Searches,
  offered: readonly LawAndPass[],
  deadline: number,
): Promise<LawAndPass | undefined> {
  const end = performance.now() + FIRST_ROUND * Math.max(0, deadline - performance.now());
  for (const { pair, share, from, most } of firstRound(offered)) {
    const turnEnd = performance.now() + share * Math.max(0, end - performance.now());
    const { sources } = await searches.begin(pair);
    const source = from === "first cases" ? sources.first : sources.sampled;
    const { findings } = await searches.advance(pair, source, { deadline: turnEnd, ...(most && { most }) });
    if (findings.found !== undefined) return pair;
    if (searches.isStopped) return undefined;
  }
  return undefined;
}

/** The search of one law in one pass, within its share of the time. */
async function takeTurn(
  searches: Searches,
  pair: LawAndPass,
  { implementation, options, realLayers }: ImplementationRun,
  { budgetMs, shrinkMs }: { readonly budgetMs: number; readonly shrinkMs: number },
): Promise<void> {
  const { law, pass } = pair;
  const startedAt = performance.now();
  const deadline = startedAt + budgetMs;
  const { context, sources } = await searches.begin(pair);
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
    await searches.advance(pair, sources.first, { deadline: Infinity, shrinkMs });
    const random = named("random", countedRandomCases(context, options.cases));
    await searches.advance(pair, random, { deadline: Infinity, shrinkMs });
  } else if (law !== agreement || isVariant(implementation)) {
    await searches.advance(pair, sources.sampled, { deadline, shrinkMs });
  } else {
    const layersStart = startedAt + budgetMs * (1 - REAL_LAYERS_SHARE);
    await searches.advance(pair, sources.first, { deadline: layersStart, shrinkMs });
    await searches.advance(pair, sources.random, { deadline: layersStart, shrinkMs });
    const timing = { firstLookEnd: deadline, endOf: () => deadline };
    const questions = kindsFirst(realLayers.map((problem) => ({ problem, pass })));
    const layers = givenProblems(questions, searches.atWork([pair]), { ...context, ...timing });
    await searches.advance(pair, named("layers of networks", layers), { deadline: Infinity, shrinkMs });
    await searches.advance(pair, sources.first, { deadline, shrinkMs });
    await searches.advance(pair, sources.random, { deadline, shrinkMs });
  }
}

function writeNpy({ name }: Implementation, { npyFolder }: VerifyOptions, { entry, evidence }: Conclusion): void {
  if (npyFolder === undefined || evidence === undefined) return;
  writeEvidence(evidenceFolder(npyFolder, name, entry.law, entry.pass), evidence, entry.failure?.rerun ?? "");
}

/** Whether an entry is the implementation's fault. */
export function isFailure({ status, failure }: CheckEntry): boolean {
  return failure !== undefined && status !== "known-defect";
}
