import type { Outcome } from "../contender/channel.ts";
import type { ContenderProcess } from "../contender/process.ts";
import type { Request } from "../contender/messages.ts";
import { generateOperands, type DataKind } from "../data/operands.ts";
import { randomStream } from "../data/random.ts";
import { printDescriptor } from "../descriptor.ts";
import { judge } from "../judge/index.ts";
import type { Tensors } from "../plugin.ts";
import { operandNames } from "../tensors.ts";
import { rerunCommand } from "../rerun.ts";
import type { Cell } from "./cell.ts";
import type { Cost, WallCosts } from "./costs.ts";
import { watchMachine } from "./machine-watch.ts";
import { sliceMs, type BenchOptions } from "./options.ts";
import { hasTimeFor, overheadFits, requestLimitMs } from "./schedule.ts";

/** The sets of operands that a plan holds. */
const GIVEN = 0;
const OTHER = 1;
const REAL = 2;

/** What a visit shares with the others of its round. */
export interface RoundContext {
  readonly options: BenchOptions;
  readonly round: number;
  /** The start of the round, the same for all that is timed in it. */
  readonly startedAt: string;
  readonly processOf: (cell: Cell) => ContenderProcess | undefined;
  /** A fixed piece of work, in milliseconds. */
  readonly spin: () => number;
  readonly costs: WallCosts;
  readonly signal: AbortSignal;
}

/**
 * One layer of one round: every contender plans and takes the operands, then they take turns in random order, then what each
 * computed last is judged.
 */
export class LayerVisit {
  readonly #cells: readonly Cell[];
  readonly #context: RoundContext;
  readonly #lastSet = new Map<Cell, number>();
  #real: Tensors | undefined;

  constructor(cells: readonly Cell[], context: RoundContext) {
    this.#cells = cells;
    this.#context = context;
  }

  async run(onCell: (cell: Cell) => void): Promise<void> {
    const [first] = this.#cells;
    if (first === undefined) return;
    const { options, round, costs } = this.#context;
    const { layer, pass } = first;
    const seed = options.seed + round;
    // The first round times exact data, whose every element is judged by projection; the others real data, judged by samples.
    const data: DataKind = round === 0 ? "dense-exact" : "real";
    const given = await costs.of("data", () => generateOperands(layer.problem, pass, data, seed));
    const [changing] = operandNames(layer.problem, pass);
    // The other set differs in the data alone: that is enough for a kept result to show, and half as much to move.
    const changed = { [changing]: given[changing]!.toReversed() };
    for (const cell of this.#cells) {
      cell.overheadMs = 0;
      await this.#open(cell, given, changed);
    }
    const order = randomStream("order", seed, layer.name, pass, first.context.threads);
    for (let turn = 0; turn < options.turns; turn++) {
      for (const cell of shuffled(this.#cells, (bound) => order.nextBelow(bound))) {
        if (turn === 0) onCell(cell);
        // A call that is longer than a slice is not repeated in the same round.
        if (turn === 0 || cell.callMs < sliceMs(options)) await this.#sample(cell, turn);
      }
    }
    for (const cell of this.#cells) {
      const operands = this.#lastSet.get(cell) === OTHER ? { ...given, ...changed } : given;
      await this.#judgeLast(cell, data, operands, seed);
      // Exact integers do not tell a reduced precision: a cell that has no other round sees real data once.
      const isLast = round === 0 && !hasTimeFor(cell, 1, options);
      if (isLast && overheadFits(cell.overheadMs + cell.callMs, options)) await this.#judgeReal(cell, seed);
      cell.used(this.#context.processOf(cell)?.peakMemoryBytes());
      await this.#ask(cell, { verb: "close", plan: 0 }, "planning");
    }
  }

  async #open(cell: Cell, given: Tensors, changed: Tensors): Promise<void> {
    const { contender, layer, pass } = cell;
    const { threads } = cell.context;
    const { problem } = layer;
    this.#context.processOf(cell)?.forgetPeakMemory();
    const request = { verb: "open", plan: 0, impl: contender.description.name, problem, pass, threads } as const;
    const opened = await this.#ask(cell, request, "planning");
    if (opened === undefined) return;
    if ("unsupported" in opened.answer) return cell.end("unsupported", opened.answer.unsupported);
    cell.planned(opened.answer.planMs, opened.answer.workspaceBytes, opened.answer.algorithm);
    await this.#ask(cell, { verb: "store", plan: 0, set: GIVEN }, "data", given);
    await this.#ask(cell, { verb: "store", plan: 0, set: OTHER, base: GIVEN }, "data", changed);
  }

  async #sample(cell: Cell, turn: number): Promise<void> {
    const { options, startedAt, processOf, spin } = this.#context;
    const timeMs = sliceMs(options);
    const settings = {
      timeMs,
      minSamples: 2,
      warmUpMs: turn === 0 ? timeMs : timeMs / 4,
      sets: turn % 2 === 0 ? [GIVEN, OTHER] : [OTHER, GIVEN],
      ...(options.cache === "cold" ? { evictBytes: evictBytes(options) } : {}),
    };
    if (!cell.isOpen) return;
    const spunMs = spin();
    const ends = watchMachine(processOf(cell)?.pid);
    const sampled = await this.#ask(cell, { verb: "sample", plan: 0, settings }, "timing");
    if (sampled === undefined) return;
    cell.beside(ends(), spunMs);
    cell.sampled(startedAt, sampled.answer, sampled.wallMs);
    this.#lastSet.set(cell, sampled.answer.lastSet);
  }

