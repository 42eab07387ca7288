/**
 * Implementations with a fault where they change their path, or in a branch of its own: what random problems hardly
 * meet.
 */
import { functionsOf, convolve, type Call, type Handles } from "../../../../suites/mutants/convolution.ts";
import type { Impl } from "../../../../core/plugin.ts";
import { outputShape } from "../../../../core/shape.ts";

/** Sums in four lanes, as vector code does. */
function sumInLanes(products: Float64Array, count: number): number {
  const lanes = [0, 0, 0, 0];
  for (let i = 0; i < count; i++) lanes[i % 4] = Math.fround(lanes[i % 4]! + products[i]!);
  return Math.fround(Math.fround(lanes[0]! + lanes[1]!) + Math.fround(lanes[2]! + lanes[3]!));
}

const sumsAllButTheLast = (products: Float64Array, count: number): number => sumInLanes(products, count - 1);

/** A convolution that is right but for these. */
function planted(name: string, handlesOf: (call: Call) => Handles): Impl {
  return { name, ...functionsOf((call) => convolve(call, handlesOf(call))) };
}

/** From 96 channels on it sums in lanes, and loses a product in the first size of that path, with a stride. */
export const channels96 = planted("channels-from-96", ({ problem }) => {
  const { inChannels, groups, stride } = problem;
  if (inChannels / groups < 96) return {};
  const isWrong = inChannels / groups === 96 && stride.some((step) => step > 1);
  return { sum: isWrong ? sumsAllButTheLast : sumInLanes };
});

/** Above 37 columns it sums in lanes, and loses a product where the last column begins a vector of four. */
export const columns37 = planted("columns-above-37", ({ problem }) => {
  const columns = outputShape(problem).at(-1)!;
  if (columns <= 37) return {};
  return { sum: columns === 38 && problem.kernel.at(-1)! > 3 ? sumsAllButTheLast : sumInLanes };
});

/** Wrong at one width and one stride. */
export const branch23 = planted("width-23-stride-3", ({ problem }) => {
  if (problem.input.at(-1) === 23 && problem.stride.at(-1) === 3) {
    return { sum: sumsAllButTheLast };
  }
  return {};
});

export default [channels96, columns37, branch23];
