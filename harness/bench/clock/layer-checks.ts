import type { Algorithm } from "../../../core/plugin.ts";
import type { Pass } from "../../../core/problem.ts";
import type { AnyTensors } from "../../../core/tensors.ts";
import type { DataKind } from "../../../suites/data/operands.ts";
import type { Request, SampleResult, SetState, Touched } from "../../runner/messages.ts";
import { fewChange } from "../../runner/operand-changes.ts";
import type { Cell } from "./cell.ts";
import type { Cost } from "./costs.ts";
import type { RoundContext } from "./layer-round.ts";
import { ChangedOperands, GIVEN, OTHER, WIDE, type OperandSets } from "./operand-sets.ts";
import { freshMsOf, isWider, type FreshRound } from "./fresh-call.ts";
import { evictingOf } from "./options.ts";
import { checkCall } from "./output-check.ts";
import { ask } from "./requests.ts";
import { requestLimitMs } from "./schedule.ts";
import { p10 } from "./statistics.ts";
import { CheckedChanges, lookAt, takeFreshCalls, type FreshOutputs, type FreshSubject } from "./take-fresh-calls.ts";
import { changingOf, operandsOf, outputElements, type Part } from "./work.ts";

/** A call of a whole network may take this many times as long as the limit of one layer's. */
const WHOLE_NETWORK_LIMIT = 10;

/** Wide data that take longer are looked at again so often, in turn with others: by chance they do so 1 time in 252. */
const WIDE_LOOKS = 4;

/** What is timed of a layer in a round. */
export interface RoundSubject {
  readonly pass: Pass;
  readonly data: DataKind;
  readonly seed: number;
  /** A call runs the plans of a whole network. */
  readonly isSequence: boolean;
  /** A call runs a whole network, by one plan or by those of its layers. */
  readonly isWhole: boolean;
}

/** What the implementations of one layer are asked beside their samples, and whether their outputs hold. */
export class LayerChecks {
  readonly #subject: RoundSubject;
  readonly #context: RoundContext;
  readonly #algorithms = new Map<Cell, Algorithm[]>();
  readonly #changedOperands = new ChangedOperands();
  readonly #changes = new CheckedChanges();
  readonly #wideChanges = new CheckedChanges(fewChange);
  #wide: OperandSets | undefined;

  constructor(subject: RoundSubject, context: RoundContext) {
    this.#subject = subject;
    this.#context = context;
  }

  /** A cell has one plan more. */
  planned(cell: Cell, algorithm: Algorithm): void {
    this.#algorithms.set(cell, [...(this.#algorithms.get(cell) ?? []), algorithm]);
  }

