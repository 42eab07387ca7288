import type { Frame } from "../frames.ts";

/** One worker's messages: the harness's requests go out, one after another, and the worker's frames come in. */
export class Mailbox {
  readonly gone: Promise<string>;
  readonly #isGone: (how: string) => void;
  readonly #outgoing: (readonly Uint8Array[])[] = [];
  #fetcher: ((message: readonly Uint8Array[]) => void) | undefined;
  #reader: ((frame: Frame<unknown> | "ended") => void) | undefined;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<string>();
    this.gone = promise;
    this.#isGone = resolve;
    void promise.then(() => this.#reader?.("ended"));
  }

  /** Sends a message and gives the frame that comes back. */
  exchange(message: readonly Uint8Array[]): Promise<Frame<unknown> | "ended"> {
    const { promise, resolve } = Promise.withResolvers<Frame<unknown> | "ended">();
    this.#reader = resolve;
    const fetcher = this.#fetcher;
    this.#fetcher = undefined;
    if (fetcher === undefined) this.#outgoing.push(message);
    else fetcher(message);
    return promise;
  }

  /** The next message, as soon as there is one; a second call replaces the first. */
  next(): Promise<readonly Uint8Array[]> {
    const message = this.#outgoing.shift();
    if (message !== undefined) return Promise.resolve(message);
    const { promise, resolve } = Promise.withResolvers<readonly Uint8Array[]>();
    this.#fetcher = resolve;
    return promise;
  }

  /** The worker no longer waits for the message that `next` promised. */
  letGo(): void {
    this.#fetcher = undefined;
  }

  /** A frame from the worker; bytes that are not a frame of ours come as one without a key. */
  receive(frame: Frame<unknown>): void {
    const reader = this.#reader;
    this.#reader = undefined;
    reader?.(frame);
  }

  /** The worker has ended, and how. */
  end(how: string): void {
    this.#isGone(how);
  }
}
