import type { Outcome, ResidentChannel } from "../../runner/channel.ts";
import type { Request, SampleSettings } from "../../runner/messages.ts";
import type { DataKind } from "../../../suites/data/operands.ts";
import { randomStream } from "../../../suites/data/random.ts";
import type { Algorithm } from "../../../core/plugin.ts";
import type { Pass } from "../../../core/problem.ts";
import { layerCommand, rerunCommand } from "../../verify/rerun.ts";
import type { AnyTensors } from "../../../core/tensors.ts";
import type { Cell } from "./cell.ts";
import type { Cost, WallCosts } from "./costs.ts";
import { watchMachine } from "./machine-watch.ts";
import { operandSets, type KeptOperands, type OperandSets } from "./operand-sets.ts";
import { sliceMs, type BenchOptions } from "./options.ts";
import { hasTimeFor, hasTurn, overheadFits, requestLimitMs } from "./schedule.ts";
import { batchOf, changingOf, descriptorOf, judgePart, openRequest, operandsOf, partsOf, type Part } from "./work.ts";

/** The sets of operands that a plan holds. */
const GIVEN = 0;
const OTHER = 1;
const REAL = 2;

/** A call of a whole network may take so many times as long as the limit of one layer's. */
const WHOLE_NETWORK_LIMIT = 10;

/** What a visit shares with the others of its round. */
export interface RoundContext {
  readonly options: BenchOptions;
  readonly round: number;
  /** The start of the round, the same for all that is timed in it. */
  readonly startedAt: string;
  readonly processOf: (cell: Cell) => ResidentChannel | undefined;
  /** A fixed piece of work, in milliseconds. */
  readonly spin: () => number;
  readonly costs: WallCosts;
  readonly kept: KeptOperands;
  readonly signal: AbortSignal;
}

/**
 * One layer of one round: every implementation plans and takes the operands, then they take turns in random order, then what each
 * computed last is judged.
 */
export class LayerVisit {
  readonly #cells: readonly Cell[];
  readonly #context: RoundContext;
  readonly #parts: readonly Part[];
  /** Of an end-to-end call: which part's plan comes when. A part's place is the number of its plan. */
  readonly #sequence: readonly number[] | undefined;
  readonly #last = new Map<Cell, "given" | "other" | "turned">();
  readonly #algorithms = new Map<Cell, Algorithm[]>();
  #sets: (OperandSets & { readonly part: Part }) | undefined;
  #real: AnyTensors | undefined;

  constructor(cells: readonly Cell[], context: RoundContext) {
    this.#cells = cells;
    this.#context = context;
    const [first] = cells;
    const { parts, order } = first === undefined ? { parts: [], order: undefined } : partsOf(first.layer, first.pass);
    this.#parts = parts;
    this.#sequence = order;
  }

