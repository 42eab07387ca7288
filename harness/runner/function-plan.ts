import type { FunctionImpl, Tensors } from "../../core/plugin.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";

/** A function plugin's pass as a call on operands and outputs, or why it has none. */
export function callOfFunctions(
  impl: FunctionImpl,
  problem: ConvProblem,
  pass: Pass,
): ((operands: Tensors, outputs: Tensors) => void | Promise<void>) | { readonly unsupported: string } {
  switch (pass) {
    case "forward":
      return ({ x, weights, bias }, { y }) =>
        impl.forward(problem, present(x, "x"), present(weights, "weights"), bias, present(y, "y"));
    case "backwardData":
      if (impl.backwardData === undefined) return { unsupported: "it has no backwardData" };
      return ({ dy, weights }, { dx }) =>
        impl.backwardData?.(problem, present(dy, "dy"), present(weights, "weights"), present(dx, "dx"));
    case "backwardWeights":
      if (impl.backwardWeights === undefined) return { unsupported: "it has no backwardWeights" };
      return ({ x, dy }, { dWeights, dBias }) =>
        impl.backwardWeights?.(problem, present(x, "x"), present(dy, "dy"), present(dWeights, "dWeights"), dBias);
  }
}

function present(tensor: Float32Array | undefined, name: string): Float32Array {
  if (tensor === undefined) throw new Error(`${name} was not loaded`);
  return tensor;
}
