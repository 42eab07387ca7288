import type { Pass } from "../../../core/problem.ts";
import type { AnyTensorName, AnyTensors } from "../../../core/tensors.ts";
import type { DataKind } from "../../../suites/data/operands.ts";
import type { SetState } from "../../runner/messages.ts";
import { memoryInAll } from "../../runner/machine.ts";
import { changeElements } from "../../runner/operand-changes.ts";
import type { WallCosts } from "./costs.ts";
import { changingOf, descriptorOf, operandsOf, type Part } from "./work.ts";

/** The sets of operands that a plan holds. */
export const GIVEN = 0;
export const OTHER = 1;
export const WIDE = 2;

/** The operands that a plan is timed with. */
export interface OperandSets {
  /** Of the first call. */
  readonly given: AnyTensors;
  /** The tensor in which the other set differs: enough for a kept result to show, and half as much to move. */
  readonly changed: AnyTensors;
  readonly other: AnyTensors;
}

function operandSets(given: AnyTensors, changing: AnyTensorName): OperandSets {
  const changed = { [changing]: given[changing]?.toReversed() ?? new Float32Array(0) };
  return { given, changed, other: { ...given, ...changed } };
}

/** The sets as the implementations' processes change them: the same operands for the same state, so that sums are too. */
export class ChangedOperands {
  readonly #states = new Map<string, AnyTensors>();

  at({ given, other }: OperandSets, changing: AnyTensorName, { set, change }: SetState): AnyTensors {
    const base = set === OTHER ? other : given;
    if (change === null) return base;
    const key = `${set} ${change}`;
    const known = this.#states.get(key);
    if (known !== undefined) return known;
    const tensor = base[changing]?.slice() ?? new Float32Array(0);
    changeElements(tensor, change);
    const operands = { ...base, [changing]: tensor };
    this.#states.set(key, operands);
    return operands;
  }
}

/** AlexNet's weights are a quarter of it. */
const MOST_KEPT_BYTES = 2 ** 30;
/** At most this part of the memory that there is. */
const KEPT_SHARE = 1 / 16;

/** What a plan's operands are drawn from. */
export interface OperandSource {
  readonly part: Part;
  readonly pass: Pass;
  readonly data: DataKind;
  readonly seed: number;
}

/**
 * The operand sets of a run. The last ones are at hand; those of earlier rounds are kept as far as there is room for
 * them, so that what is the same again is not drawn again.
 */
export class OperandCache {
  readonly #costs: WallCosts;
  readonly #kept = new Map<string, OperandSets>();
  #keptBytes = 0;
  #last: { readonly part: Part; readonly key: string; readonly sets: OperandSets } | undefined;

  constructor(costs: WallCosts) {
    this.#costs = costs;
  }

  /** @param isKept for later rounds too: not of a network's layers, which together may be gigabytes */
  async of({ part, pass, data, seed }: OperandSource, isKept: boolean): Promise<OperandSets> {
    const key = `${descriptorOf(part)} ${pass} ${data} ${seed}`;
    if (this.#last?.part === part && this.#last.key === key) return this.#last.sets;
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept;
    const given = await this.#costs.of("data", () => operandsOf(part, pass, data, seed));
    const sets = operandSets(given, changingOf(part, pass));
    this.#last = { part, key, sets };
    if (isKept) this.#keep(key, sets);
    return sets;
  }

  #keep(key: string, sets: OperandSets): void {
    const bytes = Object.values(sets.given).reduce((sum, tensor) => sum + (tensor?.byteLength ?? 0), 0);
    if (this.#keptBytes + bytes > Math.min(MOST_KEPT_BYTES, KEPT_SHARE * memoryInAll())) return;
    this.#keptBytes += bytes;
    this.#kept.set(key, sets);
  }
}
