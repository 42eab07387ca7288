import { WasmTeam, type ThreadOrder } from "./wasm-team.ts";
import type { WasmLibrary, WasmRoom } from "./wasm.ts";

/** Runs a plan's orders, on this thread or on several. */
export interface Crew {
  run(room: WasmRoom, kernel: string, orders: readonly ThreadOrder[]): void;
  /** To be called once, when the plan is disposed, or when there is none after all. */
  leave(room?: WasmRoom): Promise<void> | void;
}

const ALONE: Crew = {
  run(room, kernel, orders) {
    for (const { address, count } of orders) room.kernels[kernel]?.(address, count);
  },
  leave() {},
};

/** The crews of a library's plans. Plans of as many threads share a team; it starts with the first of them and ends with the last. */
export class WasmCrews {
  readonly #library: WasmLibrary;
  readonly #kernels: readonly string[];
  readonly #teams = new Map<number, { readonly team: Promise<WasmTeam>; plans: number }>();

  constructor(library: WasmLibrary, kernels: readonly string[]) {
    this.#library = library;
    this.#kernels = kernels;
  }

  join(threads: number): Crew | Promise<Crew> {
    return threads === 1 ? ALONE : this.#joinTeam(threads);
  }

  async #joinTeam(threads: number): Promise<Crew> {
    const entry = this.#teams.get(threads) ?? {
      team: WasmTeam.start(this.#library, threads, this.#kernels),
      plans: 0,
    };
    this.#teams.set(threads, entry);
    entry.plans++;
    const team = await entry.team;
    return {
      run: (room, kernel, orders) => team.run(room, kernel, orders),
      leave: async (room) => {
        if (room !== undefined) team.forget(room);
        if (--entry.plans > 0) return;
        this.#teams.delete(threads);
        await team.stop();
      },
    };
  }
}

/** What one thread does of many things: from the first to before the end. */
export type Share = readonly [first: number, end: number];

/** Cuts `total` into nearly equal shares of whole units; some are of nothing where there are more threads than units. */
export function sharesOf(total: number, threads: number, unit: number): readonly Share[] {
  const units = Math.ceil(total / unit);
  const cut = (thread: number): number => Math.min(total, Math.floor((thread * units) / threads) * unit);
  return Array.from({ length: threads }, (_, thread): Share => [cut(thread), cut(thread + 1)]);
}
