import { expect, test } from "vitest";
import { elementTypeOf, PROBLEM_TYPE_NAMES, PROBLEM_TYPES, valuesOf } from "../../core/element-types.ts";
import { PASSES, type ConvProblem } from "../../core/problem.ts";
import { formatOf, operandNames, shapeOf } from "../../core/tensors.ts";
import { elementCount } from "../../core/shape.ts";
import { DATA_KINDS } from "./operands.ts";
import { operandsOfAnyType } from "./typed-operands.ts";

const PROBLEM: ConvProblem = {
  batch: 2,
  inChannels: 4,
  outChannels: 6,
  groups: 2,
  input: [5, 7],
  kernel: [3, 2],
  stride: [1, 2],
  dilation: [1, 1],
  padBegin: [1, 0],
  padEnd: [1, 1],
  bias: true,
};

test.each(PROBLEM_TYPE_NAMES)("operands of %s have its formats and lengths, and are the same again", (type) => {
  const problem = { ...PROBLEM, type };
  for (const pass of PROBLEM_TYPES[type].hasGradients ? PASSES : (["forward"] as const))
    for (const kind of DATA_KINDS)
      for (const seed of [0, 1, 2, 3]) {
        const operands = operandsOfAnyType(problem, pass, kind, seed);
        expect(Object.keys(operands)).toEqual(operandNames(problem, pass));
        for (const name of operandNames(problem, pass)) {
          expect(elementTypeOf(operands[name]!)).toBe(formatOf(problem, name));
          expect(operands[name]!.length).toBe(elementCount(shapeOf(problem, name)));
        }
        expect(operandsOfAnyType(problem, pass, kind, seed)).toEqual(operands);
      }
});

test("integers reach the ends of their ranges, and sums pass 2^31", () => {
  const problem = { ...PROBLEM, type: "u8s8s32" } as const;
  const all = [0, 1, 2, 3, 4, 5].map((seed) => operandsOfAnyType(problem, "forward", "wide-exact", seed));
  const ends = (name: "x" | "weights" | "bias"): readonly number[] => {
    const values = all.flatMap((operands) => [...valuesOf(operands[name]!)]);
    return [Math.min(...values), Math.max(...values)];
  };
  expect([ends("x"), ends("weights"), ends("bias")]).toEqual([
    [0, 255],
    [-128, 127],
    [-(2 ** 31), 2 ** 31 - 1],
  ]);
});

test("f16 has sums that pass its range", () => {
  const { x, weights } = operandsOfAnyType({ ...PROBLEM, type: "f16" }, "forward", "dense-exact", 2);
  const largest = (tensor: ArrayLike<number>): number => Math.max(...Array.from(tensor, Math.abs));
  expect(largest(valuesOf(x!)) * largest(valuesOf(weights!))).toBeGreaterThan(65_504);
});
