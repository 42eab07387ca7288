import type { ResidentChannel } from "../../runner/channel.ts";
import type { Implementation } from "../../runner/discovery.ts";
import { ImplementationProcess } from "../../runner/process.ts";
import type { Cell } from "./cell.ts";
import type { WallCosts } from "./costs.ts";

/** Starts an implementation's module with a thread count, in place of a process of this machine's Node. */
export type Launcher = (url: string, threads: number) => ResidentChannel;

interface Resident {
  readonly implementation: Implementation;
  readonly process: ResidentChannel;
}

/** The processes of one round: one for each implementation and thread count. */
export class RoundProcesses {
  readonly #limitMs: number;
  readonly #costs: WallCosts;
  readonly #launch: Launcher;
  readonly #processes = new Map<string, Resident>();

  /** @param limitMs how long a process may take to load its plugin */
  constructor(
    limitMs: number,
    costs: WallCosts,
    launch: Launcher = (url, threads) => new ImplementationProcess(url, threads),
  ) {
    this.#limitMs = limitMs;
    this.#costs = costs;
    this.#launch = launch;
  }

  of(cell: Cell): ResidentChannel | undefined {
    return this.#processes.get(keyOf(cell))?.process;
  }

  /** The processes that should do nothing while a cell is timed, and whose they are. */
  beside(cell: Cell): ReadonlyMap<number, Implementation> {
    const others = [...this.#processes].filter(([key]) => key !== keyOf(cell));
    return new Map(
      others.flatMap(([, { implementation, process }]) =>
        process.pids.map((pid): [number, Implementation] => [pid, implementation]),
      ),
    );
  }

  /**
   * Processes that have loaded their plugins, libraries included, so that no plan pays for that; they start side by
   * side.
   */
  async start(cells: readonly Cell[]): Promise<void> {
    const missing = cells.filter((cell) => this.of(cell)?.alive !== true);
    if (missing.length === 0) return;
    await this.#costs.of("starting processes", () => Promise.all(missing.map((cell) => this.#start(cell))));
  }

  async #start(cell: Cell): Promise<void> {
    const process = this.#launch(cell.implementation.url, cell.context.threads);
    this.#processes.set(keyOf(cell), { implementation: cell.implementation, process });
    await process.request({ verb: "describe" }, this.#limitMs);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#processes.values()].map(({ process }) => process.stop()));
  }
}

function keyOf({ implementation, context }: Cell): string {
  return JSON.stringify([implementation.name, implementation.url, context.threads]);
}
