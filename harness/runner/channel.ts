/** The channel to an implementation: a request goes out, and every way in which it can end is a value. */
import { randomUUID } from "node:crypto";
import type { AnyTensors } from "../../core/tensors.ts";
import type { Frame } from "./frames.ts";
import type { Answers, Envelope, Reply, Request, Verb } from "./messages.ts";

/**
 * How a request to an implementation ended. After `crashed`, `timed-out` and `mistrusted` (another writer answered) the
 * process is gone.
 */
export type Outcome<V extends Verb> =
  | { readonly kind: "answer"; readonly answer: Answers[V]; readonly tensors: AnyTensors; readonly wallMs: number }
  | { readonly kind: "threw"; readonly reason: string }
  | { readonly kind: "crashed"; readonly reason: string }
  | { readonly kind: "timed-out"; readonly reason: string }
  | { readonly kind: "mistrusted"; readonly reason: string };

/** A connection to an implementation: in a process of its own, or in this one. */
export interface Channel {
  readonly alive: boolean;
  /** Sends one request and waits for its answer, for at most `limitMs`. */
  request<R extends Request>(request: R, limitMs: number, tensors?: AnyTensors): Promise<Outcome<R["verb"]>>;
  stop(): Promise<void>;
  /** Ends the implementation's process even where it is shared; nothing where the implementation is in this one. */
  endProcess(): Promise<void>;
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
  /**
   * Sends a request and gives the frame that comes back; "ended" when there is none, and a frame without a key when the
   * bytes are not the harness's.
   */
  exchange(envelope: Envelope<Request>): Promise<Frame<unknown> | "ended">;
  /** Resolves when the implementation is gone: how it ended, in words. */
  readonly ended: Promise<string>;
  /** Called while the answer is waited for: ends an implementation that uses too much memory. */
  checkMemory(): void;
  stop(): Promise<void>;
}

/**
 * Sends one request and waits for its answer, for at most `limitMs`; an implementation that does not answer, or is not
 * the one that answers, is ended.
 */
export async function ask<R extends Request>(
  transport: Transport,
  request: R,
  limitMs: number,
): Promise<Outcome<R["verb"]>> {
  const start = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<"timeout">((resolve) => {
    timer = setTimeout(() => resolve("timeout"), Math.min(limitMs, LONGEST_TIMER_MS));
  });
  const memoryWatch = setInterval(() => transport.checkMemory(), MEMORY_CHECK_MS);
  const key = randomUUID();
  const first = await Promise.race([
    transport.exchange({ key, body: request }),
    timeout,
    transport.ended.then(() => "ended" as const),
  ]);
  clearTimeout(timer);
  clearInterval(memoryWatch);
  if (first === "timeout") {
    await transport.stop();
    return { kind: "timed-out", reason: `no answer to ${request.verb} within ${(limitMs / 1000).toFixed(1)} s` };
  }
  if (first === "ended") {
    await transport.stop();
    return { kind: "crashed", reason: `${await transport.ended} during ${request.verb}` };
  }
  const wallMs = performance.now() - start;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the key proves who wrote it
  const envelope = first.message as Envelope<Reply>;
  if (envelope.key !== key) {
    await transport.stop();
    return { kind: "mistrusted", reason: `it wrote into the harness's own channel during ${request.verb}` };
  }
  return outcomeOf(request, envelope.body, first.tensors, wallMs);
}

/** The outcome of a request that was answered. */
export function outcomeOf<R extends Request>(
  _request: R,
  reply: Reply,
  tensors: AnyTensors,
  wallMs: number,
): Outcome<R["verb"]> {
  if (reply.kind === "threw") return { kind: "threw", reason: reply.error };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the verb that was asked is the one that is answered
  const answer = reply.answer as Answers[R["verb"]];
  return { kind: "answer", answer, tensors, wallMs };
}
