import type { TensorName, Tensors } from "../../core/plugin.ts";

/** The tensor of that name; throws where the caller left it out. */
export function tensor(tensors: Tensors, name: TensorName): Float32Array {
  const found = tensors[name];
  if (found === undefined) throw new Error(`tensor "${name}" is missing; given: ${Object.keys(tensors).join(", ")}`);
  return found;
}
