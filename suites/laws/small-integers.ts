import type { Tensors } from "../../core/tensors.ts";
import type { ConvCase, LawTools } from "./law.ts";

/**
 * The operands of a case as integers from −`most` to `most`, none of them zero: for laws that multiply more than one
 * pass's result, where a result that is exact in one pass may be too wide for the next.
 */
export function smallIntegers(tools: LawTools, convCase: ConvCase, most: number): Tensors {
  const operands = tools.operands({ ...convCase, data: "dense-exact" });
  return Object.fromEntries(
    Object.entries(operands).map(([name, tensor]) => [
      name,
      tensor.map((value) => Math.sign(value) * (1 + (Math.abs(value) % most))),
    ]),
  );
}
