import type { Floats } from "../../core/element-types.ts";
import type { ConvProblem } from "../../core/problem.ts";
import { elementCount } from "../../core/shape.ts";
import { shapeOf, type TensorName, type Tensors } from "../../core/tensors.ts";

/** How far the answer nearest to an element's value misses it, of those that take no convolution. */
export type LeastMiss = (index: number, value: number) => number;

/**
 * The answers that take no convolution: zero, one, the mean of the output, a copy of an operand and the bias. An element
 * is evidence where all of them lie outside its bound; a wide bound lets one of them pass. `values` are those of the
 * elements that are checked. Of one element alone the mean is the value itself, and is left out.
 */
export function leastMissOf(
  problem: ConvProblem,
  operands: Tensors<Floats>,
  name: TensorName,
  values: Float64Array,
): LeastMiss {
  const mean = values.length > 1 ? meanOf(values) : NaN;
  const { bias } = operands;
  const points = elementCount(shapeOf(problem, name).slice(2));
  const copied = [operands.x, operands.dy, operands.weights].filter((tensor) => tensor !== undefined);
  return (index, value) => {
    let least = Math.min(Math.abs(value), Math.abs(value - 1));
    // An answer that is not a number is none.
    const consider = (answer: number): void => {
      const miss = Math.abs(value - answer);
      if (miss < least) least = miss;
    };
    consider(mean);
    for (const tensor of copied) consider(tensor[index % tensor.length]!);
    if (bias !== undefined) consider(bias[Math.floor(index / points) % bias.length]!);
    return least;
  };
}

function meanOf(values: Float64Array): number {
  let sum = 0;
  let count = 0;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    sum += value;
    count++;
  }
  return sum / count;
}
