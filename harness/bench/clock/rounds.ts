import type { ResidentChannel } from "../../runner/channel.ts";
import { ImplementationProcess } from "../../runner/process.ts";
import type { Implementation } from "../../runner/discovery.ts";
import type { TimingEntry } from "../../../core/record.ts";
import { Cell } from "./cell.ts";
import { WallCosts } from "./costs.ts";
import { spinMs } from "./machine-watch.ts";
import { KeptOperands } from "./operand-sets.ts";
import type { BenchOptions } from "./options.ts";
import { isDue, requestLimitMs } from "./schedule.ts";
import { leaveOutIfTooSlow } from "./too-slow.ts";
import { LayerVisit } from "./visit.ts";
import { computes, descriptorOf } from "./work.ts";

/** What a bench run tells while it goes on. */
export interface BenchProgress {
  /** A cell is being timed; `done` of at most `total` visits to cells are over. */
  onCell(cell: Cell, done: number, total: number): void;
  /** A layer of a round is over: every cell holds what was measured so far. */
  onLayer(timed: TimedCells): void;
}

/** What a run has timed. */
export interface TimedCells {
  readonly cells: readonly Cell[];
  /** Of the anchor: see {@link Anchor}. */
  readonly anchors: readonly Cell[];
  readonly costs: WallCosts;
}

/** Implementations that are timed for comparison's sake. */
export interface Comparands {
  /** Cells whose implementation is compared with another one take part in all rounds. */
  readonly compared: ReadonlySet<Implementation>;
  /** Timed beside the others on every layer, so that another run can be related to this one; not an implementation itself. */
  readonly anchor?: Implementation;
}

/** Where implementations are started, in place of a process of this machine's Node. */
export type Place = (url: string, threads: number) => ResidentChannel;

/** A layer in a pass with a thread count: the implementations take turns on it. */
type Row = readonly Cell[];

/**
 * Times every implementation on every layer, pass and thread count in rounds. In a round each implementation has a fresh process that stays resident;
 * layer by layer they take turns in short slices, in random order; then the processes are renewed. Every timed output is judged: in
 * each round that of the last timed call. Rounds are added until the intervals are narrow or the time is spent.
 */
export async function runRounds(
  implementations: readonly Implementation[],
  options: BenchOptions,
  progress: BenchProgress,
  signal: AbortSignal,
  { compared, anchor }: Comparands = { compared: new Set() },
  place?: Place,
): Promise<TimedCells> {
  const spins = new Spins();
  const kept = new KeptOperands();
  const rows = rowsOf(anchor === undefined ? implementations : [...implementations, anchor], options, spins);
  const all = rows.flat();
  const timed: TimedCells = {
    cells: all.filter((cell) => cell.implementation !== anchor),
    anchors: all.filter((cell) => cell.implementation === anchor),
    costs: new WallCosts(),
  };
  const total = options.mostRounds * all.length;
  let done = 0;
  for (let round = 0; round < options.mostRounds && !signal.aborted; round++) {
    const startedAt = new Date().toISOString();
    const processes = new Processes(options, timed.costs, place);
    const abort = (): void => void processes.stop();
    signal.addEventListener("abort", abort);
    try {
      for (const row of rows) {
        if (signal.aborted) break;
        for (const cell of row)
          if (cell.implementation !== anchor && !compared.has(cell.implementation))
            leaveOutIfTooSlow(cell, all, options);
        const due = dueIn(row, round, options, { compared, anchor });
        done += row.length - due.length;
        if (due.length === 0) continue;
        await processes.start(due);
        const context = {
          options,
          round,
          startedAt,
          processOf: (cell: Cell) => processes.of(cell),
          spin: () => spins.spin(),
          costs: timed.costs,
          kept,
          signal,
        };
        await new LayerVisit(due, context).run((cell) => progress.onCell(cell, done++, total));
        for (const cell of due) if (cell.hung && !("parts" in cell.layer)) giveUp(all, cell);
        if (!signal.aborted) progress.onLayer(timed);
      }
    } finally {
      signal.removeEventListener("abort", abort);
      await processes.stop();
    }
  }
  return timed;
}

/**
 * The cells of a row that take part in a round. Those that are compared go on together: a round that one of them lacks tells nothing. The anchor goes
 * on as long as anything beside it does.
 */
