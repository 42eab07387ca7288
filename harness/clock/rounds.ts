import type { Outcome } from "../contender/channel.ts";
import { ContenderProcess } from "../contender/process.ts";
import type { Request } from "../contender/messages.ts";
import { generateOperands, type DataKind } from "../data/operands.ts";
import { randomStream } from "../data/random.ts";
import { printDescriptor } from "../descriptor.ts";
import type { Contender } from "../discovery.ts";
import { judge } from "../judge/index.ts";
import type { Algorithm, Tensors } from "../plugin.ts";
import { operandNames } from "../tensors.ts";
import { rerunCommand } from "../verify/rerun.ts";
import { Cell } from "./cell.ts";
import type { BenchOptions } from "./options.ts";

/** What a bench run tells while it goes on. */
export interface BenchProgress {
  /** A cell is being timed; `done` of `total` visits to cells are over. */
  onCell(cell: Cell, done: number, total: number): void;
  /** A layer of a round is over: every cell holds what was measured so far. */
  onLayer(cells: readonly Cell[]): void;
}

/** A request may take so many times the samples' time of a cell, and at least so long: a slow contender's call on a large layer is one. */
const REQUEST_LIMIT_FACTOR = 30;
const LEAST_REQUEST_LIMIT_MS = 20_000;
/** The sets of operands that a plan holds. */
const GIVEN = 0;
const OTHER = 1;
const REAL = 2;

/**
 * Times every contender on every layer and pass in rounds. In a round each contender has a fresh process that stays resident; layer by
 * layer they take turns in short slices, in random order; then the processes are renewed. Every timed output is judged: in each round
 * that of the last timed call.
 */
export async function runRounds(
  contenders: readonly Contender[],
  options: BenchOptions,
  progress: BenchProgress,
  signal: AbortSignal,
): Promise<readonly Cell[]> {
  const rows = options.passes.flatMap((pass) =>
    options.layers.map((layer) => contenders.map((contender) => new Cell(contender, layer, pass, options))),
  );
  const cells = rows.flat();
  const total = options.rounds * cells.length;
  let done = 0;
  for (let round = 0; round < options.rounds && !signal.aborted; round++) {
    const startedAt = new Date().toISOString();
    const processes = new Map<Contender, ContenderProcess>();
    const abort = (): void => void stopAll(processes);
    signal.addEventListener("abort", abort);
    try {
      for (const row of rows) {
        if (signal.aborted) break;
        const wanted = row.filter((cell) => isDue(cell, round, options));
        for (const { contender } of wanted) await renew(contender, processes, options);
        await new LayerVisit(wanted, processes, options, round, startedAt, signal).run((cell) =>
          progress.onCell(cell, done++, total),
        );
        done += row.length - wanted.length;
        for (const cell of wanted) if (cell.hung) giveUp(cells, cell);
        if (!signal.aborted) progress.onLayer(cells);
      }
    } finally {
      signal.removeEventListener("abort", abort);
      await stopAll(processes);
    }
  }
  return cells;
}

/** Planning, moving operands and judging may take so many times as long as the samples, in all rounds together. */
const MOST_OVERHEAD = 4;

/** A cell whose calls are long, or whose operands are large, takes part in as many rounds as its time allows, and in the first. */
function isDue(cell: Cell, round: number, { cellMs }: BenchOptions): boolean {
  const fits = (round + 1) * 2 * cell.callMs <= cellMs && (round + 1) * cell.visitMs <= MOST_OVERHEAD * cellMs;
  return cell.isOpen && (round === 0 || fits);
}

/** A process that has loaded its plugin, its library included, so that no plan pays for that. */
async function renew(
  contender: Contender,
  processes: Map<Contender, ContenderProcess>,
  options: BenchOptions,
): Promise<void> {
  if (processes.get(contender)?.alive === true) return;
  const process = new ContenderProcess(contender.url, options.threads);
  processes.set(contender, process);
  await process.request({ verb: "describe" }, requestLimitMs(options));
}

