import fc from "fast-check";
import { printDescriptor } from "../descriptor.ts";
import { DATA_KINDS, type DataKind } from "../data/operands.ts";
import { randomStream } from "../data/random.ts";
import type { Contender } from "../discovery.ts";
import type { Fault, Verdict } from "../judge/index.ts";
import { byteCounts, multiplyAdds, type ConvProblem, type Pass } from "../problem.ts";
import { IMPRECISE_RATIO, type CheckEntry, type Failure, type Status } from "../record.ts";
import type { KnownDefect } from "../../suites/known-defects/known-defect.ts";
import type { ConvCase, Law } from "../../suites/laws/law.ts";
import { firstCases } from "../../suites/problems/first-cases.ts";
import { problemArbitrary } from "../../suites/problems/problem-arbitrary.ts";
import { gatherEvidence, placesOf, type Evidence } from "./evidence.ts";
import { rerunCommand, searchCommand } from "./rerun.ts";
import { explanation } from "./known-defects.ts";
import { ContenderFailure, KnownDefectMet, NotSupported, type ContenderSession } from "./session.ts";

/** Random problems have at most so many multiply-adds: enough to cross every size threshold, small enough for thousands. */
const MOST_MULTIPLY_ADDS = 1_000_000;
/** Laws that compute a case several times are given smaller ones. */
const MOST_SAMPLED_MULTIPLY_ADDS = 200_000;
/** Special values are judged by the plain definition, and by a slow search for the zeros that they may meet, in all groups. */
const MOST_SPECIAL_MULTIPLY_ADDS = 200_000;
const MOST_SPECIAL_PAIRS = 4_000_000;
const CASES_PER_BATCH = 8;
const HOPELESS_TRIES = 1000;
const CASES_PER_SHORT_BATCH = 4;
/** Among the first cases of a law whose time is short, one of so many multiply-adds waits twice as long as the smallest. */
const SHORT_MULTIPLY_ADDS = 5_000;
/** However little time there is, a law judges something, if one of so many cases lets it. */
const MOST_TRIES = 20;
/** A law that spoke of none of so many cases is not asked about more when its time is up. */
const MOST_INAPPLICABLE = 1000;
/** A failure is made smaller for so long at most. */
const SHRINK_MS = 5_000;
/** One that hangs costs time with every try. */
const SHRINK_HANGING_MS = 3_000;
/** One request of a small case; a contender that takes longer hangs. */
const CASE_LIMIT_MS = 5_000;
const SHRUNK_CASE_LIMIT_MS = 1_000;
const LEAST_ROUNDED_ELEMENTS = 1000;
/** Drawing, sending and checking operands, as measured on one core. */
const MOVE_MS_PER_BYTE = 1 / 100_000;
/** Of the time of a law and pass, real layers may use so much. */
const REAL_LAYERS_SHARE = 0.6;

/** A case to try before any that is drawn; the run's own seed where it has none. */
interface Example {
  readonly problem: ConvProblem;
  readonly data: DataKind;
  readonly seed?: number;
}

type Breach = {
  readonly convCase: ConvCase;
  readonly status: "failed" | ContenderFailure["status"];
  readonly fault: Fault;
};

/** The search for a case that breaks one law in one pass of one contender. */
export class Exploration {
  readonly #contender: Contender;
  readonly #session: ContenderSession;
  readonly #law: Law;
  readonly #pass: Pass;
  readonly #seed: number;
  #deadline: number;
  readonly #kinds: readonly DataKind[];
  readonly #onCase: () => void;
  readonly #before: { readonly cases: number; readonly startedAt: number };
  #shrinkMs = SHRINK_MS;

