/** The channel to an implementation: a request goes out, and every way in which it can end is a value. */
import { randomUUID } from "node:crypto";
import type { ElementArray } from "../../core/element-types.ts";
import type { AnyTensors } from "../../core/tensors.ts";
import type { Frame } from "./frames.ts";
import { callAnswer, callsEnd, replyParser } from "./answer-parsers.ts";
import { outputFault, type Lengths } from "./expected-outputs.ts";
import type { Answers, CallAnswer, CallsEnd, CallsRequest, Envelope, Request, Verb } from "./messages.ts";
import { onEnd } from "./on-end.ts";
import { parse } from "./parsing.ts";

/**
 * How a request to an implementation ended. After `crashed`, `timed-out` and `mistrusted` (another writer answered) the
 * process is gone.
 */
export type Outcome<V extends Verb> =
  | { readonly kind: "answer"; readonly answer: Answers[V]; readonly tensors: AnyTensors; readonly wallMs: number }
  | { readonly kind: "threw"; readonly reason: string }
  | NoAnswer;

/** The implementation is gone: it died or hung, or somebody else answered in its place. */
export interface NoAnswer {
  readonly kind: "crashed" | "timed-out" | "mistrusted";
  readonly reason: string;
}

/** A connection to an implementation: in a process of its own, or in this one. */
export interface Channel {
  readonly alive: boolean;
  /**
   * It was ended, or paused, by a signal that the harness did not send, or for the memory that it had: what else ran may
   * be the cause.
   */
  readonly isEndedFromOutside?: boolean;
  /** Sends one request and waits for its answer, for at most `limitMs`. */
  request<R extends Request>(request: R, limitMs: number, tensors?: AnyTensors): Promise<Outcome<R["verb"]>>;
  stop(): Promise<void>;
  /** Ends the implementation's process even where it is shared; nothing where the implementation is in this one. */
  endProcess(): Promise<void>;
}

/** A connection on which many calls are one request. */
export interface CallChannel extends Channel {
  /** Makes one call after another, and gives how each ended. `operands` are those of all calls, in their order. */
  calls(request: CallsRequest, limitMs: number, operands: readonly ElementArray[]): Promise<readonly CallOutcome[]>;
}

/** A connection to an implementation outside this process, which stays resident while it is timed. */
export interface ResidentChannel extends Channel {
  /** The processes that compute for it; empty where that is not known. */
  readonly pids: readonly number[];
  /** The most memory that was resident since {@link forgetPeakMemory}; undefined where the system does not say. */
  peakMemoryBytes(): number | undefined;
  forgetPeakMemory(): void;
}

const MEMORY_CHECK_MS = 100;
/** Node takes a longer timer for one of a millisecond. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** What a request needs of the place where the implementation lives. */
export interface Transport {
  /** Resolves when the implementation is gone: how it ended, in words. The same promise for all requests. */
  readonly ended: Promise<string>;
  /** Called while an answer is waited for: ends an implementation that uses too much memory. */
  checkMemory(): void;
  stop(): Promise<void>;
}

/** A frame that comes back; "ended" when there is none, and one without a key when the bytes are not the harness's. */
export type Exchanged = Promise<Frame<unknown> | "ended">;

/**
 * Sends one request and waits for its answer, with these outputs, for at most `limitMs`; an implementation that does
 * not answer, or is not the one that answers, is ended.
 */
export async function ask<R extends Request>(
  transport: Transport & { readonly exchange: (envelope: Envelope<Request>) => Exchanged },
  request: R,
  limitMs: number,
  outputs: Lengths,
): Promise<Outcome<R["verb"]>> {
  const start = performance.now();
  const watch = new Watch(transport, request.verb, limitMs);
  const got = await watch.frameOf(transport.exchange({ key: watch.key, body: request }));
  watch.end();
  if ("kind" in got) return got;
  const outcome = outcomeOf(request, got.message, got.tensors, outputs, performance.now() - start);
  if (outcome.kind === "mistrusted") await transport.stop();
  return outcome;
}

/** How one of many calls ended. */
export type CallOutcome =
  | (Extract<CallAnswer, { readonly kind: "computed" }> & { readonly outputs: AnyTensors })
  | Exclude<CallAnswer, { readonly kind: "computed" }>
  | NoAnswer;

/**
 * Sends many calls in one request, and waits for at most `limitMs` for each answer after the one before. Where the
 * implementation is gone, the call that it was at has this end, and those after it are not run. `before` resolves when
 * the implementation begins with the request.
 */
