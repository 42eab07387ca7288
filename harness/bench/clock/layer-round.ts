import type { Algorithm } from "../../../core/plugin.ts";
import type { Pass } from "../../../core/problem.ts";
import type { AnyTensors } from "../../../core/tensors.ts";
import type { DataKind } from "../../../suites/data/operands.ts";
import { randomStream } from "../../../suites/data/random.ts";
import type { TimedLayer } from "../../../suites/suite.ts";
import type { Changing, Request, SampleResult, SetState, Touched } from "../../runner/messages.ts";
import type { CalibrationLoop } from "./calibration-loop.ts";
import type { Cell } from "./cell.ts";
import type { Cost } from "./costs.ts";
import { watchMachine } from "./machine-usage.ts";
import { downloadBytes } from "../model/download-size.ts";
import { ChangedOperands, GIVEN, OTHER, WIDE, type OperandCache, type OperandSets } from "./operand-sets.ts";
import { batchMs, evictBytes, type BenchOptions } from "./options.ts";
import { checkCall } from "./output-check.ts";
import { ask, type RequestContext } from "./requests.ts";
import { isHeldUp } from "./samples.ts";
import { overheadFits, requestLimitMs, takesPart } from "./schedule.ts";
import { newChanging, takeFreshCalls } from "./take-fresh-calls.ts";
import { changingOf, openRequest, operandsOf, partsOf, type Part } from "./work.ts";

/** A call of a whole network may take this many times as long as the limit of one layer's. */
const WHOLE_NETWORK_LIMIT = 10;