  #cases = 0;
  /** Cases that the law spoke of, judged or declined, and cases that it did not speak of. */
  #tries = 0;
  #inapplicable = 0;
  #margin: number | null = null;
  #tellingElements = 0;
  /** Over the elements of real data: see the judge's verdict. */
  readonly #rounding = { sumOfSquares: 0, elements: 0 };
  readonly #problems = new Set<string>();
  #multiplyAdds = 0;
  #multiplyAddsPerMs = 0;
  #unsupported = new Map<string, number>();
  readonly #knownDefects: readonly KnownDefect[];
  /** How many cases were not run because of each known defect, by its id. */
  #setAside = new Map<string, number>();
  /** Large problems that did not fit, and about how long a call of each takes. */
  #skipped: { readonly name: string; readonly callMs: number }[] = [];
  #breach: Breach | undefined;
  #foundAfter: { readonly cases: number; readonly ms: number } | undefined;
  #report: string | undefined;
  #needsHistory = false;
  #shrinkUntil = Infinity;
  /** How many of the first cases a sweep has tried, those that samples have not, and the number of the next batch of random cases. */
  #swept = 0;
  #shuffled: Example[] | undefined;
  #batch = 1;

  constructor(options: {
    readonly contender: Contender;
    readonly session: ContenderSession;
    readonly law: Law;
    readonly pass: Pass;
    readonly seed: number;
    readonly budgetMs: number;
    readonly data: DataKind | undefined;
    /** Called after each case, for progress. */
    readonly onCase: () => void;
    /** When the contender's judging began, by `performance.now()`, and its cases in other explorations. */
    readonly before: { readonly cases: number; readonly startedAt: number };
    /** Cases that one of these explains are set aside. */
    readonly knownDefects?: readonly KnownDefect[];
  }) {
    this.#contender = options.contender;
    this.#session = options.session;
    this.#law = options.law;
    this.#pass = options.pass;
    this.#seed = options.seed;
    this.#deadline = performance.now() + options.budgetMs;
    this.#kinds = options.data === undefined ? DATA_KINDS : [options.data];
    this.#onCase = options.onCase;
    this.#before = options.before;
    this.#knownDefects = options.knownDefects ?? [];
    this.#session.limitMs = CASE_LIMIT_MS;
  }

  /** Gives it so much time from now on; `shrinkMs` is how long a failure is made smaller at most. */
  allow(budgetMs: number, shrinkMs = SHRINK_MS): void {
    this.#deadline = performance.now() + budgetMs;
    this.#shrinkMs = shrinkMs;
    this.#session.limitMs = CASE_LIMIT_MS;
  }

  get cases(): number {
    return this.#cases;
  }

