import type { Channel, Outcome } from "../runner/channel.ts";
import { loadFactor } from "../runner/machine.ts";
import type { ImplDescription, Request, Verb } from "../runner/messages.ts";
import type { Poison } from "../../core/tensors.ts";
import {
  elementBounds,
  elementErrors,
  checkOutputs,
  type ElementErrors,
  type Verdict,
} from "../check/convolution-check.ts";
import type { Declaration } from "../check/declaration.ts";
import type { Algorithm, TensorName, Tensors } from "../../core/plugin.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { multiplyAdds } from "../../core/shape.ts";
import type { Computed, ConvCase, LawTools, PlanHandle } from "../../suites/laws/law.ts";
import { generateOperands } from "../../suites/data/operands.ts";

/** The implementation does not do this problem; its own reason. */
export class NotSupported extends Error {
  override readonly name = "NotSupported";
}

/** The problem is one of those on which a known defect of the implementation shows. */
export class ExpectedFailureMet extends Error {
  override readonly name = "ExpectedFailureMet";
  readonly id: string;
  constructor(id: string) {
    super(`set aside: known defect ${id}`);
    this.id = id;
  }
}

type FailureStatus = "crashed" | "timed-out" | "mistrusted";

/** The implementation threw, died or hung in the middle of a check. */
export class ImplementationFailure extends Error {
  override readonly name = "ImplementationFailure";
  readonly status: FailureStatus;
  constructor(status: FailureStatus, reason: string) {
    super(reason);
    this.status = status;
  }
}

/** A plugin has so long to load. */
const LOAD_LIMIT_MS = 60_000;

/** What the implementation computed in one call, of what. */
export interface Call {
  readonly problem: ConvProblem;
  readonly pass: Pass;
  readonly operands: Tensors;
  readonly computed: Computed;
}

/**
 * An implementation, whose process comes back after it died, as the tools of a law.
 * `limitMs` is how long one request may take on a machine that is not loaded.
 */
export class ImplementationSession implements LawTools {
  limitMs: number;
  readonly #description: ImplDescription;
  readonly threads: number;
  readonly #start: () => Channel;
  #channel: Channel | undefined;
  #loaded: Promise<unknown> | undefined;
  #plans = 0;
  #isStopped = false;
  #faulty: { readonly convCase: ConvCase; readonly computed: Computed } | undefined;
  #calls: Call[] | undefined;
  #referenceMs = 0;
  /** The implementation's last run: its multiply-adds, and the milliseconds that it took. */
  lastRun = { multiplyAdds: 0, ms: 0 };
  /** Multiply-adds of all runs. A law may ask for several, of other problems than the case's. */
  multiplyAdds = 0;
  /** The id of the known defect that a problem meets: it is not run then. */
  expectedFailureOf: ((problem: ConvProblem, pass: Pass) => string | undefined) | undefined;

  /** `start` gives a new channel to the implementation: its process, or a host in this one. */
  constructor(description: ImplDescription, threads: number, limitMs: number, start: () => Channel) {
    this.#description = description;
    this.threads = threads;
    this.limitMs = limitMs;
    this.#start = start;
  }

  operands(convCase: ConvCase): Tensors {
    return generateOperands(convCase.problem, convCase.pass, convCase.data, convCase.seed);
  }

  /** Starts the implementation, which takes time of its own. One that cannot start fails its first case. */
  async start(): Promise<void> {
    try {
      await this.#ask({ verb: "describe" });
    } catch (error) {
      if (!(error instanceof ImplementationFailure)) throw error;
    }
  }

  async compute(problem: ConvProblem, pass: Pass, operands: Tensors): Promise<Computed> {
    const { plan, poison, opening } = this.#begin(problem, pass);
    // Sent without waiting for the answers in between: the way there and back takes longer than a small call.
    const sent = {
      opened: this.#send(opening),
      stored: this.#send({ verb: "store", plan, set: 0 }, operands),
      loaded: this.#send({ verb: "load", plan, set: 0, poison }),
      ran: this.#send({ verb: "run", plan }),
      read: this.#send({ verb: "read", plan, poison }),
      closed: this.#send({ verb: "close", plan }),
    };
    await Promise.all(Object.values(sent));
    const opened = answered("open", await sent.opened);
    if ("unsupported" in opened.answer) throw new NotSupported(opened.answer.unsupported);
    answered("store", await sent.stored);
    answered("load", await sent.loaded);
    this.#countRun(problem, answered("run", await sent.ran).answer.runMs);
    const { answer, tensors } = answered("read", await sent.read);
    answered("close", await sent.closed);
    const computed = { outputs: tensors, touched: answer.touched, algorithm: opened.answer.algorithm };
    this.#calls?.push({ problem, pass, operands, computed });
    return computed;
  }

