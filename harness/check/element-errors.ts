import type { TensorName, Tensors } from "../../core/plugin.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import type { Contract } from "./contract.ts";
import { wholeResult } from "./references.ts";
import { boundOf, ratioOf, situate } from "./situation.ts";

/** The largest right error of every element of one output, 0 where arithmetic is exact: for laws that compare results with each other. */
export function elementBounds(
  problem: ConvProblem,
  pass: Pass,
  operands: Tensors,
  contract: Contract,
  output: TensorName,
): Float64Array {
  const situation = situate(problem, pass, operands, contract);
  const references = wholeResult(problem, pass, operands)(output);
  return Float64Array.from({ length: references.count }, (_, index) =>
    boundOf(situation, output, index, references.at(index)),
  );
}

/** Flat and row-major, as the output they belong to. */
export interface ElementErrors {
  readonly expected: Float64Array;
  readonly bound: Float64Array;
  /** Error ÷ bound. */
  readonly margin: Float64Array;
}

/** Every element of one output beside its reference, for a closer look at a failure: the whole reference is computed, whatever its size. */
export function elementErrors(
  problem: ConvProblem,
  pass: Pass,
  operands: Tensors,
  got: Float32Array,
  contract: Contract,
  output: TensorName,
): ElementErrors {
  const situation = situate(problem, pass, operands, contract);
  const references = wholeResult(problem, pass, operands)(output);
  const expected = new Float64Array(references.count);
  const bound = new Float64Array(references.count);
  const margin = new Float64Array(references.count);
  for (let index = 0; index < references.count; index++) {
    const element = references.at(index);
    expected[index] = element.value;
    bound[index] = boundOf(situation, output, index, element);
    margin[index] = ratioOf(situation, output, index, got[index]!, element, bound[index]!);
  }
  return { expected, bound, margin };
}
