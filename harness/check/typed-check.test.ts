import { expect, test } from "vitest";
import { ELEMENTS, PROBLEM_TYPE_NAMES, PROBLEM_TYPES, storeAt, valueAt } from "../../core/element-types.ts";
import { PASSES, type ConvProblem, type Pass } from "../../core/problem.ts";
import { elementCount } from "../../core/shape.ts";
import { formatOf, outputNames, poisonedTensor, shapeOf } from "../../core/tensors.ts";
import naive from "../../impls/naive.ts";
import { DATA_KINDS, type DataKind } from "../../suites/data/operands.ts";
import { operandsOfAnyType } from "../../suites/data/typed-operands.ts";
import { typedBounds } from "./typed-check.ts";
import { checkOfAnyType } from "./any-type-check.ts";

const IEEE = { algorithm: "direct", precision: "float32", arithmetic: "ieee" } as const;
const PROBLEM: ConvProblem = {
  batch: 2,
  inChannels: 6,
  outChannels: 4,
  groups: 2,
  input: [6, 5],
  kernel: [3, 2],
  stride: [2, 1],
  dilation: [1, 2],
  padBegin: [1, 1],
  padEnd: [1, 0],
  bias: true,
};

function computed(problem: ConvProblem, pass: Pass, data: DataKind, seed: number) {
  const operands = operandsOfAnyType(problem, pass, data, seed);
  const outputs = Object.fromEntries(
    outputNames(problem, pass).map((name) => [
      name,
      poisonedTensor(elementCount(shapeOf(problem, name)), "nan", formatOf(problem, name)),
    ]),
  );
  const { x, weights, bias, dy } = operands;
  const { y, dx, dWeights, dBias } = outputs;
  if (pass === "forward") naive.forward(problem, x!, weights!, bias, y!);
  else if (pass === "backwardData") naive.backwardData(problem, dy!, weights!, dx!);
  else naive.backwardWeights(problem, x!, dy!, dWeights!, dBias);
  return { operands, outputs };
}

const TYPED = PROBLEM_TYPE_NAMES.filter((type) => type !== "f32");

test.each(TYPED)("%s: the definition holds on every kind of data, and what was never written does not", (type) => {
  const problem = { ...PROBLEM, type };
  for (const pass of PROBLEM_TYPES[type].hasGradients ? PASSES : (["forward"] as const))
    for (const data of DATA_KINDS)
      for (let seed = 0; seed < (data === "special" ? 12 : 3); seed++) {
        const { operands, outputs } = computed(problem, pass, data, seed);
        const verdict = checkOfAnyType(problem, pass, operands, outputs, IEEE, seed);
        expect(verdict.fault?.message).toBeUndefined();
        expect(verdict.margin).toBeLessThanOrEqual(1);
        if (data !== "special") expect(verdict.tellingElements).toBeGreaterThan(0);
        const [name] = outputNames(problem, pass);
        const poisoned = {
          ...outputs,
          [name!]: poisonedTensor(outputs[name!]!.length, "finite", formatOf(problem, name!)),
        };
        if (data === "real") {
          const { fault } = checkOfAnyType(problem, pass, operands, poisoned, IEEE, seed);
          expect(fault?.message).toContain("was never written");
        }
      }
});

test.each(TYPED)("%s: on exact data the next number is wrong", (type) => {
  const problem = { ...PROBLEM, type };
  const { operands, outputs } = computed(problem, "forward", "dense-exact", 0);
  const y = outputs["y"]!.slice();
  const { float } = ELEMENTS[formatOf(problem, "y")];
  const value = valueAt(y, 3);
  storeAt(y, 3, value + (float === undefined ? 1 : 2 * float.unitRoundoff * Math.max(1, Math.abs(value))));
  const verdict = checkOfAnyType(problem, "forward", operands, { y }, IEEE, 1);
  expect(verdict.margin).toBe(Infinity);
  expect(verdict.fault?.element).toMatchObject({ tensor: "y", expected: value, bound: 0 });
  const bounds = typedBounds(problem, "forward", operands, IEEE, "y");
  expect([...new Set(bounds)]).toEqual([0]);
});

test("sums of f16 in f16 are wrong, unless they are declared", () => {
  const problem: ConvProblem = { ...PROBLEM, bias: false, inChannels: 64, type: "f16" };
  let wrong = 0;
  for (let seed = 0; seed < 8; seed++) {
    const { operands } = computed(problem, "forward", "real", seed);
    const y = new Float16Array(elementCount(shapeOf(problem, "y")));
    // A sum that is rounded after each term, of the first channel's element at the origin, is as far off as one may be.
    for (let i = 0; i < y.length; i++) y[i] = 0;
    inHalf(problem, operands.x!, operands.weights!, y);
    const margin = (accumulator: "f16" | "f32"): number =>
      checkOfAnyType(problem, "forward", operands, { y }, { ...IEEE, accumulator }, seed).margin;
    expect(margin("f16")).toBeLessThanOrEqual(1);
    if (margin("f32") > 1) wrong++;
  }
  expect(wrong).toBe(8);
});

/** The definition with an array of f16 in the sum's place. */
function inHalf(problem: ConvProblem, x: ArrayLike<number>, weights: ArrayLike<number>, y: Float16Array): void {
  const { inChannels, outChannels, groups, input, kernel } = problem;
  const [perIn, perOut] = [inChannels / groups, outChannels / groups];
  const [height = 1, width = 1] = shapeOf(problem, "y").slice(2);
  let out = 0;
  for (let n = 0; n < problem.batch; n++)
    for (let k = 0; k < outChannels; k++)
      for (let oh = 0; oh < height; oh++)
        for (let ow = 0; ow < width; ow++, out++)
          for (let c = 0; c < perIn; c++)
            for (let kh = 0; kh < kernel[0]!; kh++)
              for (let kw = 0; kw < kernel[1]!; kw++) {
                const ih = oh * problem.stride[0]! + kh * problem.dilation[0]! - problem.padBegin[0]!;
                const iw = ow * problem.stride[1]! + kw * problem.dilation[1]! - problem.padBegin[1]!;
                if (ih < 0 || ih >= input[0]! || iw < 0 || iw >= input[1]!) continue;
                const channel = n * inChannels + Math.floor(k / perOut) * perIn + c;
                const product =
                  x[(channel * input[0]! + ih) * input[1]! + iw]! *
                  weights[((k * perIn + c) * kernel[0]! + kh) * kernel[1]! + kw]!;
                y[out] = y[out]! + product;
              }
}
