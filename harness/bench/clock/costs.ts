/** What the wall time of a run was spent on. */
export const COSTS = ["timing", "starting processes", "data", "planning", "checking"] as const;
export type Cost = (typeof COSTS)[number];

/** Adds up where the wall time of a run goes; a part inside another counts for the inner one alone. */
export class WallCosts {
  readonly #totals = new Map<Cost, number>();
  readonly #open: { readonly cost: Cost; innerMs: number }[] = [];

  async of<T>(cost: Cost, work: () => T | Promise<T>): Promise<T> {
    const startedAt = performance.now();
    const frame = { cost, innerMs: 0 };
    this.#open.push(frame);
    try {
      return await work();
    } finally {
      const elapsedMs = performance.now() - startedAt;
      this.#open.pop();
      this.#totals.set(cost, (this.#totals.get(cost) ?? 0) + elapsedMs - frame.innerMs);
      const outer = this.#open.at(-1);
      if (outer !== undefined) outer.innerMs += elapsedMs;
    }
  }

  ms(cost: Cost): number {
    return this.#totals.get(cost) ?? 0;
  }
}
