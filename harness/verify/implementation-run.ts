import type { SharedProcess } from "../runner/process.ts";
import { DATA_KINDS } from "../../suites/data/operands.ts";
import { isVariant, type Implementation } from "../runner/discovery.ts";
import { PASSES, type ConvProblem, type Pass } from "../../core/problem.ts";
import type { CheckEntry } from "../../core/record.ts";
import { UsageError } from "../../core/usage-error.ts";
import { agreement } from "../../suites/laws/agreement.ts";
import { LAWS } from "../../suites/laws/index.ts";
import type { ConvCase, Law } from "../../suites/laws/law.ts";
import { evidenceFolder, writeEvidence } from "./evidence.ts";
import { Exploration } from "./exploration.ts";
import { firstBroken, timeShares, type LawAndPass } from "./first-round.ts";
import type { GivenProblemJudge } from "./given-problem-judge.ts";
import { judgeGivenProblems } from "./given-problems.ts";
import { KeptFailureFile } from "./kept-failures.ts";
import { defectsOf } from "./expected-failures.ts";
import type { VerifyOptions } from "./options.ts";
import { ImplementationSession } from "./session.ts";

/** What a verify run tells while it goes on. */
export interface VerifyProgress {
  /** A case was judged. */
  onCase(implementation: Implementation, what: string, cases: number): void;
  onCheck(implementation: Implementation, entry: CheckEntry): void;
  /** Something beside the judging went wrong. */
  onWarning(implementation: Implementation, warning: string): void;
}

/** One implementation's part of a run. */
export interface ImplementationRun {
  readonly implementation: Implementation;
  readonly process: SharedProcess;
  /** Their budget is the implementation's own share. */
  readonly options: VerifyOptions;
  readonly realLayers: readonly ConvProblem[];
  /** The budget of the whole run with which the implementation's own share would be so long. */
  readonly suggestedMs: (neededMs: number) => number;
}

/** Of an implementation's time, the first round over all laws and passes may use so much. */
const FIRST_ROUND = 0.3;
/** A failure after the first is made smaller while its law has time, but within these limits. */
const LATER_SHRINK_MS = { least: 200, most: 10_000 };
/** Of the time after the first look at given problems, what the laws other than agreement have, where they speak of any. */
const OTHER_LAWS_SHARE = 0.5;

