import type { ElementArray } from "../../core/element-types.ts";
import type { Verdict } from "../../core/verdict.ts";
import type { Tensors } from "../../core/tensors.ts";
import type { Computed, ConvCase, LawTools } from "./law.ts";
import { compareSides, together, withBounds, type Measured } from "./measured.ts";

/**
 * Results that must equal the first: bit for bit where arithmetic is exact, elsewhere within the bound, as an order may
 * change.
 */
export class SameResult {
  readonly #tools: LawTools;
  readonly #convCase: ConvCase;
  readonly #operands: Tensors<ElementArray>;
  readonly #first: readonly Measured[];
  readonly #verdicts: Verdict[] = [];

  constructor(tools: LawTools, convCase: ConvCase, operands: Tensors<ElementArray>, first: Computed) {
    this.#tools = tools;
    this.#convCase = convCase;
    this.#operands = operands;
    this.#first = this.#measured(first);
  }

  /** `by` names the call: "the tenth call". */
  expect(by: string, again: Computed): void {
    this.#verdicts.push(
      compareSides({ by, tensors: this.#measured(again) }, { by: "the first call", tensors: this.#first }),
    );
  }

  verdict(): Verdict {
    return together(this.#verdicts);
  }

  #measured(computed: Computed): readonly Measured[] {
    const { problem, pass } = this.#convCase;
    return withBounds(this.#tools, problem, pass, this.#operands, computed);
  }
}

/** The same question with other operands. */
export function withOtherOperands(convCase: ConvCase): ConvCase {
  return { ...convCase, seed: (convCase.seed + 1) % 2 ** 31 };
}

/** The verdict with what came before in its message. */
export function after(what: string, verdict: Verdict): Verdict {
  const { fault } = verdict;
  return fault === undefined
    ? verdict
    : { ...verdict, fault: { ...fault, message: `after ${what}: ${fault.message}` } };
}

/** Fails where the plan changed arrays that it must not change; `elements` of them were watched. */
export function untouched(touched: readonly string[], elements: number): Verdict {
  const margin = touched.length === 0 ? 0 : Infinity;
  const verdict = { margin, elements, tellingElements: elements };
  return touched.length === 0
    ? verdict
    : { ...verdict, fault: { message: `the implementation ${touched.join(" and ")}` } };
}

export function elementsOf(tensors: Tensors<ElementArray>): number {
  return Object.values(tensors).reduce((sum, tensor) => sum + tensor.length, 0);
}
