import { negateEnds } from "../../runner/open-plan.ts";
import type { AnyTensorName, AnyTensors } from "../../../core/tensors.ts";

/** The operands that a plan is timed with. */
export interface OperandSets {
  /** Of the first call. */
  readonly given: AnyTensors;
  /** The tensor in which the other set differs: enough for a kept result to show, and half as much to move. */
  readonly changed: AnyTensors;
  readonly other: AnyTensors;
  /** The other set with the signs of its ends changed: see the sampler. */
  readonly turned: AnyTensors;
}

export function operandSets(given: AnyTensors, changing: AnyTensorName): OperandSets {
  const reversed = given[changing]?.toReversed() ?? new Float32Array(0);
  const turned = reversed.slice();
  negateEnds(turned);
  const [changed, turnedEnds] = [{ [changing]: reversed }, { [changing]: turned }];
  return { given, changed, other: { ...given, ...changed }, turned: { ...given, ...turnedEnds } };
}

/** AlexNet's weights are a quarter of it. */
const MOST_KEPT_BYTES = 2 ** 30;

/** Operands of earlier rounds, as far as there is room for them: what is the same again need not be drawn, nor its sums be taken again. */
export class KeptOperands {
  readonly #sets = new Map<string, OperandSets>();
  #bytes = 0;

  get(key: string): OperandSets | undefined {
    return this.#sets.get(key);
  }

  put(key: string, sets: OperandSets): void {
    const bytes = Object.values(sets.given).reduce((sum, tensor) => sum + (tensor?.byteLength ?? 0), 0);
    if (this.#bytes + bytes > MOST_KEPT_BYTES) return;
    this.#bytes += bytes;
    this.#sets.set(key, sets);
  }
}
