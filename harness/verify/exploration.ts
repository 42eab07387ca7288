import fc from "fast-check";
import { DATA_KINDS, type DataKind } from "../../suites/data/operands.ts";
import { randomStream } from "../../suites/data/random.ts";
import type { Implementation } from "../runner/discovery.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { multiplyAdds } from "../../core/shape.ts";
import type { CheckEntry } from "../../core/record.ts";
import type { ExpectedFailure } from "../../suites/expected-failures/expected-failure.ts";
import type { ConvCase, Law } from "../../suites/laws/law.ts";
import { firstCases } from "../../suites/problems/first-cases.ts";
import { problemArbitrary } from "../../suites/problems/problem-arbitrary.ts";
import { fittingData, fittingProblem, isSmall, kindsFor, MOST_MULTIPLY_ADDS } from "./case-fitting.ts";
import { CASE_LIMIT_MS, CaseJudge, SHRINK_MS } from "./case-judge.ts";
import { GivenProblemJudge, LEAST_CASE_MS } from "./given-problem-judge.ts";
import { gatherEvidence, type Evidence } from "./evidence.ts";
import { failureOf, type Counterexample } from "./failure.ts";
import { ImplementationFailure, NotSupported, type ImplementationSession } from "./session.ts";
import type { Tally } from "./tally.ts";

/** Laws that compute a case several times are given smaller ones. */
const MOST_SAMPLED_MULTIPLY_ADDS = 200_000;
const CASES_PER_BATCH = 8;
const CASES_PER_SHORT_BATCH = 4;
/** Among the first cases of a law whose time is short, one of so many multiply-adds waits twice as long as the smallest. */
const SHORT_MULTIPLY_ADDS = 5_000;
/** However little time there is, a law judges something, if one of so many cases lets it. */
const MOST_TRIES = 20;
/** A law that spoke of none of so many cases is not asked about more when its time is up. */
const MOST_INAPPLICABLE = 1000;
/** Of the time of a law and pass, real layers may use so much. */
const REAL_LAYERS_SHARE = 0.6;

/** A case to try before any that is drawn; the run's own seed where it has none. */
interface Example {
  readonly problem: ConvProblem;
  readonly data: DataKind;
  readonly seed?: number;
}

/** The search for a case that breaks one law in one pass of one implementation. */
export class Exploration {
  readonly #implementation: Implementation;
  readonly #session: ImplementationSession;
  readonly #law: Law;
  readonly #pass: Pass;
  readonly #seed: number;
  #deadline: number;
  readonly #kinds: readonly DataKind[];
  readonly #judge: CaseJudge;
  readonly #tally: Tally;
  readonly #given: GivenProblemJudge;
  #report: string | undefined;
  #needsHistory = false;
  /** How many of the first cases a sweep has tried, those that samples have not, and the number of the next batch of random cases. */
  #swept = 0;
  #shuffled: Example[] | undefined;
  #batch = 1;

