import type { Pass } from "../../../core/problem.ts";
import { librariesOf, libraryImporter } from "../../../core/libraries.ts";
import { randomStream } from "../../../suites/data/random.ts";
import type { TimedLayer } from "../../../suites/suite.ts";
import type { Implementation } from "../../runner/discovery.ts";
import type { Changing, SampleResult, SetState } from "../../runner/messages.ts";
import type { CalibrationLoop } from "./calibration-loop.ts";
import type { Cell } from "./cell.ts";
import { LayerChecks } from "./layer-checks.ts";
import { watchMachine } from "./machine-usage.ts";
import { downloadBytes } from "../model/download-size.ts";
import { GIVEN, OTHER, type OperandCache, type OperandSets } from "./operand-sets.ts";
import { batchMs, evictingOf, type BenchOptions } from "./options.ts";
import type { RequestContext } from "./requests.ts";
import type { RivalWatch } from "./rivals.ts";
import { isHeldUp } from "./samples.ts";
import { overheadFits, takesPart } from "./schedule.ts";
import { newChanging } from "./take-fresh-calls.ts";
import { changingOf, openRequest, partsOf, type Part } from "./work.ts";

/** More would only take longer: a batch that is held up each time does not count. */
const MOST_RETAKES = 3;
/** Of calls this short a few more cost little. */
const SHORT_MS = 20;

