/** The checks of convolutions of any type, with fused operations or not: plain float32 has a check of its own. */
import type { ElementArray } from "../../core/element-types.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { float32Tensors, type TensorName, type Tensors } from "../../core/tensors.ts";
import type { Verdict } from "../../core/verdict.ts";
import { checkOutputs, elementBounds, elementErrors, type ElementErrors } from "./convolution-check.ts";
import type { Declaration } from "./declaration.ts";
import { checkTyped, typedBounds, typedErrors } from "./typed-check.ts";

type Given = readonly [problem: ConvProblem, pass: Pass, operands: Tensors<ElementArray>];

/** The verdict on the outputs of one pass. */
export function checkOfAnyType(
  ...[problem, pass, operands, outputs, declaration, seed]: [
    ...Given,
    outputs: Tensors<ElementArray>,
    declaration: Declaration,
    seed: number,
  ]
): Verdict {
  return isFloat32(problem)
    ? checkOutputs(problem, pass, float32Tensors(operands), float32Tensors(outputs), declaration, seed)
    : checkTyped(problem, pass, operands, outputs, declaration, seed);
}

/** Every element of an output beside its reference. */
export function errorsOfAnyType(
  ...[problem, pass, operands, got, declaration, output]: [
    ...Given,
    got: ElementArray,
    declaration: Declaration,
    output: TensorName,
  ]
): ElementErrors {
  return got instanceof Float32Array && isFloat32(problem)
    ? elementErrors(problem, pass, float32Tensors(operands), got, declaration, output)
    : typedErrors(problem, pass, operands, got, declaration, output);
}

/** The largest right error of every element of an output. */
export function boundsOfAnyType(
  ...[problem, pass, operands, declaration, output]: [...Given, declaration: Declaration, output: TensorName]
): Float64Array {
  return isFloat32(problem)
    ? elementBounds(problem, pass, float32Tensors(operands), declaration, output)
    : typedBounds(problem, pass, operands, declaration, output);
}

function isFloat32({ type = "f32", post }: ConvProblem): boolean {
  return type === "f32" && post === undefined;
}
