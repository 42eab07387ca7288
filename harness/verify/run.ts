import { availableParallelism } from "node:os";
import { ContenderProcess } from "../contender/process.ts";
import { FamilyProcess } from "../contender/family-process.ts";
import { isDoor, type Contender } from "../discovery.ts";
import { PASSES, type ConvProblem, type Pass } from "../problem.ts";
import type { CheckEntry } from "../record.ts";
import { UsageError } from "../usage-error.ts";
import { agreement } from "../../suites/laws/agreement.ts";
import { CONTRACT_LAWS, LAWS } from "../../suites/laws/index.ts";
import type { ConvCase, Law } from "../../suites/laws/law.ts";
import { Exploration } from "./exploration.ts";
import type { VerifyOptions } from "./options.ts";
import { evidenceFolder, writeEvidence } from "./evidence.ts";
import { checkDefect, defectsOf, reproductionsOf } from "./known-defects.ts";
import { KeptFailureFile } from "./kept-failures.ts";
import { ContenderSession } from "./session.ts";

/** What a verify run tells while it goes on. */
export interface VerifyProgress {
  /** A case was judged. */
  onCase(contender: Contender, what: string, cases: number): void;
  onCheck(contender: Contender, entry: CheckEntry): void;
  /** Something beside the judging went wrong. */
  onWarning(contender: Contender, warning: string): void;
}

/** Of a contender's time, the first round over all laws and passes may use so much. */
const FIRST_ROUND = 0.3;
/** So many cases are the first look at each pass. */
const FIRST_SWEEP = 128;
/** A failure after the first is made smaller while its law has time, but within these limits. */
const LATER_SHRINK_MS = { least: 200, most: 10_000 };

/**
 * Judges contenders by every law in every pass, two at a time where there are two cores, each in a process of its own.
 * `signal` ends the run early; what was judged by then is returned.
 */
export async function runVerify(
  contenders: readonly Contender[],
  options: VerifyOptions,
  realLayers: readonly ConvProblem[],
  progress: VerifyProgress,
  signal: AbortSignal,
): Promise<readonly CheckEntry[]> {
  const entries = new Map<Contender, readonly CheckEntry[]>();
  const waiting = families(contenders.filter(({ description }) => description.unavailable === undefined));
  let stopped = false;
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined && !stopped; next = waiting.shift()) {
      const family = next;
      const process = new FamilyProcess(() => new ContenderProcess(family[0]!.url, options.threads));
      const deadline = performance.now() + options.budgetMs;
      const onEntry = (contender: Contender, entry: CheckEntry): boolean => {
        entries.set(contender, [...(entries.get(contender) ?? []), entry]);
        progress.onCheck(contender, entry);
        if (options.bail && isFailure(entry)) stopped = true;
        return !stopped && !signal.aborted;
      };
      try {
        for (const [index, contender] of family.entries()) {
          if (stopped) break;
          const budgetMs = familyShare(family, index) * Math.max(0, deadline - performance.now());
          const own = (entry: CheckEntry): boolean => onEntry(contender, entry);
          await verifyContender(contender, process, { ...options, budgetMs }, realLayers, progress, signal, own);
          if (signal.aborted) stopped = true;
        }
        // Last of all: some defects corrupt their library's memory.
        if (!stopped) await checkDefects(family, process, options, onEntry);
      } catch (error) {
        stopped = true;
        throw error;
      } finally {
        // A contender that lives on would keep the whole command from ending.
        await process.stop();
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker));
  return contenders.flatMap((contender) => entries.get(contender) ?? []);
}

/** Whether the known defects of a family still show. */
async function checkDefects(
  family: readonly Contender[],
  process: FamilyProcess,
  options: VerifyOptions,
  onEntry: (contender: Contender, entry: CheckEntry) => boolean,
): Promise<void> {
  if (options.problems !== undefined || options.laws?.includes(agreement.name) === false) return;
  for (const contender of family) {
    const session = new ContenderSession(contender.description, options.threads, 10_000, () => process.channel());
    for (const { defect, reproduction } of reproductionsOf(contender)) {
      if (!options.passes.includes(reproduction.pass)) continue;
      if (!onEntry(contender, await checkDefect(session, contender, defect, reproduction))) return;
    }
  }
}

