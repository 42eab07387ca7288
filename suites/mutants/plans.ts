import type { Tensors } from "../../core/tensors.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { elementCount, tensorShapes } from "../../core/shape.ts";
import { convolve, type Call, type Compute } from "./convolution.ts";

/** A plan whose methods are synchronous. */
export interface SynchronousPlan {
  load(operands: Tensors): void;
  run(): void;
  read(outputs: Tensors): void;
}

/** A plan around a convolution, whose result lies in the array that `allocate` gives at each load. */
export function planOf(
  problem: ConvProblem,
  pass: Pass,
  allocate: (length: number) => Float32Array,
  compute: Compute = convolve,
): SynchronousPlan {
  const shapes = tensorShapes(problem);
  const { x, y, weights } = shapes;
  const length = elementCount(pass === "forward" ? y : pass === "backwardData" ? x : weights);
  let call: Call | undefined;
  return {
    load: (operands) => {
      const first = pass === "backwardData" ? operands.dy : operands.x;
      const second = pass === "backwardWeights" ? operands.dy : operands.weights;
      const dBias = pass === "backwardWeights" && problem.bias ? new Float32Array(problem.outChannels) : undefined;
      if (first === undefined || second === undefined) throw new Error(`operands of ${pass} are missing`);
      call = { problem, pass, first, second, bias: operands.bias, out: allocate(length), dBias };
    },
    run: () => {
      if (call !== undefined) compute(call);
    },
    read: (outputs) => {
      if (call === undefined) return;
      (outputs.y ?? outputs.dx ?? outputs.dWeights)?.set(call.out.subarray(0, length));
      if (call.dBias !== undefined) outputs.dBias?.set(call.dBias);
    },
  };
}
