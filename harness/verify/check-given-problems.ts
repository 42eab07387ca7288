import type { Pass } from "../../core/problem.ts";
import { DATA_KINDS } from "../../suites/data/operands.ts";
import { agreement } from "../../suites/laws/agreement.ts";
import { canCheck } from "../../suites/laws/cost.ts";
import type { GivenProblem, VerifyOptions } from "./options.ts";
import type { LawAndPass } from "./schedule.ts";
import type { Searches } from "./searches.ts";
import { givenProblems, SLACK } from "./sources/given-problems.ts";
import type { Proposal } from "./sources/source.ts";
import { leftForTime, missingMs } from "./tally.ts";

/** How far a run over given problems is. */
export interface GivenProgress {
  /** Each problem is checked once in each pass, then each law in each pass. */
  readonly what: "checks" | "laws";
  readonly done: number;
  readonly of: number;
  /** Of the implementation's time. */
  readonly leftMs: number;
}

/** What more time would have checked. */
export interface MissingTime {
  readonly ms: number;
  /** In words: how many problems of how many. */
  readonly what: string;
}

/** Of the time for several given problems, what agreement leaves to the other laws, where they speak of any. */
const OTHER_LAWS_RESERVE = 0.15;
/** Of the time after the first look at given problems, what the other laws have. */
const OTHER_LAWS_SHARE = 0.5;
/** What any case takes beside its expected time: the way to the process and back, and the checking. */
const OVERHEAD_MS = 2;
/** Whether other laws speak of any problem is asked of this many of the first. */
const MOST_ASKED = 64;

/** The given problems by agreement; gives the time that was missing for some of them, if any. */
export async function checkGivenProblems(
  searches: Searches,
  offered: readonly LawAndPass[],
  problems: readonly GivenProblem[],
  {
    startedAt,
    options,
    onProgress,
  }: {
    readonly startedAt: number;
    readonly options: VerifyOptions;
    readonly onProgress: (progress: GivenProgress) => void;
  },
): Promise<MissingTime | undefined> {
  const deadline = startedAt + options.budgetMs;
  const pairs = new Map(offered.filter(({ law }) => law === agreement).map((pair) => [pair.pass, pair] as const));
  for (const pair of pairs.values()) await searches.begin(pair);
  const hasOthers = offered.some((pair) => pair.law !== agreement && speaksOf(pair, problems, options.seed));
  const reserveMs = hasOthers && problems.length > 1 ? OTHER_LAWS_RESERVE * options.budgetMs : 0;
  const firstLookEnd = deadline - reserveMs;
  /** When the other kinds of data end: at once where the first look had no time for all problems. */
  const endOf = (): number => {
    const leftMs = Math.max(0, deadline - performance.now());
    return leftMs <= reserveMs ? 0 : deadline - (hasOthers ? OTHER_LAWS_SHARE * leftMs : 0);
  };
  const questions = problems.flatMap(({ problem, passes }) =>
    passes.filter((pass) => pairs.has(pass)).map((pass) => ({ problem, pass })),
  );
  const atWork = searches.atWork([...pairs.values()]);
  const source = givenProblems(questions, atWork, {
    seed: options.seed,
    kinds: options.data === undefined ? DATA_KINDS : [options.data],
    firstLookEnd,
    endOf,
    ...(options.firstCaseMs === undefined ? {} : { firstCaseMs: options.firstCaseMs }),
  });
  const pace = new Pace();
  let done = 0;
  for await (const proposal of source) {
    const begunAt = performance.now();
    const pass = passOf(proposal);
    await searches.step(pairs.get(pass)!, proposal);
    if (proposal.kind === "check")
      pace.add(performance.now() - begunAt, atWork.expectedMs(proposal.convCase.problem, pass));
    done = Math.min(questions.length, done + (proposal.kind === "measure" ? 0 : 1));
    onProgress({ what: "checks", done, of: questions.length, leftMs: Math.max(0, deadline - performance.now()) });
  }
  return missingTime(searches, [...pairs.values()], problems.length, pace.factor / (1 - OTHER_LAWS_RESERVE));
}

function passOf(proposal: Proposal): Pass {
  return proposal.kind === "leave-out" ? proposal.pass : proposal.convCase.pass;
}

function speaksOf({ law, pass }: LawAndPass, problems: readonly GivenProblem[], seed: number): boolean {
  return problems
    .slice(0, MOST_ASKED)
    .some(
      ({ problem, passes }) =>
        passes.includes(pass) && DATA_KINDS.some((data) => canCheck(law, { problem, pass, data, seed })),
    );
}

function missingTime(
  searches: Searches,
  pairs: readonly LawAndPass[],
  count: number,
  factor: number,
): MissingTime | undefined {
  const tallies = pairs.flatMap((pair) => {
    const begun = searches.begun(pair);
    return begun === undefined ? [] : [{ tally: begun.findings.tally, pass: pair.pass }];
  });
  const left = tallies.flatMap(({ tally }) => leftForTime(tally));
  if (left.length === 0) return undefined;
  const expectedMs = tallies.reduce((sum, { tally, pass }) => sum + missingMs(tally, pass), OVERHEAD_MS * left.length);
  const distinct = new Set(left.map(({ problem }) => problem)).size;
  const counts = `${distinct.toLocaleString("en-US")} of ${count.toLocaleString("en-US")}`;
  return { ms: factor * expectedMs, what: `${counts} problems were not fully checked in time` };
}

/** How long checks took, of how long was expected. */
class Pace {
  #count = 0;
  #ms = 0;
  #expectedMs = 0;

  add(ms: number, expectedMs: number): void {
    this.#count++;
    // The first loads the implementation.
    if (this.#count === 1) return;
    this.#ms += ms;
    this.#expectedMs += OVERHEAD_MS + expectedMs;
  }

  /** What more checks will take, of what is expected: with some to spare where few tell it. */
  get factor(): number {
    return this.#count < 10 ? SLACK : Math.max(0.5, this.#ms / this.#expectedMs);
  }
}
