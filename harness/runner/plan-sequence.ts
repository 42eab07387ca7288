import type { Poison } from "../../core/tensors.ts";
import type { OpenPlan } from "./open-plan.ts";

/**
 * Plans that run one after the other, each on operands of its own that stay where they were loaded: a pass over a whole
 * network.
 */
export class PlanSequence {
  readonly #plans: readonly OpenPlan[];

  /** `plans` in the order of their runs; a plan that the network uses more than once stands there as often. */
  constructor(plans: readonly OpenPlan[]) {
    this.#plans = plans;
  }

  async load(set: number, poison: Poison, now: () => number): Promise<number> {
    let loadMs = 0;
    for (const plan of new Set(this.#plans)) loadMs += await plan.load(set, poison, now);
    return loadMs;
  }

  /** Waits for a plan only where that plan asks for it. */
  run(): void | Promise<void> {
    for (let index = 0; index < this.#plans.length; index++) {
      const pending = this.#plans[index]?.run();
      if (typeof pending?.then === "function") return this.#runRest(pending, index + 1);
    }
  }

  async #runRest(pending: Promise<void>, first: number): Promise<void> {
    await pending;
    for (let index = first; index < this.#plans.length; index++) await this.#plans[index]?.run();
  }

  expectRuns(): void {
    for (const plan of new Set(this.#plans)) plan.expectRuns();
  }
}
