import fc from "fast-check";
import { expect, test } from "vitest";
import { PASSES, type ConvProblem, type Pass } from "../core/problem.ts";
import { backwardDataAt, dBiasAt, dWeightsAt, forwardAt, type Element } from "./definition.ts";
import { biasGradientSums, directSums, type DirectSums } from "./direct-sums.ts";
import { problemDraw, seedDraw } from "./testing/draws.ts";
import { layer } from "./testing/layer.ts";
import { reals, smallIntegers, specials, tensors } from "./testing/tensors.ts";

type Drawn = ReturnType<typeof tensors>;

function definitionAt(problem: ConvProblem, pass: Pass, operands: Drawn, index: number): Element {
  switch (pass) {
    case "forward":
      return forwardAt(problem, operands, index);
    case "backwardData":
      return backwardDataAt(problem, operands, index);
    case "backwardWeights":
      return dWeightsAt(problem, operands, index);
  }
}

/** Every element as an object; −0 as 0. */
function elementsOf({ value, magnitude, products }: DirectSums): Element[] {
  return Array.from(value, (own, index) => ({
    value: own + 0,
    magnitude: magnitude[index]!,
    products: products[index]!,
  }));
}

function defined(problem: ConvProblem, pass: Pass, operands: Drawn, length: number): Element[] {
  return Array.from({ length }, (_, index) => {
    const element = definitionAt(problem, pass, operands, index);
    return { ...element, value: element.value + 0 };
  });
}

test("on integers, NaN and infinities, every element of every pass is its definition's, with its products", () => {
  fc.assert(
    fc.property(problemDraw, seedDraw, fc.constantFrom(smallIntegers, specials), (problem, seed, kind) => {
      const operands = tensors(problem, seed, kind);
      for (const pass of PASSES) {
        const sums = directSums(problem, pass, operands);
        expect(elementsOf(sums)).toEqual(defined(problem, pass, operands, sums.value.length));
      }
      const dBias = biasGradientSums(problem, operands.dy);
      const expected = Array.from(dBias.value, (_, k) => dBiasAt(problem, operands, k));
      expect(elementsOf(dBias)).toEqual(expected.map((element) => ({ ...element, value: element.value + 0 })));
    }),
    { numRuns: 300 },
  );
});

test("on reals, y and dWeights are summed in the order of the definition, to the last bit", () => {
  fc.assert(
    fc.property(problemDraw, seedDraw, (problem, seed) => {
      const operands = tensors(problem, seed, reals);
      for (const pass of ["forward", "backwardWeights"] as const) {
        const sums = directSums(problem, pass, operands);
        expect(elementsOf(sums)).toEqual(defined(problem, pass, operands, sums.value.length));
      }
    }),
    { numRuns: 100 },
  );
});

test("operands that do not fit the problem, or are missing, are refused", () => {
  const problem = layer({ input: [2, 2], kernel: [1, 1], bias: true });
  const x = [1, 2, 3, 4];
  expect(() => directSums(problem, "forward", { x: [1], weights: [1], bias: [0] })).toThrow("x has 1 values");
  expect(() => directSums(problem, "forward", { x, weights: [1] })).toThrow("bias is true, but none was given");
  expect(() => directSums(problem, "backwardData", { dy: x, weights: [1, 2] })).toThrow("weights has 2 values");
  expect(() => directSums(problem, "backwardWeights", { x })).toThrow("dy is missing");
});