function dueIn(
  row: Row,
  round: number,
  options: BenchOptions,
  { compared, anchor }: { readonly compared: ReadonlySet<Implementation>; readonly anchor: Implementation | undefined },
): readonly Cell[] {
  const pair = row.filter((cell) => cell.isOpen && compared.has(cell.implementation));
  const pairIsDue = pair.every((cell) => isDue(cell, round, options, true));
  const others = row.filter((cell) => cell.implementation !== anchor && !compared.has(cell.implementation));
  const due = [...others.filter((cell) => isDue(cell, round, options, false)), ...(pairIsDue ? pair : [])];
  const anchors = row.filter((cell) => cell.implementation === anchor && isDue(cell, round, options, true));
  return due.length === 0 ? [] : [...due, ...anchors];
}

function rowsOf(implementations: readonly Implementation[], options: BenchOptions, spins: Spins): readonly Row[] {
  const { suite, seed, cache } = options;
  const earlier = new Map(options.earlier.map((entry) => [cellKey(entry), entry]));
  return options.threads.flatMap((threads) => {
    const plausibleGflops =
      options.ceilings.find((ceilings) => ceilings.threads === threads)?.plausibleGflops ?? Infinity;
    const context = { suite, seed, cache, threads, plausibleGflops, bestSpinMs: () => spins.bestMs };
    return options.passes.flatMap((pass) =>
      options.layers
        .filter((layer) => computes(layer, pass))
        .map((layer) =>
          implementations.map((implementation) => {
            const cell = new Cell(implementation, layer, pass, context);
            const problem = descriptorOf(layer);
            const entry = earlier.get(
              cellKey({ impl: implementation.name, layer: layer.name, problem, pass, threads }),
            );
            if (entry !== undefined) cell.goOnFrom(entry);
            return cell;
          }),
        ),
    );
  });
}

function cellKey({ impl, layer, problem, pass, threads }: Omit<CellAddress, "suite" | "cache">): string {
  return JSON.stringify([impl, layer, problem, pass, threads]);
}

type CellAddress = Pick<TimingEntry, "impl" | "suite" | "layer" | "problem" | "pass" | "threads" | "cache">;

/** The processes of one round: one for each implementation and thread count. */
class Processes {
  readonly #options: BenchOptions;
  readonly #costs: WallCosts;
  readonly #place: Place | undefined;
  readonly #processes = new Map<string, ResidentChannel>();

  constructor(options: BenchOptions, costs: WallCosts, place: Place | undefined) {
    this.#options = options;
    this.#place = place;
    this.#costs = costs;
  }

  of(cell: Cell): ResidentChannel | undefined {
    return this.#processes.get(processKey(cell));
  }

  /** Processes that have loaded their plugins, libraries included, so that no plan pays for that; they start side by side. */
  async start(cells: readonly Cell[]): Promise<void> {
    const missing = cells.filter((cell) => this.of(cell)?.alive !== true);
    if (missing.length === 0) return;
    await this.#costs.of("starting processes", () => Promise.all(missing.map((cell) => this.#start(cell))));
  }

  async #start(cell: Cell): Promise<void> {
    const { implementation, context } = cell;
    const process =
      this.#place?.(implementation.url, context.threads) ??
      new ImplementationProcess(implementation.url, context.threads);
    this.#processes.set(processKey(cell), process);
    await process.request({ verb: "describe" }, requestLimitMs(this.#options));
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#processes.values()].map((process) => process.stop()));
  }
}

function processKey({ implementation, context }: Cell): string {
  return JSON.stringify([implementation.name, implementation.url, context.threads]);
}

/** A fixed piece of work, timed beside every slice: the machine's speed at that moment. */
class Spins {
  bestMs = Infinity;

  spin(): number {
    const elapsedMs = spinMs();
    this.bestMs = Math.min(this.bestMs, elapsedMs);
    return elapsedMs;
  }
}

/** An implementation that hung once is not waited for again. */
function giveUp(cells: readonly Cell[], hung: Cell): void {
  for (const cell of cells) {
    if (cell.implementation === hung.implementation && cell.rounds === 0)
      cell.end("timed-out", `not tried: it timed out on ${hung.layer.name}`);
  }
}
