import type { Plan } from "../../core/plugin.ts";
import type { AnyTensorName } from "../../core/tensors.ts";

/** A plan that copies what has changed, and outputs of so many elements. */
export function copyingPlan(outputs: readonly (readonly [name: AnyTensorName, elements: number])[]): Plan {
  const operandsKept = new Map<string, Float32Array>();
  const outputsKept = new Map<string, Float32Array>(
    outputs.map(([name, elements]) => [name, new Float32Array(elements).fill(1)]),
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