function isFailure({ status, failure }: CheckEntry): boolean {
  return failure !== undefined && status !== "known-defect";
}

/** Contenders of one plugin file whose names are the same up to a colon, the library itself before its doors. */
function families(contenders: readonly Contender[]): Contender[][] {
  const groups = Map.groupBy(contenders, ({ name, url }) => `${url} ${name.split(":")[0]}`);
  return [...groups.values()].map((group) => group.toSorted((a, b) => Number(isDoor(a)) - Number(isDoor(b))));
}

/** The part of the time left that is the next contender's: half of all for the library itself, the rest for its doors equally. */
function familyShare(family: readonly Contender[], index: number): number {
  const left = family.length - index;
  return left > 1 && !isDoor(family[index]!) ? 1 / 2 : 1 / left;
}

async function verifyContender(
  contender: Contender,
  process: FamilyProcess,
  options: VerifyOptions,
  realLayers: readonly ConvProblem[],
  progress: VerifyProgress,
  signal: AbortSignal,
  onEntry: (entry: CheckEntry) => boolean,
): Promise<void> {
  const startedAt = performance.now();
  const deadline = startedAt + options.budgetMs;
  const session = new ContenderSession(contender.description, options.threads, 10_000, () => process.channel());
  const abort = (): void => {
    void session.stop();
    void process.stop();
  };
  signal.addEventListener("abort", abort);
  const knownDefects = defectsOf(contender);
  // Agreement says all of a door that its short time allows.
  const laws = LAWS.filter((law) => options.laws?.includes(law.name) ?? (law === agreement || !isDoor(contender)));
  const kept =
    options.keptFailures === undefined ? undefined : new KeptFailureFile(options.keptFailures, contender.name);
  const explorations = new Map<LawAndPass, Exploration>();
  const holding = new Map<LawAndPass, readonly ConvCase[]>();
  /** The exploration of a law and pass, which has tried the failures of earlier runs. */
  const explorationOf = async (pair: LawAndPass, budgetMs: number): Promise<Exploration> => {
    const begun = explorations.get(pair);
    if (begun !== undefined) return begun;
    const { law, pass } = pair;
    const exploration = new Exploration({
      contender,
      session,
      law,
      pass,
      seed: options.seed,
      budgetMs,
      data: options.data,
      knownDefects,
      before: {
        startedAt,
        get cases() {
          return [...explorations.values()].reduce((sum, other) => sum + (other === exploration ? 0 : other.cases), 0);
        },
      },
      onCase: () => progress.onCase(contender, `${law.name} ${pass}`, exploration.cases),
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
  const offered = pairs.filter(({ pass }) => contender.description.passes.includes(pass));
  const isFree = options.oneCase === undefined && options.problems === undefined && options.cases === undefined;
  try {
    if (isFree) await session.start();
    const firstRoundEnd = performance.now() + FIRST_ROUND * Math.max(0, deadline - performance.now());
    const broken = isFree ? await firstBroken(offered, firstRoundEnd, explorationOf, signal) : undefined;
    const inTurn = broken === undefined ? pairs : [broken, ...pairs.filter((pair) => pair !== broken)];
    const shareOf = timeShares(inTurn.filter((pair) => offered.includes(pair)));
    for (const pair of inTurn) {
      const { law, pass } = pair;
      if (!contender.description.passes.includes(pass)) {
        const entry = { impl: contender.name, law: law.name, pass, cases: 0, margin: null };
        if (!onEntry({ ...entry, status: "unsupported", reason: `it has no ${pass}` })) return;
        continue;
      }
      if (hung !== undefined && law !== agreement) {
        const entry = { impl: contender.name, law: law.name, pass, cases: 0, margin: null };
        if (!onEntry({ ...entry, status: "mistrusted", reason: hung })) return;
        continue;
      }
      const budgetMs = shareOf(pair) * Math.max(0, deadline - performance.now());
      const exploration = await explorationOf(pair, budgetMs);
      const shrinkMs = Math.min(LATER_SHRINK_MS.most, Math.max(LATER_SHRINK_MS.least, budgetMs));
      exploration.allow(options.cases === undefined ? budgetMs : Infinity, hasFailed ? shrinkMs : undefined);
      if (options.oneCase !== undefined) await exploration.exploreCase(options.oneCase);
      else if (options.problems !== undefined) await exploration.exploreProblems(options.problems);
      else if (options.cases !== undefined) await exploration.exploreCases(options.cases);
      else if (law === agreement && !isDoor(contender)) await exploration.explore(realLayers);
      else await exploration.sample();
      if (signal.aborted) {
        // What the first round judged of others is kept too.
        for (const begun of inTurn.slice(inTurn.indexOf(pair)).flatMap((other) => explorations.get(other) ?? [])) {
          if (begun.cases > 0) onEntry(begun.entry());
        }
        return;
      }
      const evidence = await exploration.examine();
      const entry = exploration.entry(evidence);
      hasFailed ||= isFailure(entry);
      if (entry.status === "timed-out") hung ??= `not judged: it had hung in ${pass}, law ${law.name}`;
      // Each crash costs a new process: they do not go on for longer than the contender's time.
      if (entry.status === "crashed" && performance.now() > deadline)
        hung ??= `not judged: its time was up when it had crashed in ${pass}, law ${law.name}`;
      try {
        if (options.npyFolder !== undefined && evidence !== undefined) {
          writeEvidence(
            evidenceFolder(options.npyFolder, contender.name, law.name, pass),
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
        progress.onWarning(contender, error.message);
      }
      if (!onEntry(entry)) return;
    }
  } finally {
    signal.removeEventListener("abort", abort);
    await session.stop();
  }
}

/**
 * A first round over all laws and passes, so that a fault of any kind shows early: agreement on the corner problems, then a few cases of
 * the contract, then agreement on the other first cases, then a few cases of each other law.
 * Gives the first law and pass that broke, undefined where none did.
 */
async function firstBroken(
  pairs: readonly LawAndPass[],
  deadline: number,
  explorationOf: (pair: LawAndPass, budgetMs: number) => Promise<Exploration>,
  signal: AbortSignal,
): Promise<LawAndPass | undefined> {
  const agreements = pairs.filter(({ law }) => law === agreement);
  const contracts = pairs.filter(({ law }) => CONTRACT_LAWS.includes(law));
  const others = pairs.filter((pair) => !agreements.includes(pair) && !contracts.includes(pair));
  const inTurn = [...contracts, ...agreements, ...others];
  const shareOf = timeShares(inTurn);
  for (const [turn, pair] of [...agreements, ...inTurn].entries()) {
    const budgetMs = shareOf(pair) * Math.max(0, deadline - performance.now());
    const exploration = await explorationOf(pair, budgetMs);
    exploration.allow(budgetMs);
    if (pair.law !== agreement) await exploration.sample();
    else await exploration.sweep(turn < agreements.length ? FIRST_SWEEP : undefined);
    if (exploration.brokenCase !== undefined) return pair;
    if (signal.aborted) return undefined;
  }
  return undefined;
}

interface LawAndPass {
  readonly law: Law;
  readonly pass: Pass;
}

/**
 * The part that each law and pass has of the time left when its turn comes, in the order given: agreement, which catches most and
 * takes real layers too, has half of the whole time, and the others share the rest equally.
 */
function timeShares(pairs: readonly LawAndPass[]): (pair: LawAndPass) => number {
  const agreements = pairs.filter(({ law }) => law === agreement).length;
  const agreementWeight = Math.max(1, (pairs.length - agreements) / Math.max(1, agreements));
  const weights = pairs.map(({ law }) => (law === agreement ? agreementWeight : 1));
  return (pair) => {
    const left = weights.slice(pairs.indexOf(pair));
    return left[0]! / left.reduce((sum, weight) => sum + weight, 0);
  };
}
