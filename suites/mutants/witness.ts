import type { Impl } from "../../core/plugin.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { tensorShapes, elementCount } from "../../core/shape.ts";
import { operandNames, type Tensors } from "../../core/tensors.ts";
import { generateOperands, type DataKind } from "../data/operands.ts";
import { convolve, functionsOf } from "./convolution.ts";
import type { Mutant } from "./mutant.ts";

const RIGHT: Impl = { name: "right", ...functionsOf(convolve) };
/** The first operands of a mutant that remembers them are others than the last. */
const SEED = 1;

/** Whether one of the calls that show a mutant gives other values than the convolution that it is a mutant of. */
export function isWrongAt(mutant: Mutant, problem: ConvProblem): boolean {
  const { pass, data, calls = 1 } = mutant.where ?? {};
  if (pass === undefined) throw new Error(`${mutant.name} does not say where it is wrong`);
  return Array.from({ length: calls }, (_, call) => call).some(
    (call) => !isRightAt(mutant, problem, pass, { data: data ?? "dense-exact", seed: SEED + call }),
  );
}

/** Whether a call of a mutant gives the values of the convolution that it is a mutant of. */
function isRightAt(
  { impl }: Mutant,
  problem: ConvProblem,
  pass: Pass,
  { data, seed }: { readonly data: DataKind; readonly seed: number },
): boolean {
  const operands = generateOperands(problem, pass, data, seed);
  const [got, right] = [outputsOf(impl, problem, pass, operands), outputsOf(RIGHT, problem, pass, operands)];
  return got.every((tensor, i) => tensor.every((value, j) => isSame(value, right[i]![j]!)));
}

/** −0 is 0, and a NaN a NaN. */
function isSame(a: number, b: number): boolean {
  return a === b || (Number.isNaN(a) && Number.isNaN(b));
}

/** What functions compute from operands, of which they get copies. */
export function outputsOf(impl: Impl, problem: ConvProblem, pass: Pass, operands: Tensors): readonly Float32Array[] {
  if ("plan" in impl) throw new Error(`${impl.name} is not made of functions`);
  const shapes = tensorShapes(problem);
  const [first, second] = operandNames(problem, pass).map((name) => operands[name]!.slice());
  if (first === undefined || second === undefined) throw new Error(`operands of ${pass} are missing`);
  const bias = operands.bias?.slice();
  const output = (shape: readonly number[]): Float32Array => new Float32Array(elementCount(shape)).fill(NaN);
  switch (pass) {
    case "forward": {
      const y = output(shapes.y);
      void impl.forward?.(problem, first, second, bias, y);
      return [y];
    }
    case "backwardData": {
      const dx = output(shapes.x);
      void impl.backwardData?.(problem, first, second, dx);
      return [dx];
    }
    case "backwardWeights": {
      const dWeights = output(shapes.weights);
      const dBias = problem.bias ? output([problem.outChannels]) : undefined;
      void impl.backwardWeights?.(problem, first, second, dWeights, dBias);
      return dBias === undefined ? [dWeights] : [dWeights, dBias];
    }
  }
}
