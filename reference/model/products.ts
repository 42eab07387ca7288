import { UNIT_ROUNDOFF } from "../bounds/float32.ts";
import { backwardData, backwardDataWithMagnitude, forward, forwardWithMagnitude, type Sums } from "../passes.ts";
import { rowMajorStrides } from "../../core/indexing.ts";
import type { ConvProblem } from "../../core/problem.ts";
import { elementCount } from "../../core/shape.ts";
import type { Evaluated, Reals, WindowOperation } from "./evaluate-node.ts";

/** y of x N C in…, weights K C/G kernel…, and a bias K or none. */
export function convolved(
  operation: WindowOperation<"convolution">,
  [x, weights, bias]: readonly Reals[],
  withError: boolean,
): Evaluated {
  const [batch = 1, inChannels = 1, ...input] = x!.dims;
  const { kernel, stride, dilation, padBegin, padEnd, groups } = operation;
  const outChannels = weights!.dims[0]!;
  const problem: ConvProblem = {
    batch,
    inChannels,
    outChannels,
    groups,
    input,
    kernel,
    stride,
    dilation,
    padBegin,
    padEnd,
    bias: bias !== undefined,
  };
  const operands = { x: x!.values, weights: weights!.values, bias: bias?.values };
  if (!withError) return { values: forward(problem, operands) };
  const terms = (inChannels / groups) * elementCount(kernel) + (bias === undefined ? 0 : 1);
  return summed(forwardWithMagnitude(problem, operands), terms);
}

/** The transpose of a convolution's matrix: that convolution takes the result to x. */
export function transposedConvolved(
  { kernel, stride, dilation, padBegin, padEnd, groups, outputPadding }: WindowOperation<"transposed-convolution">,
  [x, weights, bias]: readonly Reals[],
  dims: readonly number[],
  withError: boolean,
): Evaluated {
  const [batch = 1, inChannels = 1, ...input] = dims;
  const problem: ConvProblem = {
    batch,
    inChannels,
    outChannels: x!.dims[1]!,
    groups,
    input,
    kernel,
    stride,
    dilation,
    padBegin,
    padEnd: padEnd.map((pad, axis) => pad - outputPadding[axis]!),
    bias: false,
  };
  const operands = { dy: x!.values, weights: weights!.values };
  const sums: Sums | undefined = withError ? backwardDataWithMagnitude(problem, operands) : undefined;
  const values = sums?.value ?? backwardData(problem, operands);
  if (bias !== undefined) {
    const positions = elementCount(input);
    for (let at = 0; at < values.length; at++) values[at]! += bias.values[Math.floor(at / positions) % inChannels]!;
  }
  if (sums === undefined) return { values };
  const terms = (x!.dims[1]! / groups) * elementCount(kernel) + 1;
  return {
    values,
    error: sums.magnitude.map((sum, at) => Math.sqrt(terms) * UNIT_ROUNDOFF * (sum + Math.abs(values[at]!))),
  };
}

/** a … M L times b … L N; a matrix is the weights M L of a convolution of one pixel over an image of L channels. */
export function multiplied([a, b]: readonly Reals[], dims: readonly number[], withError: boolean): Evaluated {
  const [rows = 1, inner = 1] = a!.dims.slice(-2);
  const columns = b!.dims.at(-1)!;
  const outer = dims.slice(0, -2);
  const values = new Float64Array(elementCount(dims));
  const error = withError ? new Float64Array(values.length) : undefined;
  const [ofA, ofB] = [a!, b!].map(({ dims: own }) => matrixPlaces(own, outer));
  const problem: ConvProblem = {
    batch: 1,
    inChannels: inner,
    outChannels: rows,
    groups: 1,
    input: [columns],
    kernel: [1],
    stride: [1],
    dilation: [1],
    padBegin: [0],
    padEnd: [0],
    bias: false,
  };
  for (let matrix = 0; matrix < elementCount(outer); matrix++) {
    const [first, second] = [ofA!(matrix) * rows * inner, ofB!(matrix) * inner * columns];
    const weights = a!.values.subarray(first, first + rows * inner);
    const operands = { x: b!.values.subarray(second, second + inner * columns), weights };
    const at = matrix * rows * columns;
    const { values: product, error: its } = withError
      ? summed(forwardWithMagnitude(problem, operands), inner)
      : { values: forward(problem, operands) };
    values.set(product, at);
    if (its !== undefined) error?.set(its, at);
  }
  return { values, ...(error === undefined ? {} : { error }) };
}

/** Which matrix of an operand meets a matrix of the result. */
function matrixPlaces(dims: readonly number[], outer: readonly number[]): (matrix: number) => number {
  const own = dims.slice(0, -2);
  const [strides, steps] = [rowMajorStrides(own), rowMajorStrides(outer)];
  const missing = outer.length - own.length;
  return (matrix) =>
    own.reduce((place, extent, axis) => {
      const index = Math.floor(matrix / steps[axis + missing]!) % outer[axis + missing]!;
      return place + (extent === 1 ? 0 : index * strides[axis]!);
    }, 0);
}

function summed({ value, magnitude }: Sums, terms: number): Evaluated {
  return { values: value, error: magnitude.map((sum) => Math.sqrt(terms) * UNIT_ROUNDOFF * sum) };
}