function requestLimitMs({ cellMs }: BenchOptions): number {
  return Math.max(LEAST_REQUEST_LIMIT_MS, REQUEST_LIMIT_FACTOR * cellMs);
}

/** A contender that hung once is not waited for again. */
function giveUp(cells: readonly Cell[], hung: Cell): void {
  for (const cell of cells) {
    if (cell.contender === hung.contender && !cell.wasTimed)
      cell.end("timed-out", `not tried: it timed out on ${hung.layer.name}`);
  }
}

async function stopAll(processes: ReadonlyMap<Contender, ContenderProcess>): Promise<void> {
  await Promise.all([...processes.values()].map((process) => process.stop()));
}

/** One layer of one round. */
class LayerVisit {
  readonly #cells: readonly Cell[];
  readonly #processes: ReadonlyMap<Contender, ContenderProcess>;
  readonly #options: BenchOptions;
  readonly #round: number;
  readonly #startedAt: string;
  readonly #signal: AbortSignal;
  readonly #algorithms = new Map<Cell, Algorithm>();
  readonly #lastSet = new Map<Cell, number>();
  #real: Tensors | undefined;

  constructor(
    cells: readonly Cell[],
    processes: ReadonlyMap<Contender, ContenderProcess>,
    options: BenchOptions,
    round: number,
    startedAt: string,
    signal: AbortSignal,
  ) {
    this.#cells = cells;
    this.#processes = processes;
    this.#options = options;
    this.#round = round;
    this.#startedAt = startedAt;
    this.#signal = signal;
  }

  async run(onCell: (cell: Cell) => void): Promise<void> {
    const [first] = this.#cells;
    if (first === undefined) return;
    const { layer, pass } = first;
    const seed = this.#options.seed + this.#round;
    // The first round times exact data, whose every element is judged by projection; the others real data, judged by samples.
    const data: DataKind = this.#round === 0 ? "dense-exact" : "real";
    const given = generateOperands(layer.problem, pass, data, seed);
    const [changing] = operandNames(layer.problem, pass);
    // The other set differs in the data alone: that is enough for a kept result to show, and half as much to move.
    const changed = { [changing]: given[changing]!.toReversed() };
    for (const cell of this.#cells) {
      cell.visitMs = 0;
      await this.#open(cell, given, changed);
    }
    const order = randomStream("order", seed, layer.name, pass);
    for (let turn = 0; turn < this.#options.turns; turn++) {
      for (const cell of shuffled(this.#cells, (bound) => order.nextBelow(bound))) {
        if (turn === 0) onCell(cell);
        // A call that is longer than a slice is not repeated in the same round.
        if (turn === 0 || cell.callMs < this.#sliceMs) await this.#sample(cell, turn);
      }
    }
    for (const cell of this.#cells) {
      const operands = this.#lastSet.get(cell) === OTHER ? { ...given, ...changed } : given;
      await this.#judgeLast(cell, data, operands, seed);
      // Exact integers do not tell a reduced precision: a cell that has no other round sees real data once.
      const isLast = this.#round === 0 && !isDue(cell, 1, this.#options);
      if (isLast && cell.visitMs + cell.callMs <= MOST_OVERHEAD * this.#options.cellMs)
        await this.#judgeReal(cell, seed);
      await this.#ask(cell, { verb: "close", plan: 0 });
    }
  }

  get #sliceMs(): number {
    return this.#options.cellMs / (this.#options.rounds * this.#options.turns);
  }

  async #open(cell: Cell, given: Tensors, changed: Tensors): Promise<void> {
    const { contender, layer, pass } = cell;
    const { threads } = this.#options;
    const { problem } = layer;
    const opened = await this.#ask(cell, { verb: "open", plan: 0, impl: contender.name, problem, pass, threads });
    if (opened === undefined) return;
    if ("unsupported" in opened.answer) return cell.end("unsupported", opened.answer.unsupported);
    cell.planned(opened.answer.planMs, opened.answer.workspaceBytes);
    this.#algorithms.set(cell, opened.answer.algorithm);
    await this.#ask(cell, { verb: "store", plan: 0, set: GIVEN }, given);
    await this.#ask(cell, { verb: "store", plan: 0, set: OTHER, base: GIVEN }, changed);
  }

  async #sample(cell: Cell, turn: number): Promise<void> {
    const timeMs = this.#sliceMs;
    const sets = turn % 2 === 0 ? [GIVEN, OTHER] : [OTHER, GIVEN];
    const settings = { timeMs, minSamples: 2, warmUpMs: timeMs / 2, sets };
    const sampled = await this.#ask(cell, { verb: "sample", plan: 0, settings });
    if (sampled === undefined) return;
    cell.sampled(this.#startedAt, sampled.answer, sampled.wallMs);
    this.#lastSet.set(cell, sampled.answer.lastSet);
  }

  /** One call on real data through the same plan. */
  async #judgeReal(cell: Cell, seed: number): Promise<void> {
    const { problem } = cell.layer;
    this.#real ??= generateOperands(problem, cell.pass, "real", seed);
    await this.#ask(cell, { verb: "store", plan: 0, set: REAL }, this.#real);
    await this.#ask(cell, { verb: "load", plan: 0, set: REAL, poison: "finite" });
    await this.#ask(cell, { verb: "run", plan: 0 });
    await this.#judgeLast(cell, "real", this.#real, seed);
  }