  ask<R extends Request>(cell: Cell, request: R, cost: Cost, tensors?: AnyTensors): ReturnType<typeof ask<R>> {
    const limitMs = requestLimitMs(this.#context.options) * (this.#subject.isWhole ? WHOLE_NETWORK_LIMIT : 1);
    return ask(cell, { request, cost, limitMs, ...(tensors === undefined ? {} : { tensors }) }, this.#context);
  }

  operandsOf(part: Part): Promise<OperandSets> {
    const { pass, data, seed, isSequence } = this.#subject;
    return this.#context.operands.of({ part, pass, data, seed }, !isSequence && data === "real");
  }

  /** The fresh calls beside the last batch of a plan, and whether they did the work. */
  async takeFresh(cell: Cell, part: Part, result: Pick<SampleResult, "fresh" | "samplesMs">): Promise<void> {
    const sets = await this.operandsOf(part);
    const taken = await takeFreshCalls(this.#freshSubject(cell, part, sets, OTHER, this.#changes), result);
    if (taken === undefined) return;
    cell.record({ kind: "fresh", startedAt: this.#context.startedAt, round: taken.round });
    await this.#checkFresh(cell, part, this.#subject.data, sets, OTHER, taken.given);
  }

  /** Calls on wide exact data through the plan that was timed: whether they hold, and take as long. */
  async checkWide(cell: Cell, part: Part, samplesMs: readonly number[]): Promise<void> {
    const { pass, seed, isSequence } = this.#subject;
    if (part.kind !== "convolution" || isSequence) return;
    const wide = (this.#wide ??= await this.#context.costs.of("data", () => {
      const given = operandsOf(part, pass, "wide-exact", seed);
      return { given, changed: {}, other: given };
    }));
    await this.ask(cell, { verb: "store", plan: 0, set: WIDE }, "data", wide.given);
    const repeatedMs = p10(samplesMs);
    const first = await this.#lookAtWide(cell, part, wide, repeatedMs, 0);
    if (first === undefined) return;
    let round = first;
    let ordinaryMs = repeatedMs;
    // Noise lengthens calls by chance: what takes longer for its data does so each time, beside all others in turn.
    for (let look = 1; look <= WIDE_LOOKS && isWider({ ...round, repeatedMs: ordinaryMs }); look++) {
      const other = await lookAt(this.#freshSubject(cell, part, wide, OTHER, this.#changes), repeatedMs, look);
      const again = await this.#lookAtWide(cell, part, wide, repeatedMs, look);
      if (other === undefined || again === undefined) return;
      ordinaryMs = Math.max(ordinaryMs, freshMsOf(other.round));
      if (freshMsOf(again) < freshMsOf(round)) round = again;
    }
    cell.record({ kind: "wide", round: { ...round, repeatedMs: ordinaryMs } });
  }

  async #lookAtWide(
    cell: Cell,
    part: Part,
    wide: OperandSets,
    repeatedMs: number,
    look: number,
  ): Promise<FreshRound | undefined> {
    const taken = await lookAt(this.#freshSubject(cell, part, wide, WIDE, this.#wideChanges), repeatedMs, look);
    if (taken !== undefined) await this.#checkFresh(cell, part, "wide-exact", wide, WIDE, taken.given);
    return taken?.round;
  }

  #freshSubject(cell: Cell, part: Part, { given }: OperandSets, set: number, changes: CheckedChanges): FreshSubject {
    const { pass } = this.#subject;
    const operand = changingOf(part, pass);
    return {
      ask: (request) => this.ask(cell, request, set === WIDE ? "checking" : "timing"),
      plan: 0,
      settings: { set, operand, ...evictingOf(this.#context.options) },
      changes,
      bytesPerCall: 4 * (outputElements(part, pass) + (given[operand]?.length ?? 0)),
    };
  }

  async #checkFresh(
    cell: Cell,
    part: Part,
    data: DataKind,
    sets: OperandSets,
    set: number,
    given: readonly FreshOutputs[],
  ): Promise<void> {
    for (const { change, ...call } of given) {
      const operands = this.#changedOperands.at(sets, changingOf(part, this.#subject.pass), { set, change });
      const margin = await this.#checkOutputs(cell, 0, part, { data, operands, ...call });
      if (set === WIDE && margin !== undefined) cell.record({ kind: "held", margin });
    }
  }

  /** What was done to outputs since they were read. */
  async checkLateWrites(cell: Cell, part: Part): Promise<void> {
    const { data, isSequence } = this.#subject;
    if (isSequence) return;
    const touched = (await this.ask(cell, { verb: "settle", plan: 0 }, "checking"))?.answer.touched ?? [];
    if (touched.length === 0) return;
    const { given: operands } = await this.operandsOf(part);
    await this.#checkOutputs(cell, 0, part, { data, operands, outputs: {}, touched });
  }

  /** The margin of what a plan's last call gave where it held; where not, the cell has ended. */
  async checkPlan(
    cell: Cell,
    plan: number,
    part: Part,
    state: SetState = { set: GIVEN, change: null },
  ): Promise<number | undefined> {
    const { pass, data } = this.#subject;
    const operands = this.#changedOperands.at(await this.operandsOf(part), changingOf(part, pass), state);
    const read = await this.ask(cell, { verb: "read", plan, poison: "nan" }, "checking");
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
    const { pass, seed, isSequence: isOfSequence } = this.#subject;
    const algorithm = this.#algorithms.get(cell)?.[plan];
    if (algorithm === undefined) return undefined;
    const call = { ...given, part, pass, seed, algorithm, isOfSequence };
    const checked = await costs.of("checking", () => checkCall(cell, call, options));
    if (checked.kind === "held") return checked.margin;
    cell.record(checked);
    return undefined;
  }
}