/** What the layers of a round share. */
export interface RoundContext extends RequestContext {
  readonly options: BenchOptions;
  readonly round: number;
  /** The start of the round, the same for all that is timed in it. */
  readonly startedAt: string;
  readonly calibration: CalibrationLoop;
  /** The processes of the other implementations. */
  readonly beside: (cell: Cell) => ReadonlyMap<number, Implementation>;
  readonly rivals: RivalWatch;
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
  readonly #checks: LayerChecks;
  readonly #lastSamplesMs = new Map<Cell, readonly number[]>();
  /** The operands of the call that is checked. */
  readonly #checked = new Map<Cell, SetState>();

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
    const isModel = this.#layer.kind === "model";
    const isSequence = order !== undefined;
    const isWhole = isSequence || isModel;
    const data = round === 0 && !isWhole ? "dense-exact" : "real";
    const seed = isModel ? options.seed : options.seed + Math.min(round, 1);
    this.#checks = new LayerChecks({ pass: first.pass, data, seed, isSequence, isWhole }, context);
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
      const sets = await this.#checks.operandsOf(part);
      for (const cell of this.#cells) await this.#openPart(cell, plan, part, sets);
    }
    if (this.#sequence === undefined) return;
    const request = { verb: "open-sequence", plan: this.#timedPlan, plans: this.#sequence } as const;
    for (const cell of this.#cells) await this.#checks.ask(cell, request, "planning");
  }

  async #openPart(cell: Cell, plan: number, part: Part, { given, changed }: OperandSets): Promise<void> {
    const { implementation, pass, context } = cell;
    const { request, tensors } = openRequest(part, plan, implementation.description.name, pass, context.threads);
    const answer = (await this.#checks.ask(cell, request, "planning", tensors))?.answer;
    if (answer === undefined) return;
    if ("unsupported" in answer) {
      const reason = !this.#isSequence ? answer.unsupported : `${part.name}: ${answer.unsupported}`;
      cell.record({ kind: "ended", status: "unsupported", reason });
      return;
    }
    const algorithm = "algorithm" in answer ? answer.algorithm : "direct";
    this.#checks.planned(cell, algorithm);
    if (!this.#isSequence) {
      const libraries = librariesOf(cell.implementation.url);
      const { planMs, workspaceBytes } = answer;
      const layerOf = "layerOf" in answer ? { layerOf: answer.layerOf } : {};
      const choice = "choice" in answer && answer.choice !== null ? { choice: answer.choice } : {};
      const codeBytes =
        "downloads" in answer && answer.downloads !== null
          ? { codeBytes: downloadBytes(answer.downloads, libraries && libraryImporter(libraries)) }
          : {};
      cell.record({ kind: "planned", planMs, workspaceBytes, algorithm, ...layerOf, ...choice, ...codeBytes });
    }
    await this.#checks.ask(cell, { verb: "store", plan, set: GIVEN }, "data", given);
    await this.#checks.ask(cell, { verb: "store", plan, set: OTHER, base: GIVEN }, "data", changed);
  }

  /** In each repetition one batch of every implementation, in random order. */
  async #sample(onCell: (cell: Cell) => void): Promise<void> {
    const { options, round } = this.#context;
    const [first] = this.#parts;
    const order = randomStream("order", options.seed + round, this.#layer.name, this.#pass, this.#threads);
    for (let repetition = 0; repetition < options.repetitions; repetition++) {
      const changing = this.#newChanging();
      for (const cell of shuffled(this.#cells, (bound) => order.nextBelow(bound))) {
        if (repetition === 0) onCell(cell);
        if (!takesPart(cell, repetition, options)) continue;
        const result = await this.#sampleBatch(cell, repetition, changing);
        // After all samples: none of them can come from an implementation that behaves until it was looked at.
        if (result !== undefined) this.#lastSamplesMs.set(cell, result.samplesMs);
        if (result !== undefined && first !== undefined && !this.#isSequence && this.#isLastBatch(cell, repetition))
          await this.#checks.takeFresh(cell, first, result);
      }
    }
  }

  #isLastBatch(cell: Cell, repetition: number): boolean {
    const { options } = this.#context;
    return repetition + 1 >= options.repetitions || !takesPart(cell, repetition + 1, options);
  }

  /** A batch whose answer was held up says nothing of the clock: it is taken again a few times, as a new one. */
  async #sampleBatch(
    cell: Cell,
    repetition: number,
    changing: Changing | undefined,
    earlier?: { readonly firstCallMs: number | null; readonly retakes: number },
  ): Promise<SampleResult | undefined> {
    if (!cell.isOpen) return undefined;
    const { options, startedAt, processOf, calibration, rivals } = this.#context;
    const timeMs = batchMs(options);
    const settings = {
      timeMs,
      minSamples: 2,
      warmUpMs: timeMs / (repetition === 0 ? 2 : 8),
      sets: [GIVEN, OTHER],
      ...(changing === undefined ? { isFirstCallApart: true } : { changing }),
      ...evictingOf(options),
    };
    const calibrationMs = calibration.run();
    const beside = this.#context.beside(cell);
    const endWatch = watchMachine({
      pids: processOf(cell)?.pids ?? [],
      leadGroups: options.isInBrowser !== true,
      threads: this.#threads,
      idle: [...beside.keys()],
    });
    const sampled = await this.#checks.ask(cell, { verb: "sample", plan: this.#timedPlan, settings }, "timing");
    const { usage, waitedMs, idleMs } = endWatch();
    const ofOthers = new Map([...beside].map(([pid, implementation]) => [implementation, idleMs.get(pid) ?? 0]));
    rivals.note(cell, usage.wallMs, ofOthers);
    if (sampled === undefined) return undefined;
    const { wallMs } = sampled;
    const result = { ...sampled.answer, firstCallMs: earlier?.firstCallMs ?? sampled.answer.firstCallMs };
    const retakes = earlier?.retakes ?? 0;
    if (isHeldUp(result, wallMs, waitedMs) && retakes < MOST_RETAKES)
      return this.#sampleBatch(cell, repetition, changing, { ...result, retakes: retakes + 1 });
    cell.record({ kind: "batch", startedAt, result, wallMs, waitedMs, usage, calibrationMs });
    this.#checked.set(cell, result.checked);
    const peakBytes = processOf(cell)?.peakMemoryBytes();
    if (peakBytes !== undefined) cell.record({ kind: "memory", peakBytes });
    return result;
  }

  /** New operands for each batch of one plan; a sequence of plans would pay for loading all of them. */
  #newChanging(): Changing | undefined {
    const [part] = this.#parts;
    return this.#isSequence || part === undefined ? undefined : newChanging(changingOf(part, this.#pass));
  }

  /** Checks what the last calls gave; a cell whose every part holds has one checked output more. */
  async #check(): Promise<void> {
    const margins = new Map<Cell, number>();
    for (const [plan, part] of this.#parts.entries()) {
      for (const cell of this.#cells) {
        const margin = await this.#checks.checkPlan(cell, plan, part, this.#checked.get(cell));
        if (margin !== undefined) margins.set(cell, Math.max(margins.get(cell) ?? 0, margin));
        if (this.#isSequence) await this.#checks.ask(cell, { verb: "close", plan }, "planning");
      }
    }
    for (const [cell, margin] of margins) if (cell.isOpen) cell.record({ kind: "held", margin });
  }

  async #finish(cell: Cell): Promise<void> {
    const [part] = this.#parts;
    if (part !== undefined) {
      if (this.#looksAtWideData(cell)) await this.#checks.checkWide(cell, part, this.#lastSamplesMs.get(cell) ?? []);
      await this.#checks.checkLateWrites(cell, part);
    }
    await this.#checks.ask(cell, { verb: "close", plan: this.#timedPlan }, "planning");
  }

  /**
   * Of integers and real data a lower precision may be within the bound: every cell sees wide exact data, beside those
   * of the first round, and where calls are short beside real data too.
   */
  #looksAtWideData({ overheadMs, callMs }: Cell): boolean {
    const { round, options } = this.#context;
    return round < (callMs < SHORT_MS ? 2 : 1) && overheadFits(overheadMs + callMs, options);
  }

  get #isSequence(): boolean {
    return this.#sequence !== undefined;
  }

  /** The number of the plan that is sampled: the only one, or the sequence of all others. */
  get #timedPlan(): number {
    return this.#isSequence ? this.#parts.length : 0;
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