  #countRun(problem: ConvProblem, ms: number): void {
    this.lastRun = { multiplyAdds: multiplyAdds(problem), ms };
    this.multiplyAdds += this.lastRun.multiplyAdds;
  }

  #begin(
    problem: ConvProblem,
    pass: Pass,
  ): { readonly plan: number; readonly poison: Poison; readonly opening: Request & { readonly verb: "open" } } {
    const defect = this.expectedFailureOf?.(problem, pass);
    if (defect !== undefined) throw new ExpectedFailureMet(defect);
    const plan = this.#plans++;
    return {
      plan,
      // Alternating, so that neither an output read before it is written nor one that is added to can hide.
      poison: plan % 2 === 0 ? "nan" : "finite",
      opening: { verb: "open", plan, impl: this.#description.name, problem, pass, threads: this.threads },
    };
  }

  async open(problem: ConvProblem, pass: Pass): Promise<PlanHandle> {
    const { plan, poison: firstPoison, opening } = this.#begin(problem, pass);
    const opened = await this.#ask(opening);
    if ("unsupported" in opened.answer) throw new NotSupported(opened.answer.unsupported);
    const { algorithm } = opened.answer;
    let poison = firstPoison;
    let held: Tensors = {};
    const run = async (): Promise<void> => {
      const ran = await this.#ask({ verb: "run", plan });
      this.#countRun(problem, ran.answer.runMs);
    };
    const read = async (): Promise<Computed> => {
      const answer = await this.#ask({ verb: "read", plan, poison });
      const computed = { outputs: answer.tensors, touched: answer.answer.touched, algorithm };
      this.#calls?.push({ problem, pass, operands: held, computed });
      return computed;
    };
    const start = async (operands: Tensors): Promise<void> => {
      held = operands;
      await this.#ask({ verb: "store", plan, set: 0 }, operands);
      await this.#ask({ verb: "load", plan, set: 0, poison });
      await run();
    };
    return {
      start,
      read,
      again: async () => {
        await run();
        return read();
      },
      call: async (operands, wantedPoison = poison) => {
        poison = wantedPoison;
        await start(operands);
        return read();
      },
      settle: async () => (await this.#ask({ verb: "settle", plan })).answer.touched,
      close: async () => {
        await this.#ask({ verb: "close", plan });
      },
    };
  }

  /** The calls that a check makes, in their order, also where it ends by an error. */
  async callsOf(check: () => Promise<unknown>): Promise<readonly Call[]> {
    const calls: Call[] = [];
    this.#calls = calls;
    try {
      await check();
    } catch (error) {
      if (!(
        error instanceof NotSupported ||
        error instanceof ImplementationFailure ||
        error instanceof ExpectedFailureMet
      ))
        throw error;
    } finally {
      this.#calls = undefined;
    }
    return calls;
  }

  /** Milliseconds that the reference, its bounds and the comparison have taken up to now. */
  get referenceMs(): number {
    return this.#referenceMs;
  }

  #timed<T>(judging: () => T): T {
    const startedAt = performance.now();
    try {
      return judging();
    } finally {
      this.#referenceMs += performance.now() - startedAt;
    }
  }

  bounds(
    problem: ConvProblem,
    pass: Pass,
    operands: Tensors,
    { algorithm }: Computed,
    output: TensorName,
  ): Float64Array {
    return this.#timed(() => elementBounds(problem, pass, operands, this.#contract(algorithm), output));
  }

  judge(convCase: ConvCase, operands: Tensors, computed: Computed): Verdict {
    if (computed.touched.length > 0) {
      const message = `the call ${computed.touched.join(" and ")}`;
      return { margin: Infinity, elements: 1, tellingElements: 1, fault: { message } };
    }
    const contract = this.#contract(computed.algorithm);
    const { problem, pass, seed } = convCase;
    const verdict = this.#timed(() => checkOutputs(problem, pass, operands, computed.outputs, contract, seed));
    if (verdict.fault === undefined) return verdict;
    this.#faulty = { convCase, computed };
    return { ...verdict, fault: { ...verdict.fault, problem } };
  }

  /** The outputs of this very case when it was the last that `judge` found wrong. */
  faultyOutputs(convCase: ConvCase): Computed | undefined {
    return this.#faulty?.convCase === convCase ? this.#faulty.computed : undefined;
  }

  /** One output beside the reference, every element. */
  elementErrors(
    { problem, pass, operands, computed: { algorithm } }: Call,
    output: TensorName,
    got: Float32Array,
  ): ElementErrors {
    return this.#timed(() => elementErrors(problem, pass, operands, got, this.#contract(algorithm), output));
  }

  #contract(algorithm: Algorithm): Declaration {
    const { precision, arithmetic } = this.#description;
    return { algorithm, precision, arithmetic };
  }

  /** Somebody ended the session: what fails from here on is not the implementation's fault. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** The next request goes to a new process, and finds the session as a run that begins there would. */
  async renew(): Promise<void> {
    await this.#channel?.endProcess();
    this.#channel = undefined;
    this.#plans = 0;
  }

  /** Ends the implementation's process for good. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#channel?.stop();
    this.#channel = undefined;
  }

  async #ask<R extends Request>(request: R, tensors: Tensors = {}): Promise<Answered<R["verb"]>> {
    return answered(request.verb, await this.#send(request, tensors));
  }

  async #send<R extends Request>(request: R, tensors: Tensors = {}): Promise<Outcome<R["verb"]>> {
    if (this.#isStopped) return { kind: "crashed", reason: "the session was stopped" };
    if (this.#channel?.alive !== true) {
      const started = this.#start();
      this.#channel = started;
      // What loads a library is not the case that happens to come first, which would seem to hang.
      this.#loaded = started.request({ verb: "describe" }, LOAD_LIMIT_MS);
    }
    const channel = this.#channel;
    await this.#loaded;
    return channel.request(request, this.limitMs * loadFactor(), tensors);
  }
}

type Answered<V extends Verb> = Extract<Outcome<V>, { readonly kind: "answer" }>;
type Unanswered = Exclude<Outcome<Verb>, { readonly kind: "answer" }>;

/** The answer to a request, where there is one; the implementation's failure is thrown. */
function answered<Answer extends { readonly kind: "answer" }>(verb: Verb, outcome: Answer | Unanswered): Answer {
  switch (outcome.kind) {
    case "answer":
      return outcome;
    case "threw":
      throw new ImplementationFailure("crashed", `${verb} threw ${outcome.reason}`);
    case "crashed":
    case "timed-out":
    case "mistrusted":
      throw new ImplementationFailure(outcome.kind, outcome.reason);
  }
}
