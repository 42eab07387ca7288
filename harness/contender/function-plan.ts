import type { FunctionImpl, Plan, Tensors } from "../plugin.ts";
import type { ConvProblem, Pass } from "../problem.ts";

/** A function plugin as a plan: `load` keeps the operands, `run` is the call itself, `read` copies what it filled. */
export function planOfFunctions(
  impl: FunctionImpl,
  problem: ConvProblem,
  pass: Pass,
  allocate: () => Tensors,
): Plan | { readonly unsupported: string } {
  let operands: Tensors = {};
  let outputs: Tensors = {};
  const lifecycle = {
    load(loaded: Tensors): void {
      operands = loaded;
      outputs = allocate();
    },
    read(wanted: Tensors): void {
      wanted.y?.set(present(outputs.y, "y", wanted.y.length));
      wanted.dx?.set(present(outputs.dx, "dx", wanted.dx.length));
      wanted.dWeights?.set(present(outputs.dWeights, "dWeights", wanted.dWeights.length));
      wanted.dBias?.set(present(outputs.dBias, "dBias", wanted.dBias.length));
    },
  };
  switch (pass) {
    case "forward":
      return {
        ...lifecycle,
        run: () => {
          const { x, weights, bias } = operands;
          return impl.forward(problem, present(x, "x"), present(weights, "weights"), bias, present(outputs.y, "y"));
        },
      };
    case "backwardData":
      if (impl.backwardData === undefined) return { unsupported: "it has no backwardData" };
      return {
        ...lifecycle,
        run: () => {
          const { dy, weights } = operands;
          return impl.backwardData?.(problem, present(dy, "dy"), present(weights, "weights"), present(outputs.dx, "dx"));
        },
      };
    case "backwardWeights":
      if (impl.backwardWeights === undefined) return { unsupported: "it has no backwardWeights" };
      return {
        ...lifecycle,
        run: () => {
          const { x, dy } = operands;
          const { dWeights, dBias } = outputs;
          return impl.backwardWeights?.(problem, present(x, "x"), present(dy, "dy"), present(dWeights, "dWeights"), dBias);
        },
      };
  }
}

function present(tensor: Float32Array | undefined, name: string, length?: number): Float32Array {
  if (tensor === undefined) throw new Error(`${name} was not loaded`);
  if (length !== undefined && tensor.length !== length) {
    throw new Error(`${name} was resized: it had ${length} elements and has ${tensor.length}`);
  }
  return tensor;
}