  /** Corner problems, random ones and real layers, until the time is up or a case breaks the law. */
  async explore(realLayers: readonly ConvProblem[]): Promise<void> {
    const startedAt = performance.now();
    const deadline = this.#deadline;
    this.#deadline = startedAt + (deadline - startedAt) * (1 - REAL_LAYERS_SHARE);
    await this.sweep();
    while (this.#goesOn()) await this.#search(this.#batch++, []);
    this.#deadline = deadline;
    await this.#largeProblems(realLayers);
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
      .filter((example) => this.#applies({ ...example, pass: this.#pass, seed: this.#seed }))
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
    if (this.#breach === undefined) await this.#search(0, first);
    const enough = this.#tries + count;
    const mostBatches = MOST_TRIES * Math.ceil(count / CASES_PER_BATCH);
    for (
      let batch = 1;
      batch <= mostBatches && this.#tries < enough && this.#breach === undefined && !this.#session.isStopped;
      batch++
    ) {
      await this.#search(batch, [], Math.min(CASES_PER_BATCH, enough - this.#tries));
    }
  }

  /** Failures of earlier runs, until one fails again; gives those that hold by now. */
  async tryAgain(cases: readonly ConvCase[]): Promise<readonly ConvCase[]> {
    const holding: ConvCase[] = [];
    for (const convCase of cases) {
      try {
        await this.#try(convCase);
        holding.push(convCase);
      } catch (error) {
        if (this.#breach === undefined) throw error;
        await this.#search(0, [convCase]);
        break;
      }
    }
    return holding;
  }

  /** One case as it is: neither another kind of data nor a smaller problem. */
  async exploreCase({ problem, data }: { readonly problem: ConvProblem; readonly data: DataKind }): Promise<void> {
    const leftMs = Math.max(1000, this.#deadline - performance.now());
    this.#session.limitMs = multiplyAdds(problem) <= MOST_MULTIPLY_ADDS ? Math.min(CASE_LIMIT_MS, leftMs) : leftMs;
    try {
      await this.#try({ problem: this.#fitting(problem), pass: this.#pass, data, seed: this.#seed });
    } catch (error) {
      if (this.#breach === undefined) throw error;
    }
  }

  /** Exactly these problems, with every kind of data that fits them. */
  async exploreProblems(problems: readonly ConvProblem[]): Promise<void> {
    await this.#largeProblems(problems);
  }

  /** The case that breaks the law by itself, as small as it was made. */
  get brokenCase(): ConvCase | undefined {
    return this.#needsHistory ? undefined : this.#breach?.convCase;
  }

  /** fast-check's own words on the search that found the breach: the counterexample and how it was made smaller. */
  get report(): string | undefined {
    return this.#report;
  }

  /** A closer look at the case that breaks the law, and whether it does so in a new process too; undefined where none does. */
  async examine(): Promise<Evidence | undefined> {
    if (this.#breach === undefined) return undefined;
    const evidence = await gatherEvidence(this.#session, this.#breach.convCase, this.#breach.status);
    this.#needsHistory = !(await this.#breaksAfresh(this.#breach));
    return evidence;
  }

  async #breaksAfresh({ convCase, status }: Breach): Promise<boolean> {
    // A contender that hangs is not waited for once more.
    if (status === "timed-out") return true;
    await this.#session.renew();
    try {
      return (await this.#law.check(this.#session, convCase)).fault !== undefined;
    } catch (error) {
      if (error instanceof NotSupported) return false;
      if (error instanceof ContenderFailure) return true;
      throw error;
    }
  }

  /** What the exploration found; the evidence of `examine` adds a picture to a failure. */
  entry(evidence?: Evidence): CheckEntry {
    const roundingRatio = this.#roundingRatio();
    const base = {
      impl: this.#contender.name,
      law: this.#law.name,
      pass: this.#pass,
      cases: this.#cases,
      problems: this.#problems.size,
      multiplyAdds: this.#multiplyAdds,
      ...(roundingRatio === undefined ? {} : { roundingRatio }),
      ...(this.#skipped.length === 0 ? {} : { leftOut: this.#skipped.map(({ name }) => name) }),
    };
    if (this.#breach !== undefined) {
      const { status, fault } = this.#breach;
      return {
        ...base,
        status,
        reason: fault.message,
        margin: this.#margin,
        failure: this.#failure(this.#breach, evidence),
      };
    }
    const [mostFrequent] = [...this.#unsupported.entries()].toSorted((a, b) => b[1] - a[1]);
    const declined = [...this.#unsupported.values()].reduce((sum, count) => sum + count, 0);
    const unsupported = mostFrequent === undefined ? [] : [`${declined} cases unsupported: ${mostFrequent[0]}`];
    const interrupted = this.#session.isStopped ? ["interrupted"] : [];
    const imprecise =
      roundingRatio !== undefined && roundingRatio > IMPRECISE_RATIO
        ? [
            `imprecise: the root-mean-square error is ${roundingRatio.toPrecision(2)} times what independent roundings leave`,
          ]
        : [];
    const reason = [
      ...imprecise,
      ...interrupted,
      ...this.#describeSetAside(),
      ...unsupported,
      ...this.#describeSkipped(),
    ].join("; ");
    if (this.#tries === 0 && this.#inapplicable > 0) {
      return {
        ...base,
        status: "unsupported",
        reason: "the law does not speak of these problems and data",
        margin: null,
      };
    }
    if (this.#cases === 0 && this.#setAside.size > 0) return { ...base, status: "known-defect", reason, margin: null };
    if (this.#cases === 0) {
      const status: Status = mostFrequent === undefined ? "mistrusted" : "unsupported";
      return { ...base, status, reason: mostFrequent?.[0] ?? (reason || "no case ran within the time"), margin: null };
    }
    if (this.#tellingElements === 0) {
      return {
        ...base,
        status: "mistrusted",
        reason: "every expected value was zero: nothing was really checked",
        margin: null,
      };
    }
    return { ...base, status: "passed", ...(reason === "" ? {} : { reason }), margin: this.#margin };
  }

  /** The root-mean-square error against the probabilistic bound; undefined where too few elements say it. */
  #roundingRatio(): number | undefined {
    const { sumOfSquares, elements } = this.#rounding;
    return elements < LEAST_ROUNDED_ELEMENTS ? undefined : Math.sqrt(sumOfSquares / elements);
  }

  #describeSetAside(): readonly string[] {
    return [...this.#setAside].map(([id, count]) => `${count} cases set aside: known defect ${id}`);
  }

  #describeSkipped(): readonly string[] {
    if (this.#skipped.length === 0) return [];
    const names = this.#skipped.map(({ name }) => name).join(", ");
    const slowest = Math.max(...this.#skipped.map(({ callMs }) => callMs));
    return [`skipped for lack of time: ${names} (up to about ${(slowest / 1000).toFixed(1)} s a call)`];
  }

  /** So many cases were declined, and none done, that the contender does not do the pass at all. */
  #isHopeless(): boolean {
    return this.#tries >= HOPELESS_TRIES && this.#cases === 0 && this.#setAside.size === 0;
  }

  #goesOn(): boolean {
    if (this.#breach !== undefined || this.#session.isStopped || this.#isHopeless()) return false;
    if (performance.now() < this.#deadline) return true;
    return this.#tellingElements === 0 && this.#tries < MOST_TRIES && this.#inapplicable < MOST_INAPPLICABLE;
  }

  /** Whether the law speaks of the case. */
  #applies(convCase: ConvCase): boolean {
    return this.#law.applies?.(convCase) ?? true;
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
      if (this.#breach === undefined && !this.#goesOn()) return;
      await this.#try({
        problem: this.#fitting(problem),
        pass: this.#pass,
        data: this.#fittingData(problem, data),
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

  /** Real layers and problems of the user: as they are, unless the contender is too slow for them. */
  async #largeProblems(problems: readonly ConvProblem[]): Promise<void> {
    const bySize = problems.toSorted((a, b) => this.#expectedMs(a) - this.#expectedMs(b));
    for (const problem of bySize) {
      if (this.#breach !== undefined || this.#session.isStopped) return;
      const leftMs = this.#deadline - performance.now();
      const name = problem.name ?? printDescriptor(problem);
      const isSmall = multiplyAdds(problem) <= MOST_MULTIPLY_ADDS;
      const kinds = isSmall ? this.#kinds : this.#kinds.filter((kind) => kind !== "special");
      const expectedMs = this.#expectedMs(problem);
      if (expectedMs * 1.5 > leftMs) {
        this.#skipped.push({ name, callMs: expectedMs });
        continue;
      }
      for (const [index, data] of kinds.entries()) {
        const isFirst = index === 0;
        const left = this.#deadline - performance.now();
        if (this.#breach !== undefined || (!isFirst && !isSmall && expectedMs * 1.5 > left / 2)) break;
        const convCase = { problem, pass: this.#pass, data: this.#fittingData(problem, data), seed: this.#seed };
        if (isSmall) await this.#searchExactly(convCase);
        else await this.#tryLarge(convCase, name, left);
      }
    }
  }

  /** About how long a case takes: the contender's own work at the best rate that it showed, and moving its operands. */
  #expectedMs(problem: ConvProblem): number {
    const work = this.#multiplyAddsPerMs === 0 ? 0 : multiplyAdds(problem) / this.#multiplyAddsPerMs;
    const { operands, outputs } = byteCounts(problem, this.#pass);
    return work + (operands + outputs) * MOVE_MS_PER_BYTE;
  }

  async #searchExactly({ problem, data }: ConvCase): Promise<void> {
    await this.#search(0, [{ problem, data }]);
  }

  /** A large problem that outlasts its time is skipped, not accused: only small cases tell slow from hanging. */
  async #tryLarge(convCase: ConvCase, name: string, leftMs: number): Promise<void> {
    this.#session.limitMs = Math.max(1000, leftMs);
    try {
      await this.#try(convCase);
    } catch {
      if (this.#breach?.status === "timed-out") {
        this.#breach = undefined;
        this.#shrinkUntil = Infinity;
        this.#skipped.push({ name, callMs: leftMs });
      } else if (this.#breach !== undefined) {
        await this.#search(0, [convCase]);
      }
    } finally {
      this.#session.limitMs = CASE_LIMIT_MS;
    }
  }

  /** One case; throws when it breaks the law, as fast-check expects. */
  async #try(convCase: ConvCase): Promise<void> {
    const isShrinking = this.#breach !== undefined;
    if (this.#session.isStopped || (isShrinking && performance.now() > this.#shrinkUntil)) return;
    if (!this.#applies(convCase)) {
      this.#inapplicable++;
      return;
    }
    this.#tries++;
    this.#session.knownDefectOf = (problem, pass) =>
      explanation(this.#knownDefects, this.#contender.name, problem, pass, convCase.data);
    try {
      const verdict = await this.#law.check(this.#session, convCase);
      if (!isShrinking) this.#count(convCase, verdict);
      if (verdict.fault !== undefined) this.#break({ convCase, status: "failed", fault: verdict.fault });
    } catch (error) {
      if (this.#session.isStopped) return;
      if (error instanceof KnownDefectMet) {
        if (!isShrinking) this.#setAside.set(error.id, (this.#setAside.get(error.id) ?? 0) + 1);
      } else if (error instanceof NotSupported) {
        if (!isShrinking) this.#unsupported.set(error.message, (this.#unsupported.get(error.message) ?? 0) + 1);
      } else if (error instanceof ContenderFailure) {
        if (!isShrinking) this.#cases++;
        this.#break({ convCase, status: error.status, fault: { message: error.message } });
      } else {
        throw error;
      }
    } finally {
      this.#onCase();
    }
  }

  #count({ problem, data }: ConvCase, { margin, tellingElements, rounding }: Verdict): void {
    if (data === "real" && rounding !== undefined) {
      this.#rounding.sumOfSquares += rounding.sumOfSquares;
      this.#rounding.elements += rounding.elements;
    }
    this.#cases++;
    this.#margin = Math.max(this.#margin ?? 0, margin);
    this.#tellingElements += tellingElements;
    this.#problems.add(printDescriptor(problem));
    this.#multiplyAdds += multiplyAdds(problem);
    const rate = multiplyAdds(problem) / Math.max(this.#session.lastRunMs, 1e-3);
    if (multiplyAdds(problem) > 20_000) this.#multiplyAddsPerMs = Math.max(this.#multiplyAddsPerMs, rate);
  }

  /** Keeps the smallest breach of the first breach's kind, and tells fast-check. */
  #break(breach: Breach): void {
    if (this.#breach === undefined) {
      this.#foundAfter = { cases: this.#before.cases + this.#cases, ms: performance.now() - this.#before.startedAt };
      const most = breach.status === "timed-out" ? SHRINK_HANGING_MS : Infinity;
      this.#shrinkUntil = performance.now() + Math.min(most, this.#shrinkMs);
      this.#session.limitMs = breach.status === "timed-out" ? SHRUNK_CASE_LIMIT_MS : CASE_LIMIT_MS;
    } else if (breach.status !== this.#breach.status) {
      return;
    }
    this.#breach = breach;
    throw new Error(breach.fault.message);
  }

  /** Only forward reads a bias; without one a problem is simpler to see. */
  #fitting(problem: ConvProblem): ConvProblem {
    return this.#pass === "backwardData" && problem.bias ? { ...problem, bias: false } : problem;
  }

  #fittingData(problem: ConvProblem, data: DataKind): DataKind {
    const count = multiplyAdds(problem);
    const isLong = count > MOST_SPECIAL_MULTIPLY_ADDS || count * problem.groups > MOST_SPECIAL_PAIRS;
    return data === "special" && isLong ? "real" : data;
  }

  #failure({ convCase, fault }: Breach, evidence: Evidence | undefined): Failure {
    return {
      descriptor: printDescriptor(convCase.problem),
      seed: convCase.seed,
      data: convCase.data,
      ...fault.element,
      message: this.#needsHistory
        ? `${fault.message}; alone in a new process it holds, so it depends on earlier calls or on chance`
        : fault.message,
      ...(evidence === undefined ? {} : placesOf(evidence)),
      ...(this.#foundAfter === undefined
        ? {}
        : { foundAfterCases: this.#foundAfter.cases, foundAfterMs: Math.round(this.#foundAfter.ms) }),
      rerun: this.#needsHistory
        ? searchCommand(this.#contender.selector, this.#law.name, this.#pass, this.#seed, this.#session.threads)
        : rerunCommand(this.#contender.selector, this.#law.name, convCase, this.#session.threads),
    };
  }
}
