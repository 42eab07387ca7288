import fc from "fast-check";
import { printDescriptor } from "../descriptor.ts";
import { DATA_KINDS, type DataKind } from "../data/operands.ts";
import type { Contender } from "../discovery.ts";
import type { Fault } from "../judge/index.ts";
import { multiplyAdds, type ConvProblem, type Pass } from "../problem.ts";
import type { CheckEntry, Failure, Status } from "../record.ts";
import type { ConvCase, Law } from "../../suites/laws/law.ts";
import { CORNER_PROBLEMS } from "../../suites/problems/corner-problems.ts";
import { problemArbitrary } from "../../suites/problems/problem-arbitrary.ts";
import { rerunCommand } from "./rerun.ts";
import { ContenderFailure, NotSupported, type ContenderSession } from "./session.ts";

/** Random problems have at most so many multiply-adds: enough to cross every size threshold, small enough for thousands. */
const MOST_MULTIPLY_ADDS = 1_000_000;
/** Special values are judged by a slow, plain search for the zeros that they may meet. */
const MOST_SPECIAL_MULTIPLY_ADDS = 20_000;
const CASES_PER_BATCH = 8;
/** A failure is made smaller for so long at most. */
const SHRINK_MS = 10_000;
/** One request of a small case; a contender that takes longer hangs. */
const CASE_LIMIT_MS = 10_000;
const SHRUNK_CASE_LIMIT_MS = 2_000;
/** Of the time of a law and pass, real layers may use so much. */
const REAL_LAYERS_SHARE = 0.6;

type Breach = { readonly convCase: ConvCase; readonly status: "failed" | "crashed" | "timed-out"; readonly fault: Fault };

/** The search for a case that breaks one law in one pass of one contender. */
export class Exploration {
  readonly #contender: Contender;
  readonly #session: ContenderSession;
  readonly #law: Law;
  readonly #pass: Pass;
  readonly #seed: number;
  readonly #deadline: number;
  readonly #kinds: readonly DataKind[];
  readonly #onCase: () => void;