  async run(onCell: (cell: Cell) => void): Promise<void> {
    const [first] = this.#cells;
    if (first === undefined) return;
    const { options, round } = this.#context;
    const { layer, pass } = first;
    // The first round times exact data, whose every element is judged by projection; the others real data, judged by samples: the same in
    // each, so that they are drawn and their sums are taken once.
    const seed = options.seed + Math.min(round, 1);
    const data: DataKind = round === 0 && this.#sequence === undefined ? "dense-exact" : "real";
    for (const cell of this.#cells) {
      cell.overheadMs = 0;
      this.#context.processOf(cell)?.forgetPeakMemory();
    }
    for (const [plan, part] of this.#parts.entries()) {
      const sets = await this.#operands(part, pass, data, seed);
      for (const cell of this.#cells) await this.#open(cell, plan, part, sets);
    }
    for (const cell of this.#cells) await this.#planned(cell);
    const order = randomStream("order", options.seed + round, layer.name, pass, first.context.threads);
    for (let turn = 0; turn < options.turns; turn++) {
      for (const cell of shuffled(this.#cells, (bound) => order.nextBelow(bound))) {
        if (turn === 0) onCell(cell);
        if (hasTurn(cell, turn, options)) await this.#sample(cell, turn);
      }
    }
    const margins = new Map<Cell, number>();
    for (const [plan, part] of this.#parts.entries()) {
      const sets = await this.#operands(part, pass, data, seed);
      for (const cell of this.#cells) {
        const margin = await this.#judgeLast(cell, plan, part, data, sets[this.#last.get(cell) ?? "given"], seed);
        if (margin !== undefined) margins.set(cell, Math.max(margins.get(cell) ?? 0, margin));
        if (this.#sequence !== undefined) await this.#ask(cell, { verb: "close", plan }, "planning");
      }
    }
    for (const cell of this.#cells) {
      const margin = margins.get(cell);
      if (margin !== undefined && cell.isOpen) cell.held(margin);
      // Exact integers do not tell a reduced precision: a cell that has no other round sees real data once.
      const isLast = data === "dense-exact" && !hasTimeFor(cell, 1, options);
      if (isLast && overheadFits(cell.overheadMs + cell.callMs, options)) await this.#judgeReal(cell, seed);
      cell.used(this.#context.processOf(cell)?.peakMemoryBytes());
      await this.#ask(cell, { verb: "close", plan: this.#timedPlan }, "planning");
    }
  }

  /** The number of the plan that is sampled: the only one, or the sequence of all others. */
  get #timedPlan(): number {
    return this.#sequence === undefined ? 0 : this.#parts.length;
  }

  /** Both sets of a part's operands. Those of a network's layers are not kept: together they may be gigabytes. */
  async #operands(part: Part, pass: Pass, data: DataKind, seed: number): Promise<OperandSets> {
    if (this.#sets?.part !== part) {
      const key = `${descriptorOf(part)} ${pass} ${data} ${seed}`;
      const known = this.#context.kept.get(key);
      if (known !== undefined) return known;
      const given = await this.#context.costs.of("data", () => operandsOf(part, pass, data, seed));
      this.#sets = { part, ...operandSets(given, changingOf(part, pass)) };
      if (this.#sequence === undefined && data === "real") this.#context.kept.put(key, this.#sets);
    }
    return this.#sets;
  }

  async #open(cell: Cell, plan: number, part: Part, { given, changed }: OperandSets): Promise<void> {
    const { implementation, pass, context } = cell;
    const request = openRequest(part, plan, implementation.description.name, pass, context.threads);
    const opened = await this.#ask(cell, request, "planning");
    if (opened === undefined) return;
    const { answer } = opened;
    if ("unsupported" in answer) {
      const which = this.#sequence === undefined ? "" : `${part.name}: `;
      return cell.end("unsupported", `${which}${answer.unsupported}`);
    }
    const algorithm = "algorithm" in answer ? answer.algorithm : "direct";
    this.#algorithms.set(cell, [...(this.#algorithms.get(cell) ?? []), algorithm]);
    if (this.#sequence === undefined) {
      if ("layerOf" in answer) cell.computedBy(answer.layerOf);
      if ("choice" in answer && answer.choice !== null) cell.chose(answer.choice);
      cell.planned(answer.planMs, answer.workspaceBytes, algorithm);
    }
    await this.#ask(cell, { verb: "store", plan, set: GIVEN }, "data", given);
    await this.#ask(cell, { verb: "store", plan, set: OTHER, base: GIVEN }, "data", changed);
  }

  /** When the plans of all parts are open: the one that runs them all. */
  async #planned(cell: Cell): Promise<void> {
    if (this.#sequence === undefined) return;
    await this.#ask(cell, { verb: "open-sequence", plan: this.#timedPlan, plans: this.#sequence }, "planning");
  }

  async #sample(cell: Cell, turn: number): Promise<void> {
    const { options, startedAt, processOf, spin } = this.#context;
    const timeMs = sliceMs(options);
    const settings = {
      timeMs,
      minSamples: 2,
      warmUpMs: timeMs / (turn === 0 ? 2 : 8),
      sets: [GIVEN, OTHER],
      ...this.#lastCallOf(cell),
      ...(options.cache === "cold" ? { evictBytes: evictBytes(options) } : {}),
    };
    if (!cell.isOpen) return;
    const spunMs = spin();
    const ends = watchMachine(processOf(cell)?.pids ?? []);
    const sampled = await this.#ask(cell, { verb: "sample", plan: this.#timedPlan, settings }, "timing");
    if (sampled === undefined) return;
    cell.beside(ends(), spunMs);
    cell.sampled(startedAt, sampled.answer, sampled.wallMs);
    const { lastSet, endsTurned } = sampled.answer;
    this.#last.set(cell, endsTurned ? "turned" : lastSet === OTHER ? "other" : "given");
  }

  /** Of one plan, the last call has operands that no call before it had; a sequence of plans pays for loading all of them. */
  #lastCallOf({ pass }: Cell): Pick<SampleSettings, "changing" | "isFirstCallApart"> {
    const [part] = this.#parts;
    return this.#sequence !== undefined || part === undefined
      ? { isFirstCallApart: true }
      : { changing: changingOf(part, pass) };
  }

  /** One call on real data through the same plan. */
  async #judgeReal(cell: Cell, seed: number): Promise<void> {
    const [part] = this.#parts;
    if (part === undefined || !("problem" in part)) return;
    this.#real ??= await this.#context.costs.of("data", () => operandsOf(part, cell.pass, "real", seed));
    await this.#ask(cell, { verb: "store", plan: 0, set: REAL }, "data", this.#real);
    await this.#ask(cell, { verb: "load", plan: 0, set: REAL, poison: "finite" }, "judging");
    await this.#ask(cell, { verb: "run", plan: 0 }, "judging");
    const margin = await this.#judgeLast(cell, 0, part, "real", this.#real, seed);
    if (margin !== undefined) cell.held(margin);
  }

