import type { Implementation } from "../../runner/discovery.ts";

/** An idle process collects a little garbage, or ends what it has begun: that takes less than this of a batch. */
const BUSY_SHARE = 0.15;
const BUSY_MS = 15;
/** Named is who was busy so often, and in this share of the batches of others. */
const FEWEST_BATCHES = 2;
const SHARE_OF_BATCHES = 0.1;

/** An implementation that was busy while others were timed. */
export interface Rival {
  readonly name: string;
  /** In cores, over the batches in which it was. */
  readonly cores: number;
  readonly batches: number;
}

interface Account {
  batches: number;
  busyBatches: number;
  busyMs: number;
  busyWallMs: number;
  readonly touched: Set<object>;
}

/** Keeps account of what the processes of implementations do while others are timed: they should do nothing. */
export class RivalWatch {
  readonly #accounts = new Map<Implementation, Account>();

  /** A batch of a cell, and how long each other implementation's processes computed meanwhile. */
  note(cell: object, wallMs: number, idleMs: ReadonlyMap<Implementation, number>): void {
    for (const [implementation, ms] of idleMs) {
      const account = this.#accountOf(implementation);
      account.batches++;
      if (ms < Math.max(BUSY_MS, BUSY_SHARE * wallMs)) continue;
      account.busyBatches++;
      account.busyMs += ms;
      account.busyWallMs += wallMs;
      account.touched.add(cell);
    }
  }

  /** Those that are named, the busiest first. */
  get rivals(): readonly Rival[] {
    return [...this.#accounts]
      .filter(([, account]) => isNamed(account))
      .map(([{ name }, account]) => ({ name, cores: coresOf(account), batches: account.busyBatches }))
      .toSorted((a, b) => b.cores - a.cores);
  }

  /** Why a cell's time is void; undefined where nobody disturbed it, and it disturbed nobody. */
  reasonOf(cell: object, implementation: Implementation): string | undefined {
    const own = this.#accounts.get(implementation);
    if (own !== undefined && isNamed(own))
      return `its processes kept ${cores(own)} busy while others were timed: run it alone`;
    for (const [{ name }, account] of this.#accounts) {
      if (account.touched.has(cell) && isNamed(account))
        return `${name} kept ${cores(account)} busy while this was timed: leave it out`;
    }
    return undefined;
  }

  #accountOf(implementation: Implementation): Account {
    const known = this.#accounts.get(implementation);
    if (known !== undefined) return known;
    const account = { batches: 0, busyBatches: 0, busyMs: 0, busyWallMs: 0, touched: new Set<object>() };
    this.#accounts.set(implementation, account);
    return account;
  }
}

function isNamed({ batches, busyBatches }: Account): boolean {
  return busyBatches >= FEWEST_BATCHES && busyBatches >= SHARE_OF_BATCHES * batches;
}

function coresOf({ busyMs, busyWallMs }: Account): number {
  return busyMs / busyWallMs;
}

function cores(account: Account): string {
  return `${coresOf(account).toFixed(2)} of a core`;
}
