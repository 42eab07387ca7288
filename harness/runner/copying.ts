import { ELEMENTS, type ElementArray } from "../../core/element-types.ts";
import type { Plan } from "../../core/plugin.ts";
import type { Lengths } from "./expected-outputs.ts";

/** A plan that copies what has changed, and outputs of so many elements. */
export function copyingPlan(outputs: Lengths): Plan<ElementArray> {
  const operandsKept = new Map<string, ElementArray>();
  const outputsKept = new Map<string, ElementArray>(
    outputs.map(([name, elements, type = "f32"]) => [name, ELEMENTS[type].tensor(elements).fill(1)]),
  );
  return {
    load(operands, changed) {
      for (const [name, tensor] of Object.entries(operands)) {
        const kept = operandsKept.get(name);
        if (kept === undefined) operandsKept.set(name, tensor.slice());
        else if (changed?.includes(name) !== false) kept.set(tensor);
      }
    },
    run() {},
    read(tensors) {
      for (const [name, tensor] of Object.entries(tensors)) tensor.set(outputsKept.get(name) ?? []);
    },
  };
}
