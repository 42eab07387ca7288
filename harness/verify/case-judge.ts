import { printDescriptor } from "../../core/descriptor.ts";
import type { Implementation } from "../runner/discovery.ts";
import type { Pass } from "../../core/problem.ts";
import type { ExpectedFailure } from "../../suites/expected-failures/expected-failure.ts";
import type { ConvCase, Law } from "../../suites/laws/law.ts";
import type { Counterexample } from "./failure.ts";
import { explanation } from "./expected-failures.ts";
import { ImplementationFailure, ExpectedFailureMet, NotSupported, type ImplementationSession } from "./session.ts";
import { Tally } from "./tally.ts";

/** A failure is made smaller for so long at most. */
export const SHRINK_MS = 5_000;
/** One that hangs costs time with every try. */
const SHRINK_HANGING_MS = 3_000;
/** One request of a small case; an implementation that takes longer hangs. */
export const CASE_LIMIT_MS = 5_000;
const SHRUNK_CASE_LIMIT_MS = 1_000;

/** Judges one case after the other by one law, counts them, and keeps the smallest that breaks it. */
export class CaseJudge {
  readonly tally: Tally;
  counterexample: Counterexample | undefined;
  foundAfter: { readonly cases: number; readonly ms: number } | undefined;
  /** How long a failure is made smaller at most. */
  shrinkMs = SHRINK_MS;
  #shrinkUntil = Infinity;
  readonly #implementation: string;
  readonly #session: ImplementationSession;
  readonly #law: Law;
  readonly #onCase: () => void;
  readonly #before: { readonly cases: number; readonly startedAt: number };
  readonly #expectedFailures: readonly ExpectedFailure[];

  constructor(options: {
    readonly implementation: Pick<Implementation, "name">;
    readonly session: ImplementationSession;
    readonly law: Law;
    readonly pass: Pass;
    readonly onCase: () => void;
    readonly before: { readonly cases: number; readonly startedAt: number };
    readonly expectedFailures?: readonly ExpectedFailure[];
  }) {
    this.#implementation = options.implementation.name;
    this.#session = options.session;
    this.#law = options.law;
    this.tally = new Tally(options.pass);
    this.#onCase = options.onCase;
    this.#before = options.before;
    this.#expectedFailures = options.expectedFailures ?? [];
  }

  /** Whether the law speaks of the case. */
  applies(convCase: ConvCase): boolean {
    return this.#law.applies?.(convCase) ?? true;
  }

  /** The counterexample is none: a large problem may be slow. */
  forgive(): void {
    this.counterexample = undefined;
    this.#shrinkUntil = Infinity;
  }

  /** One case; throws when it breaks the law, as fast-check expects. */
  async try(convCase: ConvCase): Promise<void> {
    const isShrinking = this.counterexample !== undefined;
    if (this.#session.isStopped || (isShrinking && performance.now() > this.#shrinkUntil)) return;
    // Shrinking begins with the case that broke the law: it is not computed once more, as it may be large.
    if (this.counterexample !== undefined && isSameCase(convCase, this.counterexample.convCase))
      throw new Error(this.counterexample.fault.message);
    if (!this.applies(convCase)) {
      this.tally.passOver();
      return;
    }
    this.tally.begin();
    this.#session.expectedFailureOf = (problem, pass) =>
      explanation(this.#expectedFailures, this.#implementation, problem, pass, convCase.data);
    const { multiplyAdds: before } = this.#session;
    try {
      const verdict = await this.#law.check(this.#session, convCase);
      if (!isShrinking) {
        this.tally.count(convCase, verdict, this.#session.multiplyAdds - before);
        this.tally.learnRate(this.#session.lastRun);
      }
      if (verdict.fault !== undefined) this.#break({ convCase, status: "failed", fault: verdict.fault });
    } catch (error) {
      if (this.#session.isStopped) return;
      if (error instanceof ExpectedFailureMet) {
        if (!isShrinking) this.tally.setAside(error.id);
      } else if (error instanceof NotSupported) {
        if (!isShrinking) this.tally.decline(error.message);
      } else if (error instanceof ImplementationFailure) {
        if (!isShrinking) this.tally.countFailure();
        this.#break({ convCase, status: error.status, fault: { message: error.message } });
      } else {
        throw error;
      }
    } finally {
      this.#onCase();
    }
  }

  /** Keeps the smallest counterexample of the first counterexample's kind, and tells fast-check. */
  #break(counterexample: Counterexample): void {
    if (this.counterexample === undefined) {
      this.foundAfter = {
        cases: this.#before.cases + this.tally.cases,
        ms: performance.now() - this.#before.startedAt,
      };
      const most = counterexample.status === "timed-out" ? SHRINK_HANGING_MS : Infinity;
      this.#shrinkUntil = performance.now() + Math.min(most, this.shrinkMs);
      this.#session.limitMs = counterexample.status === "timed-out" ? SHRUNK_CASE_LIMIT_MS : CASE_LIMIT_MS;
    } else if (counterexample.status !== this.counterexample.status) {
      return;
    }
    this.counterexample = counterexample;
    throw new Error(counterexample.fault.message);
  }
}

function isSameCase(a: ConvCase, b: ConvCase): boolean {
  const [first, second] = [a.problem, b.problem].map(printDescriptor);
  return first === second && a.problem.bias === b.problem.bias && a.data === b.data && a.seed === b.seed;
}