const MOST_RETAKES = 3;

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
  readonly #changedOperands = new ChangedOperands();
  /** The operands of the call that is checked. */
  readonly #checked = new Map<Cell, SetState>();
  readonly #algorithms = new Map<Cell, Algorithm[]>();
  #wide: AnyTensors | undefined;

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
    const isWhole = order !== undefined || this.#layer.kind === "model";
    this.#seed = this.#layer.kind === "model" ? options.seed : options.seed + Math.min(round, 1);
    this.#data = round === 0 && !isWhole ? "dense-exact" : "real";
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
    const { request, tensors } = openRequest(part, plan, implementation.description.name, pass, context.threads);
    const answer = (await this.#ask(cell, request, "planning", tensors))?.answer;
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
      const codeBytes =
        "downloads" in answer && answer.downloads !== null ? { codeBytes: downloadBytes(answer.downloads) } : {};
      cell.record({ kind: "planned", planMs, workspaceBytes, algorithm, ...layerOf, ...choice, ...codeBytes });
    }
    await this.#ask(cell, { verb: "store", plan, set: GIVEN }, "data", given);
    await this.#ask(cell, { verb: "store", plan, set: OTHER, base: GIVEN }, "data", changed);
  }

  /** In each repetition one batch of every implementation, in random order. */
  async #sample(onCell: (cell: Cell) => void): Promise<void> {
    const { options, round } = this.#context;
    const order = randomStream("order", options.seed + round, this.#layer.name, this.#pass, this.#threads);
    for (let repetition = 0; repetition < options.repetitions; repetition++) {
      const changing = this.#newChanging();
      for (const cell of shuffled(this.#cells, (bound) => order.nextBelow(bound))) {
        if (repetition === 0) onCell(cell);
        if (!takesPart(cell, repetition, options)) continue;
        const result = await this.#sampleBatch(cell, repetition, changing);
        if (result !== undefined && changing !== undefined && repetition === 0)
          await this.#takeFresh(cell, changing, result);
      }
    }
  }

  /** A batch whose answer was held up says nothing of the clock: it is taken again a few times, as a new one. */
  async #sampleBatch(
    cell: Cell,
    repetition: number,
    changing: Changing | undefined,
    earlier?: { readonly firstCallMs: number | null; readonly retakes: number },
  ): Promise<SampleResult | undefined> {
    if (!cell.isOpen) return undefined;
    const { options, startedAt, processOf, calibration } = this.#context;
    const timeMs = batchMs(options);
    const settings = {
      timeMs,
      minSamples: 2,
      warmUpMs: timeMs / (repetition === 0 ? 2 : 8),
      sets: [GIVEN, OTHER],
      ...(changing === undefined ? { isFirstCallApart: true } : { changing }),
      ...(options.cache === "cold" ? { evictBytes: evictBytes(options) } : {}),
    };
    const calibrationMs = calibration.run();
    const endWatch = watchMachine(processOf(cell)?.pids ?? [], options.isInBrowser !== true);
    const sampled = await this.#ask(cell, { verb: "sample", plan: this.#timedPlan, settings }, "timing");
    if (sampled === undefined) return undefined;
    const { wallMs } = sampled;
    const result = { ...sampled.answer, firstCallMs: earlier?.firstCallMs ?? sampled.answer.firstCallMs };
    const retakes = earlier?.retakes ?? 0;
    if (isHeldUp(result, wallMs) && retakes < MOST_RETAKES)
      return this.#sampleBatch(cell, repetition, changing, { ...result, retakes: retakes + 1 });
    cell.record({ kind: "batch", startedAt, result, wallMs, usage: endWatch(), calibrationMs });
    this.#checked.set(cell, result.checked);
    const peakBytes = processOf(cell)?.peakMemoryBytes();
    if (peakBytes !== undefined) cell.record({ kind: "memory", peakBytes });
    return result;
  }

  /** New operands for each batch of one plan; a sequence of plans would pay for loading all of them. */
  #newChanging(): Changing | undefined {
    const [part] = this.#parts;
    return this.#sequence !== undefined || part === undefined ? undefined : newChanging(changingOf(part, this.#pass));
  }

  /** The fresh calls beside a batch, and whether they did the work. */
  async #takeFresh(cell: Cell, changing: Changing, result: SampleResult): Promise<void> {
    const [part] = this.#parts;
    if (part === undefined) return;
    const { isInBrowser = false } = this.#context.options;
    const taken = await takeFreshCalls(
      (request) => this.#ask(cell, request, "timing"),
      this.#timedPlan,
      changing,
      result,
      isInBrowser,
    );
    if (taken === undefined) return;
    cell.record({ kind: "fresh", round: taken.round });
    for (const { change, ...given } of taken.given) {
      const operands = await this.#operandsAt(part, { set: OTHER, change });
      await this.#checkOutputs(cell, 0, part, { data: this.#data, operands, ...given });
    }
  }

  /** Checks what the last calls gave; a cell whose every part holds has one checked output more. */
  async #check(): Promise<void> {
    const margins = new Map<Cell, number>();
    for (const [plan, part] of this.#parts.entries()) {
      for (const cell of this.#cells) {
        const operands = await this.#operandsAt(part, this.#checked.get(cell) ?? { set: GIVEN, change: null });
        const margin = await this.#checkPlan(cell, plan, part, this.#data, operands);
        if (margin !== undefined) margins.set(cell, Math.max(margins.get(cell) ?? 0, margin));
        if (this.#sequence !== undefined) await this.#ask(cell, { verb: "close", plan }, "planning");
      }
    }
    for (const [cell, margin] of margins) if (cell.isOpen) cell.record({ kind: "held", margin });
  }

  async #finish(cell: Cell): Promise<void> {
    // Of integers and real data a lower precision may be within the bound: every cell sees wide exact data once.
    if (this.#context.round === 0 && overheadFits(cell.overheadMs + cell.callMs, this.#context.options))
      await this.#checkWide(cell);
    await this.#checkLateWrites(cell);
    await this.#ask(cell, { verb: "close", plan: this.#timedPlan }, "planning");
  }

  /** One call on wide exact data through the plan that was timed. */
  async #checkWide(cell: Cell): Promise<void> {
    const [part] = this.#parts;
    if (part?.kind !== "convolution" || this.#sequence !== undefined) return;
    const { costs } = this.#context;
    const wide = (this.#wide ??= await costs.of("data", () => operandsOf(part, this.#pass, "wide-exact", this.#seed)));
    await this.#ask(cell, { verb: "store", plan: 0, set: WIDE }, "data", wide);
    await this.#ask(cell, { verb: "load", plan: 0, set: WIDE, poison: "finite" }, "checking");
    await this.#ask(cell, { verb: "run", plan: 0 }, "checking");
    const margin = await this.#checkPlan(cell, 0, part, "wide-exact", wide);
    if (margin !== undefined) cell.record({ kind: "held", margin });
  }

  /** What was done to outputs since they were read. */
  async #checkLateWrites(cell: Cell): Promise<void> {
    const [part] = this.#parts;
    if (part === undefined || this.#sequence !== undefined) return;
    const touched = (await this.#ask(cell, { verb: "settle", plan: 0 }, "checking"))?.answer.touched ?? [];
    if (touched.length === 0) return;
    const operands = await this.#operandsAt(part, { set: GIVEN, change: null });
    await this.#checkOutputs(cell, 0, part, { data: this.#data, operands, outputs: {}, touched });
  }

  /** The margin of what a plan's last call gave where it held; where not, the cell has ended. */
  async #checkPlan(
    cell: Cell,
    plan: number,
    part: Part,
    data: DataKind,
    operands: AnyTensors,
  ): Promise<number | undefined> {
    const read = await this.#ask(cell, { verb: "read", plan, poison: "nan" }, "checking");
    if (read === undefined) return undefined;
    const { touched } = read.answer;
    return this.#checkOutputs(cell, plan, part, { data, operands, outputs: read.tensors, touched });
  }

  async #checkOutputs(
    cell: Cell,
    plan: number,
    part: Part,
    given: {
      readonly data: DataKind;
      readonly operands: AnyTensors;
      readonly outputs: AnyTensors;
      readonly touched: Touched;
    },
  ): Promise<number | undefined> {
    const { costs, options } = this.#context;
    const algorithm = this.#algorithms.get(cell)?.[plan];
    if (algorithm === undefined) return undefined;
    const isOfSequence = this.#sequence !== undefined;
    const call = { ...given, part, pass: this.#pass, seed: this.#seed, algorithm, isOfSequence };
    const checked = await costs.of("checking", () => checkCall(cell, call, options));
    if (checked.kind === "held") return checked.margin;
    cell.record(checked);
    return undefined;
  }

  /** The number of the plan that is sampled: the only one, or the sequence of all others. */
  get #timedPlan(): number {
    return this.#sequence === undefined ? 0 : this.#parts.length;
  }

  async #operandsAt(part: Part, state: SetState): Promise<AnyTensors> {
    return this.#changedOperands.at(await this.#operandsOf(part), changingOf(part, this.#pass), state);
  }

  #operandsOf(part: Part): Promise<OperandSets> {
    const source = { part, pass: this.#pass, data: this.#data, seed: this.#seed };
    return this.#context.operands.of(source, this.#sequence === undefined && this.#data === "real");
  }

  #ask<R extends Request>(cell: Cell, request: R, cost: Cost, tensors?: AnyTensors): ReturnType<typeof ask<R>> {
    const isWhole = this.#sequence !== undefined || this.#layer.kind === "model";
    const limitMs = requestLimitMs(this.#context.options) * (isWhole ? WHOLE_NETWORK_LIMIT : 1);
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
