import type { DataKind } from "../../suites/data/operands.ts";
import { printDescriptor } from "../../core/descriptor.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { multiplyAdds } from "../../core/shape.ts";
import type { ConvCase } from "../../suites/laws/law.ts";
import { fittingData, fittingProblem, isSmall, kindsFor } from "./case-fitting.ts";
import { CASE_LIMIT_MS, type CaseJudge } from "./case-judge.ts";
import { ImplementationFailure, NotSupported, type ImplementationSession } from "./session.ts";
import type { LeftOut } from "./tally.ts";

/** One request of a large case has so much time at least. */
export const LEAST_CASE_MS = 1_000;

/** Judges problems as they are, real layers and those of the user, by one law in one pass. */
export class GivenProblemJudge {
  readonly #judge: CaseJudge;
  readonly #session: ImplementationSession;
  readonly #pass: Pass;
  readonly #seed: number;
  readonly #kinds: readonly DataKind[];
  readonly #search: (convCase: { readonly problem: ConvProblem; readonly data: DataKind }) => Promise<void>;

  constructor(options: {
    readonly judge: CaseJudge;
    readonly session: ImplementationSession;
    readonly pass: Pass;
    readonly seed: number;
    readonly kinds: readonly DataKind[];
    /** Judges one case, and makes it smaller where it breaks the law. */
    readonly search: (convCase: { readonly problem: ConvProblem; readonly data: DataKind }) => Promise<void>;
  }) {
    this.#judge = options.judge;
    this.#session = options.session;
    this.#pass = options.pass;
    this.#seed = options.seed;
    this.#kinds = options.kinds;
    this.#search = options.search;
  }

  /** How many cases were judged by now. */
  get cases(): number {
    return this.#judge.tally.cases;
  }

  /** The kinds of data that it judges a given problem with. */
  kindsFor(problem: ConvProblem): readonly DataKind[] {
    return kindsFor(problem, this.#kinds);
  }

  /** About how long a case of the problem takes. */
  expectedMs(problem: ConvProblem): number {
    return this.#judge.tally.expectedMs(problem);
  }

  /** A problem that is not judged, and why. */
  leaveOut(leftOut: LeftOut): void {
    this.#judge.tally.leaveOut(leftOut);
  }

  /** Neither did a case break the law, nor did somebody end the session. */
  get isOpen(): boolean {
    return this.#judge.counterexample === undefined && !this.#session.isStopped;
  }

  /**
   * A problem of the user as it is, with one kind of data; a small one is made smaller where it breaks the law.
   * A large one that outlasts `limitMs` is left out, not accused: only small cases tell slow from hanging.
   */
  async judge(problem: ConvProblem, data: DataKind, limitMs: number): Promise<void> {
    if (isSmall(problem)) {
      await this.#search({ problem, data });
      return;
    }
    const fitting = fittingProblem(problem, this.#pass);
    const convCase = { problem: fitting, pass: this.#pass, data: fittingData(problem, data), seed: this.#seed };
    await this.#tryLarge(convCase, Math.max(LEAST_CASE_MS, limitMs));
  }

  /** Runs one image of a large problem, unjudged, to learn how fast the implementation is, where it has not shown that yet. */
  async learnRate(problem: ConvProblem, limitMs: number): Promise<void> {
    if (this.#judge.tally.knowsRate || isSmall(problem) || problem.batch === 1) return;
    const image = fittingProblem({ ...problem, batch: 1 }, this.#pass);
    this.#session.limitMs = Math.max(LEAST_CASE_MS, limitMs);
    try {
      const operands = this.#session.operands({ problem: image, pass: this.#pass, data: "real", seed: this.#seed });
      await this.#session.compute(image, this.#pass, operands);
      this.#judge.tally.learnRate(this.#session.lastRun);
    } catch (error) {
      // The judged case tells what is wrong.
      if (!(error instanceof NotSupported || error instanceof ImplementationFailure)) throw error;
      if (error instanceof ImplementationFailure && error.status === "timed-out")
        this.#judge.tally.learnRate({ multiplyAdds: multiplyAdds(image), ms: limitMs });
    } finally {
      this.#session.limitMs = CASE_LIMIT_MS;
    }
  }

  /** Real layers, as they are, unless the implementation is too slow for them. */
  async judgeLayers(problems: readonly ConvProblem[], deadline: number): Promise<void> {
    const bySize = problems.toSorted((a, b) => this.expectedMs(a) - this.expectedMs(b));
    for (const problem of bySize) {
      if (!this.isOpen) return;
      const callMs = this.expectedMs(problem);
      if (callMs * 1.5 > deadline - performance.now()) {
        this.leaveOut({ name: nameOf(problem), why: "time", callMs });
        continue;
      }
      for (const [index, data] of this.kindsFor(problem).entries()) {
        const leftMs = deadline - performance.now();
        if (!this.isOpen || (index > 0 && !isSmall(problem) && callMs * 1.5 > leftMs / 2)) break;
        await this.judge(problem, data, leftMs);
      }
    }
  }

  async #tryLarge(convCase: ConvCase, limitMs: number): Promise<void> {
    this.#session.limitMs = limitMs;
    try {
      await this.#judge.try(convCase);
    } catch {
      if (this.#judge.counterexample?.status === "timed-out") {
        this.#judge.forgive();
        this.leaveOut({ name: nameOf(convCase.problem), why: "time", callMs: limitMs });
      } else if (this.#judge.counterexample !== undefined) {
        await this.#search(convCase);
      }
    } finally {
      this.#session.limitMs = CASE_LIMIT_MS;
    }
  }
}

/** How people call a problem. */
export function nameOf(problem: ConvProblem): string {
  return problem.name ?? printDescriptor(problem);
}