  /** Judges what the last call gave for a part: its margin where it held, undefined where the cell has ended. */
  async #judgeLast(
    cell: Cell,
    plan: number,
    part: Part,
    data: DataKind,
    operands: AnyTensors,
    seed: number,
  ): Promise<number | undefined> {
    const read = await this.#ask(cell, { verb: "read", plan, poison: "nan" }, "judging");
    const algorithm = this.#algorithms.get(cell)?.[plan];
    const { implementation, pass } = cell;
    if (read === undefined || algorithm === undefined) return undefined;
    const { precision, arithmetic } = implementation.description;
    const verdict = await this.#context.costs.of("judging", () =>
      judgePart(part, pass, operands, read.tensors, { algorithm, precision, arithmetic }, seed),
    );
    const fault =
      read.answer.touched.length > 0 ? { message: `the call ${read.answer.touched.join(" and ")}` } : verdict.fault;
    if (fault === undefined) return verdict.margin;
    const which = this.#sequence === undefined ? "" : `${part.name}: `;
    const failure = {
      descriptor: descriptorOf(part),
      seed,
      data: "problem" in part ? data : "real",
      ...verdict.fault?.element,
      message: `${which}${fault.message}`,
      rerun: this.#rerun(cell, part, data, seed),
    };
    cell.fail({ message: failure.message }, failure, verdict.margin);
    return undefined;
  }

  #rerun({ implementation, pass, context, layer }: Cell, part: Part, data: DataKind, seed: number): string {
    const { threads } = context;
    const { suite, suiteSelector = suite, isInBrowser = false } = this.#context.options;
    const isAlone = this.#sequence === undefined && "problem" in part;
    if (isAlone && !isInBrowser)
      return rerunCommand(implementation.selector, "agreement", { problem: part.problem, pass, data, seed }, threads);
    const modes = [...(isAlone ? [] : ["whole" as const]), ...(isInBrowser ? ["browser" as const] : [])];
    const options = { pass, seed, batch: batchOf(layer), threads, modes };
    return layerCommand(implementation.selector, suiteSelector, layer.name, options);
  }

  /** Asks a cell's implementation; an implementation that fails ends the cell, and the answer is undefined. */
  async #ask<R extends Request>(
    cell: Cell,
    request: R,
    cost: Cost,
    tensors: AnyTensors = {},
  ): Promise<Extract<Outcome<R["verb"]>, { kind: "answer" }> | undefined> {
    const { processOf, options, signal, costs } = this.#context;
    const process = processOf(cell);
    if (!cell.isOpen || process === undefined || signal.aborted) return undefined;
    const askedAt = performance.now();
    const limitMs = requestLimitMs(options) * (this.#sequence === undefined ? 1 : WHOLE_NETWORK_LIMIT);
    const outcome = await costs.of(cost, () => process.request(request, limitMs, tensors));
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
