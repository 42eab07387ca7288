import type { Algorithm } from "../../../core/plugin.ts";
import type { Pass } from "../../../core/problem.ts";
import type { AnyTensors } from "../../../core/tensors.ts";
import type { DataKind } from "../../../suites/data/operands.ts";
import { randomStream } from "../../../suites/data/random.ts";
import type { TimedLayer } from "../../../suites/suite.ts";
import type { Request, SampleSettings } from "../../runner/messages.ts";
import type { CalibrationLoop } from "./calibration-loop.ts";
import type { Cell } from "./cell.ts";
import type { Cost } from "./costs.ts";
import { watchMachine } from "./machine-usage.ts";
import type { LastSet, OperandCache, OperandSets } from "./operand-sets.ts";
import { batchMs, evictBytes, type BenchOptions } from "./options.ts";
import { checkLastCall } from "./output-check.ts";
import { ask, type RequestContext } from "./requests.ts";
import { hasTimeFor, overheadFits, requestLimitMs, takesPart } from "./schedule.ts";
import { changingOf, openRequest, operandsOf, partsOf, type Part } from "./work.ts";

/** The sets of operands that a plan holds. */
const GIVEN = 0;
const OTHER = 1;
const REAL = 2;

/** A call of a whole network may take this many times as long as the limit of one layer's. */
const WHOLE_NETWORK_LIMIT = 10;

/** What the layers of a round share. */
export interface RoundContext extends RequestContext {
  readonly options: BenchOptions;
  readonly round: number;
  /** The start of the round, the same for all that is timed in it. */
  readonly startedAt: string;
  readonly calibration: CalibrationLoop;
  readonly operands: OperandCache;
}

/**
 * One layer in one round: every implementation plans and takes the operands; then its samples are taken in interleaved
 * batches, each repetition in a random order of the implementations; then what each computed last is checked.
 */
export class LayerRound {
  readonly #cells: readonly Cell[];
  readonly #context: RoundContext;
  readonly #layer: TimedLayer;
  readonly #pass: Pass;
  readonly #threads: number;
  readonly #parts: readonly Part[];
  /** Of an end-to-end call: which part's plan comes when. A part's place is the number of its plan. */
  readonly #sequence: readonly number[] | undefined;
  readonly #data: DataKind;
  readonly #seed: number;
  readonly #lastSets = new Map<Cell, LastSet>();
  readonly #algorithms = new Map<Cell, Algorithm[]>();
  #real: AnyTensors | undefined;

  constructor(cells: readonly [Cell, ...Cell[]], context: RoundContext) {
    const { options, round } = context;
    const [first] = cells;
    const { parts, order } = partsOf(first.layer, first.pass);
    this.#cells = cells;
    this.#layer = first.layer;
    this.#pass = first.pass;
    this.#threads = first.context.threads;
    this.#context = context;
    this.#parts = parts;
    this.#sequence = order;
    // The first round times exact data, whose every element is checked by projection; the others real data, checked by
    // samples: the same in each, so that they are drawn and their sums are taken once.
    this.#seed = options.seed + Math.min(round, 1);
    this.#data = round === 0 && order === undefined ? "dense-exact" : "real";
  }

