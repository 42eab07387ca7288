import type { FunctionImpl } from "../../../core/plugin.ts";
import { elementCount, tensorShapes } from "../../../core/shape.ts";
import type { Compute } from "../box.ts";

/** Calls an implementation in this process. */
export function computeBy(impl: FunctionImpl): Compute {
  return async (problem, { x, weights, bias }) => {
    if (x === undefined || weights === undefined) throw new Error("operands are missing");
    const y = new Float32Array(elementCount(tensorShapes(problem).y));
    await impl.forward(problem, x, weights, bias, y);
    return y;
  };
}
