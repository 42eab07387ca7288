import type { FunctionImpl } from "../../../core/plugin.ts";
import type { Pass } from "../../../core/problem.ts";
import { elementCount, tensorShapes } from "../../../core/shape.ts";
import type { Compute } from "../box.ts";

/** Calls a pass of an implementation in this process. */
export function computeBy(impl: FunctionImpl, pass: Pass = "forward"): Compute {
  return async (problem, { x = MISSING, weights = MISSING, dy = MISSING, bias }) => {
    const shapes = tensorShapes(problem);
    const made = (shape: readonly number[]): Float32Array => new Float32Array(elementCount(shape));
    switch (pass) {
      case "forward": {
        const y = made(shapes.y);
        await impl.forward(problem, x, weights, bias, y);
        return y;
      }
      case "backwardData": {
        const dx = made(shapes.x);
        await impl.backwardData?.(problem, dy, weights, dx);
        return dx;
      }
      case "backwardWeights": {
        const dWeights = made(shapes.weights);
        await impl.backwardWeights?.(problem, x, dy, dWeights, problem.bias ? made(shapes.bias) : undefined);
        return dWeights;
      }
    }
  };
}

const MISSING = new Float32Array();
