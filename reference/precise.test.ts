import fc from "fast-check";
import { expect, test } from "vitest";
import { elementCount } from "../core/shape.ts";
import { operandNames, outputNames, shapeOf, type TensorName, type Tensors } from "../core/tensors.ts";
import { PASSES } from "../core/problem.ts";
import { backwardDataAt, dBiasAt, dWeightsAt, forwardAt, type Element } from "./definition.ts";
import { preciseAt } from "./precise.ts";
import { problemDraw, seedDraw } from "./testing/draws.ts";
import { seededUniforms } from "./testing/uniforms.ts";

function plainAt(
  name: TensorName,
  problem: Parameters<typeof forwardAt>[0],
  of: Tensors<Float64Array>,
  at: number,
): Element {
  const { x, weights, bias, dy } = of;
  switch (name) {
    case "y":
      return forwardAt(problem, { x: x!, weights: weights!, bias }, at);
    case "dx":
      return backwardDataAt(problem, { dy: dy!, weights: weights! }, at);
    case "dWeights":
      return dWeightsAt(problem, { x: x!, dy: dy! }, at);
    default:
      return dBiasAt(problem, { dy: dy! }, at);
  }
}

test("every element of every pass is the definition's, on whole numbers", () => {
  fc.assert(
    fc.property(problemDraw, seedDraw, fc.constantFrom(...PASSES), (problem, seed, pass) => {
      const uniform = seededUniforms(seed);
      const operands: Tensors<Float64Array> = Object.fromEntries(
        operandNames(problem, pass).map((name) => [
          name,
          Float64Array.from({ length: elementCount(shapeOf(problem, name)) }, () => Math.round(200 * uniform() - 100)),
        ]),
      );
      for (const name of outputNames(problem, pass)) {
        const count = elementCount(shapeOf(problem, name));
        for (const at of [0, Math.floor(count / 2), count - 1])
          expect(preciseAt(problem, name, operands, at)).toEqual({
            ...plainAt(name, problem, operands, at),
            tail: 0,
          });
      }
    }),
  );
});

/** As a whole number of 2^-200. */
function wholeOf(real: number): bigint {
  return BigInt(real * 2 ** 80 * 2 ** 120);
}

/** What is left is smaller than the errors of the sum. */
const CANCELLING = [
  { a: 3814.4961113761, b: 1688849860263936, scale: 16 },
  { a: -176.99852129030387, b: 228011255390268, scale: 0 },
  { a: 7117.609322167846, b: -1361376342363713, scale: 0 },
  { a: -4334.429985125452, b: 1377926475827531, scale: 4 },
  { a: -9.094947017729282e-13, b: -7704941548273665, scale: -18 },
];

test("sums that cancel are exact to twice the precision", () => {
  const term = fc.record({
    a: fc.maxSafeInteger().map((whole) => whole * 2 ** -40),
    b: fc.maxSafeInteger(),
    scale: fc.integer({ min: -20, max: 20 }),
  });
  fc.assert(
    fc.property(fc.array(term, { minLength: 1, maxLength: 20 }), fc.boolean(), (terms, cancels) => {
      const half = terms.map(({ a, b, scale }) => [a * 2 ** scale, b] as const);
      const all = cancels ? [...half, ...half.map(([a, b]) => [-a, b * (1 + 2 ** -52)] as const)] : half;
      const n = all.length;
      const problem = { batch: 1, inChannels: n, outChannels: 1, groups: 1, bias: false } as const;
      const axis = { input: [1], kernel: [1], stride: [1], dilation: [1], padBegin: [0], padEnd: [0] };
      const [x, weights] = [Float64Array.from(all, ([a]) => a), Float64Array.from(all, ([, b]) => b)];
      const { value, tail, magnitude } = preciseAt({ ...problem, ...axis }, "y", { x, weights }, 0);
      const exact = all.reduce((sum, [a, b]) => sum + wholeOf(a) * wholeOf(b), 0n);
      const error = exact - ((wholeOf(value) + wholeOf(tail)) << 200n);
      expect(Math.abs(Number(error)) / 2 ** 400).toBeLessThanOrEqual(n * n * 2 ** -104 * magnitude);
      expect(value + tail).toBe(value);
    }),
    { examples: [[CANCELLING, true]] },
  );
});

test("a NaN and an infinity come out as they are", () => {
  const problem = { batch: 1, inChannels: 2, outChannels: 1, groups: 1, bias: false } as const;
  const axis = { input: [1], kernel: [1], stride: [1], dilation: [1], padBegin: [0], padEnd: [0] };
  const at = (a: number, b: number): number =>
    preciseAt({ ...problem, ...axis }, "y", { x: Float64Array.of(a, b), weights: Float64Array.of(1, 1) }, 0).value;
  expect([at(NaN, 1), at(Infinity, 1), at(1, -Infinity), at(Infinity, -Infinity)]).toEqual([
    NaN,
    Infinity,
    -Infinity,
    NaN,
  ]);
});