  async run(onCell: (cell: Cell) => void): Promise<void> {
    for (const cell of this.#cells) {
      cell.record({ kind: "round" });
      this.#context.processOf(cell)?.forgetPeakMemory();
    }
    await this.#open();
    await this.#sample(onCell);
    await this.#check();
    for (const cell of this.#cells) await this.#finish(cell);
  }

  /** Plans with operands, a part at a time, so that operands are drawn once for all implementations. */
  async #open(): Promise<void> {
    for (const [plan, part] of this.#parts.entries()) {
      const sets = await this.#operandsOf(part);
      for (const cell of this.#cells) await this.#openPart(cell, plan, part, sets);
    }
    if (this.#sequence === undefined) return;
    const request = { verb: "open-sequence", plan: this.#timedPlan, plans: this.#sequence } as const;
    for (const cell of this.#cells) await this.#ask(cell, request, "planning");
  }

  async #openPart(cell: Cell, plan: number, part: Part, { given, changed }: OperandSets): Promise<void> {
    const { implementation, pass, context } = cell;
    const request = openRequest(part, plan, implementation.description.name, pass, context.threads);
    const answer = (await this.#ask(cell, request, "planning"))?.answer;
    if (answer === undefined) return;
    if ("unsupported" in answer) {
      const reason = this.#sequence === undefined ? answer.unsupported : `${part.name}: ${answer.unsupported}`;
      cell.record({ kind: "ended", status: "unsupported", reason });
      return;
    }
    const algorithm = "algorithm" in answer ? answer.algorithm : "direct";
    this.#algorithms.set(cell, [...(this.#algorithms.get(cell) ?? []), algorithm]);
    if (this.#sequence === undefined) {
      const { planMs, workspaceBytes } = answer;
      const layerOf = "layerOf" in answer ? { layerOf: answer.layerOf } : {};
      const choice = "choice" in answer && answer.choice !== null ? { choice: answer.choice } : {};
      cell.record({ kind: "planned", planMs, workspaceBytes, algorithm, ...layerOf, ...choice });
    }
    await this.#ask(cell, { verb: "store", plan, set: GIVEN }, "data", given);
    await this.#ask(cell, { verb: "store", plan, set: OTHER, base: GIVEN }, "data", changed);
  }

  /** In each repetition one batch of every implementation, in random order. */
  async #sample(onCell: (cell: Cell) => void): Promise<void> {
    const { options, round } = this.#context;
    const order = randomStream("order", options.seed + round, this.#layer.name, this.#pass, this.#threads);
    for (let repetition = 0; repetition < options.repetitions; repetition++) {
      for (const cell of shuffled(this.#cells, (bound) => order.nextBelow(bound))) {
        if (repetition === 0) onCell(cell);
        if (takesPart(cell, repetition, options)) await this.#sampleBatch(cell, repetition);
      }
    }
  }

  async #sampleBatch(cell: Cell, repetition: number): Promise<void> {
    if (!cell.isOpen) return;
    const { options, startedAt, processOf, calibration } = this.#context;
    const timeMs = batchMs(options);
    const settings = {
      timeMs,
      minSamples: 2,
      warmUpMs: timeMs / (repetition === 0 ? 2 : 8),
      sets: [GIVEN, OTHER],
      ...this.#lastCall(),
      ...(options.cache === "cold" ? { evictBytes: evictBytes(options) } : {}),
    };
    const calibrationMs = calibration.run();
    const endWatch = watchMachine(processOf(cell)?.pids ?? []);
    const sampled = await this.#ask(cell, { verb: "sample", plan: this.#timedPlan, settings }, "timing");
    if (sampled === undefined) return;
    const { answer: result, wallMs } = sampled;
    cell.record({ kind: "batch", startedAt, result, wallMs, usage: endWatch(), calibrationMs });
    this.#lastSets.set(cell, result.endsTurned ? "negated" : result.lastSet === OTHER ? "other" : "given");
  }

  /**
   * Of one plan, the last call has operands that no call before it had; a sequence of plans pays for loading all of
   * them.
   */
  #lastCall(): Pick<SampleSettings, "changing" | "isFirstCallApart"> {
    const [part] = this.#parts;
    return this.#sequence !== undefined || part === undefined
      ? { isFirstCallApart: true }
      : { changing: changingOf(part, this.#pass) };
  }

  /** Checks what the last calls gave; a cell whose every part holds has one checked output more. */
  async #check(): Promise<void> {
    const margins = new Map<Cell, number>();
    for (const [plan, part] of this.#parts.entries()) {
      const sets = await this.#operandsOf(part);
      for (const cell of this.#cells) {
        const operands = sets[this.#lastSets.get(cell) ?? "given"];
        const margin = await this.#checkPlan(cell, plan, part, this.#data, operands);
        if (margin !== undefined) margins.set(cell, Math.max(margins.get(cell) ?? 0, margin));
        if (this.#sequence !== undefined) await this.#ask(cell, { verb: "close", plan }, "planning");
      }
    }
    for (const [cell, margin] of margins) if (cell.isOpen) cell.record({ kind: "held", margin });
  }

  async #finish(cell: Cell): Promise<void> {
    const { options, processOf } = this.#context;
    // Exact integers do not tell a reduced precision: a cell that has no other round sees real data once.
    const isLast = this.#data === "dense-exact" && !hasTimeFor(cell, 1, options);
    if (isLast && overheadFits(cell.overheadMs + cell.callMs, options)) await this.#checkReal(cell);
    const peakBytes = processOf(cell)?.peakMemoryBytes();
    if (peakBytes !== undefined) cell.record({ kind: "memory", peakBytes });
    await this.#ask(cell, { verb: "close", plan: this.#timedPlan }, "planning");
  }

  /** One call on real data through the same plan. */
  async #checkReal(cell: Cell): Promise<void> {
    const [part] = this.#parts;
    if (part?.kind !== "convolution") return;
    const { costs } = this.#context;
    const real = (this.#real ??= await costs.of("data", () => operandsOf(part, this.#pass, "real", this.#seed)));
    await this.#ask(cell, { verb: "store", plan: 0, set: REAL }, "data", real);
    await this.#ask(cell, { verb: "load", plan: 0, set: REAL, poison: "finite" }, "checking");
    await this.#ask(cell, { verb: "run", plan: 0 }, "checking");
    const margin = await this.#checkPlan(cell, 0, part, "real", real);
    if (margin !== undefined) cell.record({ kind: "held", margin });
  }

  /** The margin of what a plan's last call gave where it held; where not, the cell has ended. */
  async #checkPlan(
    cell: Cell,
    plan: number,
    part: Part,
    data: DataKind,
    operands: AnyTensors,
  ): Promise<number | undefined> {
    const { costs, options } = this.#context;
    const read = await this.#ask(cell, { verb: "read", plan, poison: "nan" }, "checking");
    const algorithm = this.#algorithms.get(cell)?.[plan];
    if (read === undefined || algorithm === undefined) return undefined;
    const call = {
      part,
      pass: this.#pass,
      data,
      seed: this.#seed,
      operands,
      outputs: read.tensors,
      touched: read.answer.touched,
      algorithm,
      isOfSequence: this.#sequence !== undefined,
    };
    const checked = await costs.of("checking", () => checkLastCall(cell, call, options));
    if (checked.kind === "held") return checked.margin;
    cell.record(checked);
    return undefined;
  }

  /** The number of the plan that is sampled: the only one, or the sequence of all others. */
  get #timedPlan(): number {
    return this.#sequence === undefined ? 0 : this.#parts.length;
  }

  #operandsOf(part: Part): Promise<OperandSets> {
    const source = { part, pass: this.#pass, data: this.#data, seed: this.#seed };
    return this.#context.operands.of(source, this.#sequence === undefined && this.#data === "real");
  }

  #ask<R extends Request>(cell: Cell, request: R, cost: Cost, tensors?: AnyTensors): ReturnType<typeof ask<R>> {
    const limitMs = requestLimitMs(this.#context.options) * (this.#sequence === undefined ? 1 : WHOLE_NETWORK_LIMIT);
    return ask(cell, { request, cost, limitMs, ...(tensors === undefined ? {} : { tensors }) }, this.#context);
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