  /** One call on real data through the same plan. */
  async #judgeReal(cell: Cell, seed: number): Promise<void> {
    const { problem } = cell.layer;
    this.#real ??= await this.#context.costs.of("data", () => generateOperands(problem, cell.pass, "real", seed));
    await this.#ask(cell, { verb: "store", plan: 0, set: REAL }, "data", this.#real);
    await this.#ask(cell, { verb: "load", plan: 0, set: REAL, poison: "finite" }, "judging");
    await this.#ask(cell, { verb: "run", plan: 0 }, "judging");
    await this.#judgeLast(cell, "real", this.#real, seed);
  }

  /** Judges what the last call gave. */
  async #judgeLast(cell: Cell, data: DataKind, operands: Tensors, seed: number): Promise<void> {
    const read = await this.#ask(cell, { verb: "read", plan: 0, poison: "nan" }, "judging");
    const { algorithm, contender, layer, pass } = cell;
    if (read === undefined || algorithm === undefined) return;
    const { precision, arithmetic } = contender.description;
    const verdict = await this.#context.costs.of("judging", () =>
      judge(layer.problem, pass, operands, read.tensors, { algorithm, precision, arithmetic }, seed),
    );
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
      rerun: rerunCommand(contender.selector, "agreement", convCase, cell.context.threads),
    };
    cell.fail(fault, failure, verdict.margin);
  }

  /** Asks a cell's contender; a contender that fails ends the cell, and the answer is undefined. */
  async #ask<R extends Request>(
    cell: Cell,
    request: R,
    cost: Cost,
    tensors: Tensors = {},
  ): Promise<Extract<Outcome<R["verb"]>, { kind: "answer" }> | undefined> {
    const { processOf, options, signal, costs } = this.#context;
    const process = processOf(cell);
    if (!cell.isOpen || process === undefined || signal.aborted) return undefined;
    const askedAt = performance.now();
    const outcome = await costs.of(cost, () => process.request(request, requestLimitMs(options), tensors));
    if (cost !== "timing") cell.overheadMs += performance.now() - askedAt;
    // An interrupted run ends its processes itself: that is no fault of theirs.
    if (signal.aborted) return undefined;
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

/** Hypervisors report caches of which a guest has a part; no part that one guest is likely to have is left after so much. */
const MOST_EVICTED_BYTES = 512 * 2 ** 20;

/** Twice the last-level cache: whatever its replacement policy keeps, none of a call's data is among it. */
function evictBytes({ ceilings }: BenchOptions): number {
  const cacheBytes = Math.max(0, ...ceilings.map(({ lastLevelCacheBytes }) => lastLevelCacheBytes));
  return Math.min(2 * cacheBytes, MOST_EVICTED_BYTES);
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
