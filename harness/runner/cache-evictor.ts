/** No processor's cache lines are shorter: one write in each moves all of a buffer through the cache. */
const CACHE_LINE_BYTES = 64;

/**
 * Writes one word in every cache line of a buffer, so that nothing else is left in a cache of less than its size.
 * Operands alone, in rotation, would leave hot what a plan has packed into memory of its own.
 */
export class CacheEvictor {
  readonly #words: Uint32Array;

  constructor(bytes: number) {
    this.#words = new Uint32Array(Math.ceil(bytes / Uint32Array.BYTES_PER_ELEMENT));
  }

  /** Gives the milliseconds that it took. */
  evict(now: () => number): number {
    const start = now();
    const step = CACHE_LINE_BYTES / Uint32Array.BYTES_PER_ELEMENT;
    for (let i = 0; i < this.#words.length; i += step) this.#words[i]!++;
    return now() - start;
  }
}