/** Judges one implementation by every law in every pass; gives the milliseconds that the reference took. */
export async function verifyImplementation(
  { implementation, process, options, realLayers, suggestedMs }: ImplementationRun,
  progress: VerifyProgress,
  signal: AbortSignal,
  onEntry: (entry: CheckEntry) => boolean,
): Promise<number> {
  const startedAt = performance.now();
  const deadline = startedAt + options.budgetMs;
  const session = new ImplementationSession(implementation.description, options.threads, 10_000, () =>
    process.channel(),
  );
  const abort = (): void => {
    void session.stop();
    void process.stop();
  };
  signal.addEventListener("abort", abort);
  const expectedFailures = defectsOf(implementation);
  // Agreement says all of a variant that its short time allows.
  const laws = LAWS.filter(
    (law) => options.laws?.includes(law.name) ?? (law === agreement || !isVariant(implementation)),
  );
  const kept =
    options.keptFailures === undefined ? undefined : new KeptFailureFile(options.keptFailures, implementation.name);
  const explorations = new Map<LawAndPass, Exploration>();
  const holding = new Map<LawAndPass, readonly ConvCase[]>();
  /** The exploration of a law and pass, which has tried the failures of earlier runs. */
  const explorationOf = async (pair: LawAndPass, budgetMs: number): Promise<Exploration> => {
    const begun = explorations.get(pair);
    if (begun !== undefined) return begun;
    const { law, pass } = pair;
    const exploration = new Exploration({
      implementation,
      session,
      law,
      pass,
      seed: options.seed,
      budgetMs,
      data: options.data,
      expectedFailures,
      before: {
        startedAt,
        get cases() {
          return [...explorations.values()].reduce((sum, other) => sum + (other === exploration ? 0 : other.cases), 0);
        },
      },
      onCase: () => progress.onCase(implementation, `${law.name} ${pass}`, exploration.cases),
    });
    explorations.set(pair, exploration);
    holding.set(pair, await exploration.tryAgain(kept?.casesOf(law.name, pass, options.data) ?? []));
    return exploration;
  };
  let hasFailed = false;
  let hung: string | undefined;
  const pairs = laws.flatMap((law) =>
    PASSES.filter((pass) => law.passes.includes(pass) && options.passes.includes(pass)).map((pass) => ({ law, pass })),
  );
  const offered = pairs.filter(({ pass }) => implementation.description.passes.includes(pass));
  const isFree = options.oneCase === undefined && options.problems === undefined && options.cases === undefined;
  try {
    if (isFree) await session.start();
    const firstRoundEnd = performance.now() + FIRST_ROUND * Math.max(0, deadline - performance.now());
    const broken = isFree ? await firstBroken(offered, firstRoundEnd, explorationOf, signal) : undefined;
    const inTurn = broken === undefined ? pairs : [broken, ...pairs.filter((pair) => pair !== broken)];
    const shareOf = timeShares(inTurn.filter((pair) => offered.includes(pair)));
    if (options.problems !== undefined && options.oneCase === undefined) {
      const neededMs = await judgeGiven(offered, options.problems, explorationOf, { deadline, options });
      if (neededMs > 0) {
        const seconds = Math.ceil((1.1 * suggestedMs(performance.now() - startedAt + neededMs)) / 1000);
        progress.onWarning(implementation, `the time was too short for some problems; --time ${seconds} may do`);
      }
    }
    for (const pair of inTurn) {
      const { law, pass } = pair;
      if (!implementation.description.passes.includes(pass)) {
        const entry = { impl: implementation.name, law: law.name, pass, cases: 0, margin: null };
        if (!onEntry({ ...entry, status: "unsupported", reason: `it has no ${pass}` })) return session.referenceMs;
        continue;
      }
      if (hung !== undefined && law !== agreement) {
        const entry = { impl: implementation.name, law: law.name, pass, cases: 0, margin: null };
        if (!onEntry({ ...entry, status: "mistrusted", reason: hung })) return session.referenceMs;
        continue;
      }
      const budgetMs = shareOf(pair) * Math.max(0, deadline - performance.now());
      const exploration = await explorationOf(pair, budgetMs);
      const shrinkMs = Math.min(LATER_SHRINK_MS.most, Math.max(LATER_SHRINK_MS.least, budgetMs));
      exploration.allow(options.cases === undefined ? budgetMs : Infinity, hasFailed ? shrinkMs : undefined);
      if (options.oneCase !== undefined) await exploration.exploreCase(options.oneCase, options.firstCaseMs);
      else if (options.problems !== undefined) {
        if (law !== agreement) await exploration.exploreProblems(options.problems);
      } else if (options.cases !== undefined) await exploration.exploreCases(options.cases);
      else if (law === agreement && !isVariant(implementation)) await exploration.explore(realLayers);
      else await exploration.sample();
      if (signal.aborted) {
        // What the first round judged of others is kept too.
        for (const begun of inTurn.slice(inTurn.indexOf(pair)).flatMap((other) => explorations.get(other) ?? [])) {
          if (begun.cases > 0) onEntry(begun.entry());
        }
        return session.referenceMs;
      }
      const evidence = await exploration.examine();
      const entry = exploration.entry(evidence);
      hasFailed ||= isFailure(entry);
      if (entry.status === "timed-out") hung ??= `not judged: it had hung in ${pass}, law ${law.name}`;
      // Each crash costs a new process: they do not go on for longer than the implementation's time.
      if (entry.status === "crashed" && performance.now() > deadline)
        hung ??= `not judged: its time was up when it had crashed in ${pass}, law ${law.name}`;
      try {
        if (options.npyFolder !== undefined && evidence !== undefined) {
          writeEvidence(
            evidenceFolder(options.npyFolder, implementation.name, law.name, pass),
            evidence,
            entry.failure?.rerun ?? "",
          );
        }
        kept?.update(
          law.name,
          holding.get(pair) ?? [],
          entry.status === "known-defect" ? undefined : exploration.brokenCase,
        );
      } catch (error) {
        // A file that cannot be written does not cost the verdicts.
        if (!(error instanceof UsageError)) throw error;
        progress.onWarning(implementation, error.message);
      }
      if (!onEntry(entry)) return session.referenceMs;
    }
    return session.referenceMs;
  } finally {
    signal.removeEventListener("abort", abort);
    await session.stop();
  }
}

/** The given problems by agreement; gives the milliseconds that were missing for some of them. */
async function judgeGiven(
  offered: readonly LawAndPass[],
  problems: readonly ConvProblem[],
  explorationOf: (pair: LawAndPass, budgetMs: number) => Promise<Exploration>,
  { deadline, options }: { readonly deadline: number; readonly options: VerifyOptions },
): Promise<number> {
  const judges = new Map<Pass, GivenProblemJudge>();
  for (const pair of offered) {
    if (pair.law === agreement) judges.set(pair.pass, (await explorationOf(pair, Infinity)).given);
  }
  const hasOthers = offered.some(({ law, pass }) => law !== agreement && speaksOf(law, problems, pass, options.seed));
  return judgeGivenProblems(judges, problems, {
    firstLookEnd: deadline,
    endOf: () => deadline - (hasOthers ? OTHER_LAWS_SHARE * Math.max(0, deadline - performance.now()) : 0),
    firstCaseMs: options.firstCaseMs ?? 0,
  });
}

function speaksOf(law: Law, problems: readonly ConvProblem[], pass: Pass, seed: number): boolean {
  return problems.some((problem) => DATA_KINDS.some((data) => law.applies?.({ problem, pass, data, seed }) ?? true));
}

/** Whether an entry is the implementation's fault. */
export function isFailure({ status, failure }: CheckEntry): boolean {
  return failure !== undefined && status !== "known-defect";
}
