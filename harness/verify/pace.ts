/** How long one bundle of cases may take. */
const BUNDLE_MS = 15;
const MOST_CASES = 64;

/** How many small cases go to an implementation at once: as many as it does in a short time, few at the beginning. */
export class Pace {
  #cases = 1;
  #lastEnd = 0;

  get cases(): number {
    return this.#cases;
  }

  /** Learns from a bundle that has just ended; it waited for the one before. */
  learn(cases: number, startedAt: number, now = performance.now()): void {
    const ms = now - Math.max(startedAt, this.#lastEnd);
    this.#lastEnd = now;
    const fitting = Math.floor((BUNDLE_MS * cases) / Math.max(ms, 1e-3));
    this.#cases = Math.max(1, Math.min(MOST_CASES, 2 * this.#cases, fitting));
  }
}