export async function askCalls(
  transport: Transport & {
    readonly exchange: (envelope: Envelope<CallsRequest>, frames: number) => readonly Exchanged[];
    readonly before: Promise<unknown>;
  },
  request: CallsRequest,
  limitMs: number,
  outputs: readonly Lengths[],
): Promise<readonly CallOutcome[]> {
  const key = randomUUID();
  const frames = transport.exchange({ key, body: request }, request.calls.length + 1);
  await transport.before;
  // A call of one plan, from its opening to its end.
  const watch = new Watch(transport, "run", limitMs, key);
  const outcomes: CallOutcome[] = [];
  let end: CallsEnd = { touched: [] };
  for (const frame of frames) {
    const got = await watch.frameOf(frame);
    if ("kind" in got) {
      // After the last call the process did what it should not, or came to its end: the last call is at fault.
      if (outcomes.length === request.calls.length) outcomes.pop();
      outcomes.push(got);
      break;
    }
    if (outcomes.length === request.calls.length) {
      const parsed = parse(callsEnd(request.calls.length), got.message, "the end");
      if ("wrong" in parsed) outcomes[outcomes.length - 1] = mistrusted("calls", parsed.wrong);
      else end = parsed.value;
    } else {
      outcomes.push(callOutcomeOf(got.message, got.tensors, outputs[outcomes.length] ?? []));
    }
    if (outcomes.at(-1)?.kind === "mistrusted") {
      await transport.stop();
      break;
    }
  }
  watch.end();
  return request.calls.map((_, index) => withLateWrites(outcomes[index] ?? { kind: "not-run" }, index, end));
}

/** The outcome of a call with what was seen after its answer. */
export function withLateWrites(outcome: CallOutcome, index: number, { touched }: CallsEnd): CallOutcome {
  if (outcome.kind !== "computed") return outcome;
  const late = touched.flatMap(([call, what]) => (call === index ? what : []));
  return late.length === 0 ? outcome : { ...outcome, touched: [...outcome.touched, ...late] };
}

/** The watch over an implementation that owes answers to a request. */
class Watch {
  readonly key: string;
  readonly #transport: Transport;
  readonly #verb: Verb;
  readonly #limitMs: number;
  readonly #timer: NodeJS.Timeout;
  readonly #memoryWatch: NodeJS.Timeout;
  readonly #failed: Promise<"timeout" | "ended">;
  readonly #forgetEnd: () => void;

  constructor(transport: Transport, verb: Verb, limitMs: number, key: string = randomUUID()) {
    this.key = key;
    this.#transport = transport;
    this.#verb = verb;
    this.#limitMs = limitMs;
    const { promise, resolve } = Promise.withResolvers<"timeout" | "ended">();
    this.#failed = promise;
    this.#timer = setTimeout(() => resolve("timeout"), Math.min(limitMs, LONGEST_TIMER_MS));
    this.#memoryWatch = setInterval(() => transport.checkMemory(), MEMORY_CHECK_MS);
    this.#forgetEnd = onEnd(transport.ended, () => resolve("ended"));
  }

  /** The message and tensors of the next frame, or why there is none: then the implementation is gone. */
  async frameOf(exchanged: Exchanged): Promise<Frame<unknown> | NoAnswer> {
    const first = await Promise.race([exchanged, this.#failed]);
    if (first === "timeout") {
      await this.#transport.stop();
      return { kind: "timed-out", reason: `no answer to ${this.#verb} within ${(this.#limitMs / 1000).toFixed(1)} s` };
    }
    if (first === "ended") {
      await this.#transport.stop();
      return { kind: "crashed", reason: `${await this.#transport.ended} during ${this.#verb}` };
    }
    const { key, body } = { key: undefined, body: undefined, ...asObject(first.message) };
    if (key !== this.key) {
      await this.#transport.stop();
      return { kind: "mistrusted", reason: `it wrote into the harness's own channel during ${this.#verb}` };
    }
    this.#timer.refresh();
    return { message: body, tensors: first.tensors };
  }

  end(): void {
    clearTimeout(this.#timer);
    clearInterval(this.#memoryWatch);
    this.#forgetEnd();
  }
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

/** The outcome of a request that was answered, as far as the answer is what was asked for. */
export function outcomeOf<R extends Request>(
  request: R,
  reply: unknown,
  tensors: AnyTensors,
  outputs: Lengths,
  wallMs: number,
): Outcome<R["verb"]> {
  const parsed = parse(replyParser<R["verb"]>(request.verb), reply, "the answer");
  if ("wrong" in parsed) return mistrusted(request.verb, parsed.wrong);
  if (parsed.value.kind === "threw") return { kind: "threw", reason: parsed.value.error };
  const fault = outputFault(tensors, outputs);
  return fault === undefined ? { ...parsed.value, tensors, wallMs } : mistrusted(request.verb, fault);
}

/** The outcome of one of many calls. */
export function callOutcomeOf(message: unknown, tensors: AnyTensors, outputs: Lengths): CallOutcome {
  const parsed = parse(callAnswer, message, "the answer");
  if ("wrong" in parsed) return mistrusted("calls", parsed.wrong);
  if (parsed.value.kind !== "computed") return parsed.value;
  const fault = outputFault(tensors, outputs);
  return fault === undefined ? { ...parsed.value, outputs: tensors } : mistrusted("calls", fault);
}

function mistrusted(verb: Verb | "calls", wrong: string): NoAnswer {
  return { kind: "mistrusted", reason: `its answer to ${verb} is not to be believed: ${wrong}` };
}
