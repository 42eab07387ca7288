/** Convolutions of other element types for the mutants: the sums of `convolve` in float64, and what is stored of them. */
import {
  elementTypeOf,
  ELEMENTS,
  storeAt,
  valuesOf,
  type ElementArray,
  type ProblemType,
} from "../../../core/element-types.ts";
import type { FunctionImpl, Impl } from "../../../core/plugin.ts";
import type { ConvProblem, Pass } from "../../../core/problem.ts";
import { convolve, type Handles } from "../convolution.ts";
import type { Mutant } from "../mutant.ts";
import { inFloat64 } from "../orders.ts";

/** How a convolution of another type differs from float64 sums that are stored once. */
export interface TypedHandles extends Omit<Handles, "geometry"> {
  /** x and dy on their way into a product, and the weights; `convert` takes both. */
  readonly data?: (value: number) => number;
  readonly filter?: (value: number) => number;
  readonly addend?: (bias: number) => number;
  /** The number that is stored for an output, in place of the nearest. */
  readonly keep?: (value: number) => number;
}

type HandlesOf = TypedHandles | ((problem: ConvProblem, pass: Pass) => TypedHandles);

/** An implementation of one type. */
export function typedImpl(
  name: string,
  type: ProblemType,
  handles: HandlesOf,
  declared: Partial<Impl> = {},
): FunctionImpl {
  const compute = (
    problem: ConvProblem,
    pass: Pass,
    operands: readonly [first: ElementArray, second: ElementArray, bias?: ElementArray | undefined],
    outputs: readonly [out: ElementArray, dBias?: ElementArray | undefined],
  ): void => {
    const { data, filter, addend, keep, ...own } = typeof handles === "function" ? handles(problem, pass) : handles;
    const numbers = (tensor: ElementArray, convert?: (value: number) => number): Float64Array =>
      Float64Array.from(valuesOf(tensor), convert ?? ((value) => value));
    const [first, second, bias] = operands;
    const [out, dBias] = outputs.map((output) => output && new Float64Array(output.length));
    convolve(
      {
        problem,
        pass,
        first: numbers(first, data),
        second: numbers(second, pass === "backwardWeights" ? data : filter),
        bias: bias && numbers(bias, addend),
        out: out!,
        dBias,
      },
      { sum: inFloat64, ...own },
    );
    for (const [index, output] of outputs.entries())
      if (output !== undefined) storeAll([out!, dBias!][index]!, output, keep);
  };
  return {
    name,
    types: [type],
    ...declared,
    forward: (problem, x: ElementArray, weights: ElementArray, bias: ElementArray | undefined, y: ElementArray) =>
      compute(problem, "forward", [x, weights, bias], [y]),
    backwardData: (problem, dy: ElementArray, weights: ElementArray, dx: ElementArray) =>
      compute(problem, "backwardData", [dy, weights], [dx]),
    backwardWeights: (problem, x: ElementArray, dy: ElementArray, dWeights: ElementArray, dBias?: ElementArray) =>
      compute(problem, "backwardWeights", [x, dy], [dWeights, dBias]),
  };
}

function storeAll(values: Float64Array, output: ElementArray, keep = (value: number): number => value): void {
  // An integer array would take what is left modulo 2^32 of a wrong number too.
  for (let i = 0; i < values.length; i++) storeAt(output, i, keep(values[i]!));
}

/** A mutant of one type, wrong in these passes. */
export function typedMutant(
  name: string,
  type: ProblemType,
  passes: readonly Pass[],
  handles: HandlesOf,
  description: string,
): Mutant {
  const of = (problem: ConvProblem, pass: Pass): TypedHandles => {
    if (!passes.includes(pass)) return {};
    return typeof handles === "function" ? handles(problem, pass) : handles;
  };
  return { name, kind: "types", passes, impl: typedImpl(name, type, of, { description }) };
}

/** Sums in which every step is rounded. */
export function roundedSum(round: (value: number) => number, roundProducts = false): NonNullable<Handles["sum"]> {
  return (products, count) => {
    let sum = 0;
    for (let i = 0; i < count; i++) sum = round(sum + (roundProducts ? round(products[i]!) : products[i]!));
    return sum;
  };
}

/** Sums of blocks by one rounding, which are added by another. */
export function blockedSum(
  size: number,
  within: (value: number) => number,
  between: (value: number) => number,
): NonNullable<Handles["sum"]> {
  return (products, count) => {
    let total = 0;
    for (let start = 0; start < count; start += size) {
      let block = 0;
      for (let i = start; i < Math.min(start + size, count); i++) block = within(block + products[i]!);
      total = between(total + between(block));
    }
    return total;
  };
}

export const { nearest: toHalf } = ELEMENTS.f16;
export const { nearest: toBfloat } = ELEMENTS.bf16;

/** The number nearest to zero between a value and its rounding: what cutting bits off leaves. */
export function cut(type: "f16" | "bf16"): (value: number) => number {
  const { nearest, float } = ELEMENTS[type];
  return (value) => {
    const rounded = nearest(value);
    if (!Number.isFinite(value) || Math.abs(rounded) <= Math.abs(value)) return rounded;
    if (!Number.isFinite(rounded)) return Math.sign(value) * float!.largest;
    return neighbour(type, rounded, -1);
  };
}

/** The next number of a format towards zero (−1) or away from it (1). */
export function neighbour(type: "f16" | "bf16", value: number, way: 1 | -1): number {
  const { tensor } = ELEMENTS[type];
  const one = tensor(1);
  storeAt(one, 0, value);
  const bits = new Uint16Array(one.buffer);
  bits[0] = bits[0]! + way;
  return valuesOf(elementTypeOf(one) === "bf16" ? bits : one)[0]!;
}

/** Rounds to nearest, ties away from zero. */
export function tiesAway(type: "f16" | "bf16"): (value: number) => number {
  const { nearest } = ELEMENTS[type];
  return (value) => {
    const rounded = nearest(value);
    if (!Number.isFinite(rounded) || Math.abs(rounded) >= Math.abs(value)) return rounded;
    const next = neighbour(type, rounded, 1);
    return Math.abs(next - value) === Math.abs(rounded - value) ? next : rounded;
  };
}
