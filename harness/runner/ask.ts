import { randomUUID } from "node:crypto";
import type { Outcome } from "./channel.ts";
import type { Frame } from "./frames.ts";
import type { Answers, Envelope, Reply, Request } from "./messages.ts";

const MEMORY_CHECK_MS = 100;
/** Node takes a longer timer for one of a millisecond. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** What a request needs of the place where the implementation lives. */
export interface Way {
  /** Sends a request and gives the frame that comes back; "ended" when there is none, a frame without a key when the bytes are none of ours. */
  exchange(envelope: Envelope<Request>): Promise<Frame<unknown> | "ended">;
  /** Resolves when the implementation is gone: how it ended, in words. */
  readonly ended: Promise<string>;
  /** Called while the answer is waited for: ends an implementation that uses too much memory. */
  checkMemory(): void;
  stop(): Promise<void>;
}

/** Sends one request and waits for its answer, for at most `limitMs`; an implementation that does not answer, or is not the one that answers, is ended. */
export async function ask<R extends Request>(way: Way, request: R, limitMs: number): Promise<Outcome<R["verb"]>> {
  const start = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<"timeout">((resolve) => {
    timer = setTimeout(() => resolve("timeout"), Math.min(limitMs, LONGEST_TIMER_MS));
  });
  const memoryWatch = setInterval(() => way.checkMemory(), MEMORY_CHECK_MS);
  const key = randomUUID();
  const first = await Promise.race([
    way.exchange({ key, body: request }),
    timeout,
    way.ended.then(() => "ended" as const),
  ]);
  clearTimeout(timer);
  clearInterval(memoryWatch);
  if (first === "timeout") {
    await way.stop();
    return { kind: "timed-out", reason: `no answer to ${request.verb} within ${(limitMs / 1000).toFixed(1)} s` };
  }
  if (first === "ended") {
    await way.stop();
    return { kind: "crashed", reason: `${await way.ended} during ${request.verb}` };
  }
  const wallMs = performance.now() - start;
  const envelope = first.message as Envelope<Reply>; // oxlint-disable-line typescript/no-unsafe-type-assertion -- the key proves who wrote it
  if (envelope.key !== key) {
    await way.stop();
    return { kind: "mistrusted", reason: `it wrote into the harness's own channel during ${request.verb}` };
  }
  const reply = envelope.body;
  if (reply.kind === "threw") return { kind: "threw", reason: reply.error };
  const answer = reply.answer as Answers[R["verb"]]; // oxlint-disable-line typescript/no-unsafe-type-assertion -- the child answers the verb it was asked
  return { kind: "answer", answer, tensors: first.tensors, wallMs };
}
