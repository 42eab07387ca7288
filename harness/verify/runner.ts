import type { CallChannel, CallOutcome, Outcome as Reply } from "../runner/channel.ts";
import { loadFactor } from "../runner/machine.ts";
import type { Call, ImplDescription, Request } from "../runner/messages.ts";
import type { Declaration } from "../check/declaration.ts";
import type { ElementArray, ProblemType } from "../../core/element-types.ts";
import type { Algorithm, Tensors } from "../../core/plugin.ts";
import type { Post } from "../../core/posts.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { operandNames } from "../../core/tensors.ts";
import type { DataKind } from "../../suites/data/operands.ts";
import { Pace } from "./pace.ts";

/** How long a plugin may take to load. */
const LOAD_LIMIT_MS = 60_000;
/** Short requests that follow a long one make it forgotten slowly: a case has several of either kind. */
const FADING = 0.8;
const STOPPED = "the run was stopped";

/** The id of the known defect that explains a failure on a problem; undefined where none does. */
export type ExpectedFailureOf = (problem: ConvProblem, pass: Pass, data: DataKind) => string | undefined;

/** What a run asks of every problem that does not say it itself. */
export interface ProblemDefaults {
  readonly type?: ProblemType | undefined;
  readonly post?: readonly Post[] | undefined;
}

/**
 * The way to one implementation, whose process comes back after it died. A request's answer, error or end is a value.
 */
export class Runner {
  readonly description: ImplDescription;
  readonly threads: number;
  readonly expectedFailureOf: ExpectedFailureOf;
  /** Of problems that name none. */
  readonly type: ProblemType;
  /** Of problems that have none. */
  readonly #post: readonly Post[] | undefined;
  readonly pace = new Pace();
  readonly #start: () => CallChannel;
  #channel: CallChannel | undefined;
  #loaded: Promise<unknown> | undefined;
  #plans = 0;
  readonly #stopping = new AbortController();
  #referenceMs = 0;
  #endsAt = Infinity;
  /** How long requests took lately. */
  #lateMs = 0;

  /** `start` gives a new channel to the implementation: its process, or a host in this one. */
  constructor(
    description: ImplDescription,
    threads: number,
    start: () => CallChannel,
    expectedFailureOf: ExpectedFailureOf = () => undefined,
    { type = "f32", post }: ProblemDefaults = {},
  ) {
    this.description = description;
    this.threads = threads;
    this.#start = start;
    this.expectedFailureOf = expectedFailureOf;
    this.type = type;
    this.#post = post;
  }

  /** Loads the implementation, which takes time of its own. One that cannot be loaded fails its first case. */
  async start(): Promise<void> {
    await this.send({ verb: "describe" }, LOAD_LIMIT_MS);
  }

  /** Sends one request and waits for at most `limitMs`, longer on a loaded machine. */
  async send<R extends Request>(
    request: R,
    limitMs: number,
    tensors: Tensors<ElementArray> = {},
  ): Promise<Reply<R["verb"]>> {
    if (this.isStopped) return { kind: "crashed", reason: STOPPED };
    const channel = await this.#ready();
    return this.#timed(() => channel.request(request, limitMs * loadFactor(), tensors));
  }

  /**
   * Makes one call after another, each with its operands, and waits for each at most `limitMs`, longer on a loaded
   * machine. Gives how each ended.
   */
  async makeCalls(
    calls: readonly (Call & { readonly operands: Tensors<ElementArray> })[],
    limitMs: number,
  ): Promise<readonly CallOutcome[]> {
    if (this.isStopped) return calls.map(() => ({ kind: "crashed", reason: STOPPED }));
    const channel = await this.#ready();
    const operands = calls.flatMap((call) => operandNames(call.problem, call.pass).map((name) => call.operands[name]!));
    const request = {
      verb: "calls",
      impl: this.description.name,
      calls: calls.map(({ problem, pass, threads, poison }) => ({ problem, pass, threads, poison })),
    } as const;
    return this.#timed(() => channel.calls(request, limitMs * loadFactor(), operands));
  }

  async #timed<T>(ask: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    const answer = await ask();
    this.#lateMs = Math.max(performance.now() - startedAt, FADING * this.#lateMs);
    return answer;
  }

  /** The channel to a process that lives and has loaded the implementation. */
  async #ready(): Promise<CallChannel> {
    if (this.#channel?.alive !== true) {
      const started = this.#start();
      this.#channel = started;
      // What loads a library is not the case that happens to come first, which would seem to hang.
      this.#loaded = started.request({ verb: "describe" }, LOAD_LIMIT_MS);
    }
    const channel = this.#channel;
    await this.#loaded;
    return channel;
  }

  /** No search goes on where another request like the latest would end after this time of `performance.now()`. */
  endBy(endsAt: number): void {
    this.#endsAt = endsAt;
  }

  get isPastItsEnd(): boolean {
    return performance.now() + this.#lateMs > this.#endsAt;
  }

  /** A number for a plan that no other plan of the process has. */
  nextPlan(): number {
    return this.#plans++;
  }

  /** The problem as it is checked: float32 is never named, so that such problems are as they were. */
  typed(problem: ConvProblem): ConvProblem {
    const isTyped = this.type === "f32" || problem.type !== undefined;
    const isFused = this.#post === undefined || problem.post !== undefined;
    if (isTyped && isFused) return problem;
    const type = problem.type ?? this.type;
    return { ...problem, ...(type !== "f32" && { type }), ...(!isFused && { post: this.#post }) };
  }

  /** The type and the operations as the record's entries have them. */
  get kind(): { readonly type?: ProblemType; readonly post?: string } {
    return {
      ...(this.type !== "f32" && { type: this.type }),
      ...(this.#post !== undefined && { post: this.#post.join(",") }),
    };
  }

  /** Neither another type than float32 nor fused operations. */
  get isPlain(): boolean {
    return this.type === "f32" && this.#post === undefined;
  }

  /** What a result of the implementation is held to. */
  declaration(algorithm: Algorithm): Declaration {
    const { precision, arithmetic, accumulator } = this.description;
    return { algorithm, precision, arithmetic, ...(accumulator !== undefined && { accumulator }) };
  }

  /** Milliseconds that the reference, its bounds and the comparison have taken up to now. */
  get referenceMs(): number {
    return this.#referenceMs;
  }

  /** Counts what `compute` takes as the reference's time. */
  asReference<T>(compute: () => T): T {
    const startedAt = performance.now();
    try {
      return compute();
    } finally {
      this.#referenceMs += performance.now() - startedAt;
    }
  }

  /** The same for work that ends later. */
  async asReferenceLater<T>(compute: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    try {
      return await compute();
    } finally {
      this.#referenceMs += performance.now() - startedAt;
    }
  }

  /** What fails from here on is not the implementation's fault. */
  get isStopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** Aborted when the run is stopped. */
  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  /** The next request goes to a new process, and finds the runner as a run that begins there would. */
  async renew(): Promise<void> {
    await this.#channel?.endProcess();
    this.#channel = undefined;
    this.#plans = 0;
  }

  /** Ends the implementation's process for good. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#channel?.stop();
    this.#channel = undefined;
  }
}
