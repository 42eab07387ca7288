import { printDescriptor } from "../descriptor.ts";
import type { Contender } from "../discovery.ts";
import type { Pass } from "../problem.ts";
import type { KnownDefect } from "../../suites/known-defects/known-defect.ts";
import type { ConvCase, Law } from "../../suites/laws/law.ts";
import type { Breach } from "./failure.ts";
import { explanation } from "./known-defects.ts";
import { ContenderFailure, KnownDefectMet, NotSupported, type ContenderSession } from "./session.ts";
import { Tally } from "./tally.ts";

/** A failure is made smaller for so long at most. */
export const SHRINK_MS = 5_000;
/** One that hangs costs time with every try. */
const SHRINK_HANGING_MS = 3_000;
/** One request of a small case; a contender that takes longer hangs. */
export const CASE_LIMIT_MS = 5_000;
const SHRUNK_CASE_LIMIT_MS = 1_000;

/** Judges one case after the other by one law, counts them, and keeps the smallest that breaks it. */
export class CaseJudge {
  readonly tally: Tally;
  breach: Breach | undefined;
  foundAfter: { readonly cases: number; readonly ms: number } | undefined;
  /** How long a failure is made smaller at most. */
  shrinkMs = SHRINK_MS;
  #shrinkUntil = Infinity;
  readonly #contender: string;
  readonly #session: ContenderSession;
  readonly #law: Law;
  readonly #onCase: () => void;
  readonly #before: { readonly cases: number; readonly startedAt: number };
  readonly #knownDefects: readonly KnownDefect[];

  constructor(options: {
    readonly contender: Pick<Contender, "name">;
    readonly session: ContenderSession;
    readonly law: Law;
    readonly pass: Pass;
    readonly onCase: () => void;
    readonly before: { readonly cases: number; readonly startedAt: number };
    readonly knownDefects?: readonly KnownDefect[];
  }) {
    this.#contender = options.contender.name;
    this.#session = options.session;
    this.#law = options.law;
    this.tally = new Tally(options.pass);
    this.#onCase = options.onCase;
    this.#before = options.before;
    this.#knownDefects = options.knownDefects ?? [];
  }

  /** Whether the law speaks of the case. */
  applies(convCase: ConvCase): boolean {
    return this.#law.applies?.(convCase) ?? true;
  }

  /** The breach is none: a large problem may be slow. */
  forgive(): void {
    this.breach = undefined;
    this.#shrinkUntil = Infinity;
  }

  /** One case; throws when it breaks the law, as fast-check expects. */
  async try(convCase: ConvCase): Promise<void> {
    const isShrinking = this.breach !== undefined;
    if (this.#session.isStopped || (isShrinking && performance.now() > this.#shrinkUntil)) return;
    // Shrinking begins with the case that broke the law: it is not computed once more, as it may be large.
    if (this.breach !== undefined && isSameCase(convCase, this.breach.convCase))
      throw new Error(this.breach.fault.message);
    if (!this.applies(convCase)) {
      this.tally.passOver();
      return;
    }
    this.tally.begin();
    this.#session.knownDefectOf = (problem, pass) =>
      explanation(this.#knownDefects, this.#contender, problem, pass, convCase.data);
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
      if (error instanceof KnownDefectMet) {
        if (!isShrinking) this.tally.setAside(error.id);
      } else if (error instanceof NotSupported) {
        if (!isShrinking) this.tally.decline(error.message);
      } else if (error instanceof ContenderFailure) {
        if (!isShrinking) this.tally.countFailure();
        this.#break({ convCase, status: error.status, fault: { message: error.message } });
      } else {
        throw error;
      }
    } finally {
      this.#onCase();
    }
  }

  /** Keeps the smallest breach of the first breach's kind, and tells fast-check. */
  #break(breach: Breach): void {
    if (this.breach === undefined) {
      this.foundAfter = {
        cases: this.#before.cases + this.tally.cases,
        ms: performance.now() - this.#before.startedAt,
      };
      const most = breach.status === "timed-out" ? SHRINK_HANGING_MS : Infinity;
      this.#shrinkUntil = performance.now() + Math.min(most, this.shrinkMs);
      this.#session.limitMs = breach.status === "timed-out" ? SHRUNK_CASE_LIMIT_MS : CASE_LIMIT_MS;
    } else if (breach.status !== this.breach.status) {
      return;
    }
    this.breach = breach;
    throw new Error(breach.fault.message);
  }
}

function isSameCase(a: ConvCase, b: ConvCase): boolean {
  const [first, second] = [a.problem, b.problem].map(printDescriptor);
  return first === second && a.problem.bias === b.problem.bias && a.data === b.data && a.seed === b.seed;
}