  constructor(options: {
    readonly implementation: Implementation;
    readonly session: ImplementationSession;
    readonly law: Law;
    readonly pass: Pass;
    readonly seed: number;
    readonly budgetMs: number;
    readonly data: DataKind | undefined;
    /** Called after each case, for progress. */
    readonly onCase: () => void;
    /** When the implementation's judging began, by `performance.now()`, and its cases in other explorations. */
    readonly before: { readonly cases: number; readonly startedAt: number };
    /** Cases that one of these explains are set aside. */
    readonly expectedFailures?: readonly ExpectedFailure[];
  }) {
    this.#implementation = options.implementation;
    this.#session = options.session;
    this.#law = options.law;
    this.#pass = options.pass;
    this.#judge = new CaseJudge(options);
    this.#tally = this.#judge.tally;
    this.#given = new GivenProblemJudge({
      judge: this.#judge,
      session: options.session,
      pass: options.pass,
      seed: options.seed,
      kinds: options.data === undefined ? DATA_KINDS : [options.data],
      search: (convCase) => this.#search(0, [convCase]),
    });
    this.#seed = options.seed;
    this.#deadline = performance.now() + options.budgetMs;
    this.#kinds = options.data === undefined ? DATA_KINDS : [options.data];
    this.#session.limitMs = CASE_LIMIT_MS;
  }

  /** Gives it so much time from now on; `shrinkMs` is how long a failure is made smaller at most. */
  allow(budgetMs: number, shrinkMs = SHRINK_MS): void {
    this.#deadline = performance.now() + budgetMs;
    this.#judge.shrinkMs = shrinkMs;
    this.#session.limitMs = CASE_LIMIT_MS;
  }

  get cases(): number {
    return this.#tally.cases;
  }

  /** Corner problems, random ones and real layers, until the time is up or a case breaks the law. */
  async explore(realLayers: readonly ConvProblem[]): Promise<void> {
    const startedAt = performance.now();
    const deadline = this.#deadline;
    this.#deadline = startedAt + (deadline - startedAt) * (1 - REAL_LAYERS_SHARE);
    await this.sweep();
    while (this.#goesOn()) await this.#search(this.#batch++, []);
    this.#deadline = deadline;
    await this.#given.judgeLayers(realLayers, deadline);
    await this.sweep();
    while (this.#goesOn()) await this.#search(this.#batch++, []);
  }

  /** The first cases alone, so many at most, from where an earlier sweep ended. */
  async sweep(most = Infinity): Promise<void> {
    const first = firstCases(this.#kinds, this.#seed);
    const end = Math.min(first.length, this.#swept + most);
    while (this.#swept < end && this.#goesOn()) {
      const next = first.slice(this.#swept, this.#swept + CASES_PER_BATCH);
      this.#swept += CASES_PER_BATCH;
      await this.#search(0, next);
    }
  }

  /** The first cases, small ones rather first, and random ones by turns: for one law of many, whose time is short. */
  async sample(): Promise<void> {
    const first = (this.#shuffled ??= this.#shuffledFirstCases());
    while (this.#goesOn()) {
      const turn = first.splice(0, CASES_PER_SHORT_BATCH);
      if (turn.length > 0) await this.#search(0, turn);
      if (this.#goesOn()) await this.#search(this.#batch++, [], CASES_PER_SHORT_BATCH, MOST_SAMPLED_MULTIPLY_ADDS);
    }
  }

  #shuffledFirstCases(): Example[] {
    const stream = randomStream("first cases", this.#seed, this.#law.name, this.#pass);
    return firstCases(this.#kinds, this.#seed)
      .filter((example) => this.#judge.applies({ ...example, pass: this.#pass, seed: this.#seed }))
      .map((example) => ({
        example,
        order: stream.nextUint32() * (1 + multiplyAdds(example.problem) / SHORT_MULTIPLY_ADDS),
      }))
      .toSorted((a, b) => a.order - b.order)
      .map(({ example }) => example);
  }

  /** A fixed number of random cases that the law speaks of, after the corner problems. */
  async exploreCases(count: number): Promise<void> {
    const first = firstCases(this.#kinds, this.#seed);
    if (this.#judge.counterexample === undefined) await this.#search(0, first);
    const enough = this.#tally.tries + count;
    const mostBatches = MOST_TRIES * Math.ceil(count / CASES_PER_BATCH);
    for (
      let batch = 1;
      batch <= mostBatches &&
      this.#tally.tries < enough &&
      this.#judge.counterexample === undefined &&
      !this.#session.isStopped;
      batch++
    ) {
      await this.#search(batch, [], Math.min(CASES_PER_BATCH, enough - this.#tally.tries));
    }
  }

  /** Failures of earlier runs, until one fails again; gives those that hold by now. */
  async tryAgain(cases: readonly ConvCase[]): Promise<readonly ConvCase[]> {
    const holding: ConvCase[] = [];
    for (const convCase of cases) {
      try {
        await this.#judge.try(convCase);
        holding.push(convCase);
      } catch (error) {
        if (this.#judge.counterexample === undefined) throw error;
        await this.#search(0, [convCase]);
        break;
      }
    }
    return holding;
  }

  /** One case as it is: neither another kind of data nor a smaller problem. A large one may take the time that is left, and `leastMs` at least. */
  async exploreCase(
    { problem, data }: { readonly problem: ConvProblem; readonly data: DataKind },
    leastMs = LEAST_CASE_MS,
  ): Promise<void> {
    const limitMs = Math.max(leastMs, this.#deadline - performance.now());
    this.#session.limitMs = isSmall(problem) ? CASE_LIMIT_MS : limitMs;
    try {
      const fitting = fittingProblem(problem, this.#pass);
      await this.#judge.try({ problem: fitting, pass: this.#pass, data, seed: this.#seed });
    } catch (error) {
      if (this.#judge.counterexample === undefined) throw error;
    }
  }

  /** Those of these problems that the law speaks of, with every kind of data that fits them, until the time is up; the first in any case. */
  async exploreProblems(problems: readonly ConvProblem[]): Promise<void> {
    const cases = problems.flatMap((problem) => kindsFor(problem, this.#kinds).map((data) => ({ problem, data })));
    for (const convCase of cases) {
      if (!this.#goesOn()) return;
      await this.#given.judge(convCase.problem, convCase.data, this.#deadline - performance.now());
    }
  }

  /** Neither did a case break the law, nor did somebody end the session. */
  get isOpen(): boolean {
    return this.#judge.counterexample === undefined && !this.#session.isStopped;
  }

  /** The judging of problems as they are. */
  get given(): GivenProblemJudge {
    return this.#given;
  }

  /** The case that breaks the law by itself, as small as it was made. */
  get brokenCase(): ConvCase | undefined {
    return this.#needsHistory ? undefined : this.#judge.counterexample?.convCase;
  }

  /** fast-check's own words on the search that found the counterexample: the counterexample and how it was made smaller. */
  get report(): string | undefined {
    return this.#report;
  }

  /** A closer look at the case that breaks the law, and whether it does so in a new process too; undefined where none does. */
  async examine(): Promise<Evidence | undefined> {
    if (this.#judge.counterexample === undefined) return undefined;
    const evidence = await gatherEvidence(this.#session, this.#law, this.#judge.counterexample);
    this.#needsHistory = !(await this.#breaksAfresh(this.#judge.counterexample));
    return evidence;
  }

  async #breaksAfresh({ convCase, status }: Counterexample): Promise<boolean> {
    // An implementation that hangs is not waited for once more.
    if (status === "timed-out") return true;
    await this.#session.renew();
    try {
      return (await this.#law.check(this.#session, convCase)).fault !== undefined;
    } catch (error) {
      if (error instanceof NotSupported) return false;
      if (error instanceof ImplementationFailure) return true;
      throw error;
    }
  }

  /** What the exploration found; the evidence of `examine` adds a picture to a failure. */
  entry(evidence?: Evidence): CheckEntry {
    const { name: impl, selector } = this.#implementation;
    const base = { impl, law: this.#law.name, pass: this.#pass, ...this.#tally.figures() };
    if (this.#judge.counterexample === undefined) return { ...base, ...this.#tally.verdict(this.#session.isStopped) };
    const { status, fault } = this.#judge.counterexample;
    const failure = failureOf(this.#judge.counterexample, {
      selector,
      law: this.#law.name,
      threads: this.#session.threads,
      evidence,
      foundAfter: this.#judge.foundAfter,
      searchedFrom: this.#needsHistory ? this.#seed : undefined,
    });
    return { ...base, status, reason: fault.message, margin: this.#tally.margin, failure };
  }

  #goesOn(): boolean {
    if (this.#judge.counterexample !== undefined || this.#session.isStopped || this.#tally.isHopeless) return false;
    if (performance.now() < this.#deadline) return true;
    const { isTelling, tries, inapplicable } = this.#tally;
    return !isTelling && tries < MOST_TRIES && inapplicable < MOST_INAPPLICABLE;
  }

  /** One batch through fast-check, which shrinks the first case that breaks the law. */
  async #search(
    batch: number,
    examples: readonly Example[],
    count = CASES_PER_BATCH,
    maxMultiplyAdds = MOST_MULTIPLY_ADDS,
  ): Promise<void> {
    const drawn = fc.record({
      problem: problemArbitrary({ maxMultiplyAdds }),
      data: fc.noShrink(fc.constantFrom(...this.#kinds)),
      seed: fc.noShrink(fc.nat(2 ** 31 - 1)),
    });
    const property = fc.asyncProperty(drawn, async ({ problem, data, seed }) => {
      if (this.#judge.counterexample === undefined && !this.#goesOn()) return;
      await this.#judge.try({
        problem: fittingProblem(problem, this.#pass),
        pass: this.#pass,
        data: fittingData(problem, data),
        seed,
      });
    });
    const details = await fc.check(property, {
      seed: (this.#seed + batch * 7919) | 0,
      numRuns: examples.length > 0 ? examples.length : count,
      examples: examples.map(({ problem, data, seed = this.#seed }) => [{ problem, data, seed }]),
    });
    if (details.failed) this.#report ??= await fc.asyncDefaultReportMessage(details);
  }
}