  #cases = 0;
  #margin: number | null = null;
  #tellingElements = 0;
  #multiplyAddsPerMs = 0;
  #unsupported = new Map<string, number>();
  /** Large problems that did not fit, and about how long a call of each takes. */
  #skipped: { readonly name: string; readonly callMs: number }[] = [];
  #breach: Breach | undefined;
  #shrinkUntil = Infinity;

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
  }) {
    this.#contender = options.contender;
    this.#session = options.session;
    this.#law = options.law;
    this.#pass = options.pass;
    this.#seed = options.seed;
    this.#deadline = performance.now() + options.budgetMs;
    this.#kinds = options.data === undefined ? DATA_KINDS : [options.data];
    this.#onCase = options.onCase;
    this.#session.limitMs = CASE_LIMIT_MS;
  }

  get cases(): number {
    return this.#cases;
  }

  /** Corner problems, random ones and real layers, until the time is up or a case breaks the law. */
  async explore(realLayers: readonly ConvProblem[]): Promise<void> {
    const startedAt = performance.now();
    const timeMs = this.#deadline - startedAt;
    const corners = this.#kinds.flatMap((data) => CORNER_PROBLEMS.map((problem) => ({ problem, data })));
    for (let i = 0; i < corners.length && this.#goesOn(); i += CASES_PER_BATCH) {
      await this.#search(0, corners.slice(i, i + CASES_PER_BATCH));
    }
    const untilLayers = startedAt + timeMs * (1 - REAL_LAYERS_SHARE);
    let batch = 1;
    while (performance.now() < untilLayers && this.#goesOn()) await this.#search(batch++, []);
    await this.#largeProblems(realLayers);
    while (this.#goesOn()) await this.#search(batch++, []);
  }

  /** A fixed number of random cases, after the corner problems. */
  async exploreCases(count: number): Promise<void> {
    const corners = this.#kinds.flatMap((data) => CORNER_PROBLEMS.map((problem) => ({ problem, data })));
    await this.#search(0, corners);
    for (let done = 0, batch = 1; done < count && this.#breach === undefined; done += CASES_PER_BATCH) {
      await this.#search(batch++, [], Math.min(CASES_PER_BATCH, count - done));
    }
  }

  /** Exactly these problems, with every kind of data that fits them. */
  async exploreProblems(problems: readonly ConvProblem[]): Promise<void> {
    await this.#largeProblems(problems);
  }

  entry(): CheckEntry {
    const base = { impl: this.#contender.name, law: this.#law.name, pass: this.#pass, cases: this.#cases };
    if (this.#breach !== undefined) {
      const { status, fault } = this.#breach;
      return { ...base, status, reason: fault.message, margin: this.#margin, failure: this.#failure(this.#breach) };
    }
    const [mostFrequent] = [...this.#unsupported.entries()].toSorted((a, b) => b[1] - a[1]);
    const declined = [...this.#unsupported.values()].reduce((sum, count) => sum + count, 0);
    const unsupported = mostFrequent === undefined ? [] : [`${declined} cases unsupported: ${mostFrequent[0]}`];
    const reason = [...unsupported, ...this.#describeSkipped()].join("; ");
    if (this.#cases === 0) {
      const status: Status = mostFrequent === undefined ? "mistrusted" : "unsupported";
      return { ...base, status, reason: mostFrequent?.[0] ?? (reason || "no case ran within the time"), margin: null };
    }
    if (this.#tellingElements === 0) {
      return { ...base, status: "mistrusted", reason: "every expected value was zero: nothing was really checked", margin: null };
    }
    return { ...base, status: "passed", ...(reason === "" ? {} : { reason }), margin: this.#margin };
  }

  #describeSkipped(): readonly string[] {
    if (this.#skipped.length === 0) return [];
    const names = this.#skipped.map(({ name }) => name).join(", ");
    const slowest = Math.max(...this.#skipped.map(({ callMs }) => callMs));
    return [`skipped for lack of time: ${names} (up to about ${(slowest / 1000).toFixed(1)} s a call)`];
  }

  #goesOn(): boolean {
    return this.#breach === undefined && performance.now() < this.#deadline;
  }

  /** One batch through fast-check, which shrinks the first case that breaks the law. */
  async #search(
    batch: number,
    examples: readonly { readonly problem: ConvProblem; readonly data: DataKind }[],
    count = CASES_PER_BATCH,
  ): Promise<void> {
    const drawn = fc.record({
      problem: problemArbitrary({ maxMultiplyAdds: MOST_MULTIPLY_ADDS }),
      data: fc.noShrink(fc.constantFrom(...this.#kinds)),
      seed: fc.noShrink(fc.nat(2 ** 31 - 1)),
    });
    const property = fc.asyncProperty(drawn, async ({ problem, data, seed }) => {
      if (this.#breach === undefined && performance.now() > this.#deadline) return;
      await this.#try({ problem: this.#fitting(problem), pass: this.#pass, data: this.#fittingData(problem, data), seed });
    });
    await fc.check(property, {
      seed: (this.#seed + batch * 7919) | 0,
      numRuns: examples.length > 0 ? examples.length : count,
      examples: examples.map((example) => [{ ...example, seed: this.#seed }]),
    });
  }

  /** Real layers and problems of the user: as they are, unless the contender is too slow for them. */
  async #largeProblems(problems: readonly ConvProblem[]): Promise<void> {
    const bySize = problems.toSorted((a, b) => multiplyAdds(a) - multiplyAdds(b));
    for (const problem of bySize) {
      if (this.#breach !== undefined) return;
      const leftMs = this.#deadline - performance.now();
      const name = problem.name ?? printDescriptor(problem);
      const isSmall = multiplyAdds(problem) <= MOST_MULTIPLY_ADDS;
      const kinds = isSmall ? this.#kinds : this.#kinds.filter((kind) => kind !== "special");
      const expectedMs = this.#multiplyAddsPerMs === 0 ? 0 : multiplyAdds(problem) / this.#multiplyAddsPerMs;
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
    if (isShrinking && performance.now() > this.#shrinkUntil) return;
    try {
      const verdict = await this.#law.check(this.#session, convCase);
      if (!isShrinking) this.#count(convCase, verdict.margin, verdict.tellingElements);
      if (verdict.fault !== undefined) this.#break({ convCase, status: "failed", fault: verdict.fault });
    } catch (error) {
      if (error instanceof NotSupported) {
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

  #count({ problem }: ConvCase, margin: number, tellingElements: number): void {
    this.#cases++;
    this.#margin = Math.max(this.#margin ?? 0, margin);
    this.#tellingElements += tellingElements;
    const rate = multiplyAdds(problem) / Math.max(this.#session.lastRunMs, 1e-3);
    if (multiplyAdds(problem) > 20_000) this.#multiplyAddsPerMs = Math.max(this.#multiplyAddsPerMs, rate);
  }

  /** Keeps the smallest breach of the first breach's kind, and tells fast-check. */
  #break(breach: Breach): void {
    if (this.#breach === undefined) {
      this.#shrinkUntil = performance.now() + SHRINK_MS;
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
    return data === "special" && multiplyAdds(problem) * problem.groups > MOST_SPECIAL_MULTIPLY_ADDS ? "real" : data;
  }

  #failure({ convCase, fault }: Breach): Failure {
    return {
      descriptor: printDescriptor(convCase.problem),
      seed: convCase.seed,
      data: convCase.data,
      ...fault.element,
      message: fault.message,
      rerun: rerunCommand(this.#contender.selector, this.#law.name, convCase),
    };
  }
}