  /** Judges what the last call gave. */
  async #judgeLast(cell: Cell, data: DataKind, operands: Tensors, seed: number): Promise<void> {
    const read = await this.#ask(cell, { verb: "read", plan: 0, poison: "nan" });
    const algorithm = this.#algorithms.get(cell);
    if (read === undefined || algorithm === undefined) return;
    const { contender, layer, pass } = cell;
    const { precision, arithmetic } = contender.description;
    const verdict = judge(layer.problem, pass, operands, read.tensors, { algorithm, precision, arithmetic }, seed);
    const fault =
      read.answer.touched.length > 0 ? { message: `the call ${read.answer.touched.join(" and ")}` } : verdict.fault;
    if (fault === undefined) return cell.held(verdict.margin);
    const convCase = { problem: layer.problem, pass, data, seed };
    const failure = {
      descriptor: printDescriptor(layer.problem),
      seed,
      data,
      ...verdict.fault?.element,
      message: fault.message,
      rerun: rerunCommand(contender.selector, "agreement", convCase, this.#options.threads),
    };
    cell.fail(fault, failure, verdict.margin);
  }

  /** Asks a cell's contender; a contender that fails ends the cell, and the answer is undefined. */
  async #ask<R extends Request>(
    cell: Cell,
    request: R,
    tensors: Tensors = {},
  ): Promise<Extract<Outcome<R["verb"]>, { kind: "answer" }> | undefined> {
    const process = this.#processes.get(cell.contender);
    if (!cell.isOpen || process === undefined || this.#signal.aborted) return undefined;
    const askedAt = performance.now();
    const outcome = await process.request(request, requestLimitMs(this.#options), tensors);
    cell.visitMs += performance.now() - askedAt;
    // An interrupted run ends its processes itself: that is no fault of theirs.
    if (this.#signal.aborted) return undefined;
    switch (outcome.kind) {
      case "answer":
        return outcome;
      case "threw":
        cell.end("crashed", `${request.verb} threw ${outcome.reason}`);
        return undefined;
      case "crashed":
      case "timed-out":
      case "mistrusted":
        cell.end(outcome.kind, outcome.reason);
        return undefined;
    }
  }
}

/** Fisher and Yates. */
function shuffled<T>(items: readonly T[], below: (bound: number) => number): readonly T[] {
  const order = [...items];
  for (let i = order.length - 1; i > 0; i--) {
    const j = below(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
