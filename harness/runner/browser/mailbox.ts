import type { Frame } from "../frames.ts";

/** One worker's letters: the harness's requests go out, one after another, and the worker's frames come in. */
export class Mailbox {
  readonly gone: Promise<string>;
  /** Why modules that the worker asked for could not be given. */
  readonly missing = new Set<string>();
  readonly #isGone: (how: string) => void;
  readonly #outgoing: (readonly Uint8Array[])[] = [];
  #fetcher: ((letter: readonly Uint8Array[]) => void) | undefined;
  #reader: ((frame: Frame<unknown> | "ended") => void) | undefined;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<string>();
    this.gone = promise;
    this.#isGone = resolve;
    void promise.then(() => this.#reader?.("ended"));
  }

  /** Sends a letter and gives the frame that comes back. */
  exchange(letter: readonly Uint8Array[]): Promise<Frame<unknown> | "ended"> {
    const { promise, resolve } = Promise.withResolvers<Frame<unknown> | "ended">();
    this.#reader = resolve;
    const fetcher = this.#fetcher;
    this.#fetcher = undefined;
    if (fetcher === undefined) this.#outgoing.push(letter);
    else fetcher(letter);
    return promise;
  }

  /** The next letter, as soon as there is one; a worker that asks again has let go of its earlier question. */
  next(): Promise<readonly Uint8Array[]> {
    const letter = this.#outgoing.shift();
    if (letter !== undefined) return Promise.resolve(letter);
    const { promise, resolve } = Promise.withResolvers<readonly Uint8Array[]>();
    this.#fetcher = resolve;
    return promise;
  }

  /** The worker waits no more for the letter that `next` promised. */
  letGo(): void {
    this.#fetcher = undefined;
  }

  /** A frame from the worker; bytes that are none of ours are a frame without a key. */
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
