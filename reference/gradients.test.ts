import fc from "fast-check";
import { expect, test } from "vitest";
import type { ConvProblem } from "../core/problem.ts";
import { backwardData, backwardWeights, forward } from "./index.ts";
import { problemDraw, seedDraw } from "./testing/draws.ts";
import { forEachProduct } from "./testing/every-product.ts";
import { smallIntegers, tensors } from "./testing/tensors.ts";

// Integer data throughout: every sum is exact in float64, so every law is an equality.

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, index) => sum + value * b[index]!, 0);
}

/** A number with a derivative, value + slope·ε with ε² = 0 (forward-mode differentiation). */
interface Dual {
  readonly value: number;
  readonly slope: number;
}
const plus = (a: Dual, b: Dual): Dual => ({ value: a.value + b.value, slope: a.slope + b.slope });
const times = (a: Dual, b: Dual): Dual => ({ value: a.value * b.value, slope: a.value * b.slope + a.slope * b.value });

/** The layer in dual numbers, by the definition. */
function dualForward(
  problem: ConvProblem,
  x: Dual[],
  weights: Dual[],
  bias: Dual[] | undefined,
  length: number,
): Dual[] {
  const plane = length / (problem.batch * problem.outChannels);
  const y = Array.from(
    { length },
    (_, index) => bias?.[Math.floor(index / plane) % problem.outChannels] ?? { value: 0, slope: 0 },
  );
  forEachProduct(problem, (xIndex, wIndex, yIndex) => {
    y[yIndex] = plus(y[yIndex]!, times(x[xIndex]!, weights[wIndex]!));
  });
  return y;
}

test("forward and the gradients equal what forward-mode dual numbers give, one input element at a time", () => {
  fc.assert(
    fc.property(problemDraw, seedDraw, fc.nat(), (problem, seed, pick) => {
      const { x, weights, bias, dy } = tensors(problem, seed, smallIntegers);
      const dX = backwardData(problem, { dy, weights });
      const { dWeights, dBias } = backwardWeights(problem, { x, dy });
      const gradients = { x: dX, weights: dWeights, bias: dBias };
      for (const seeded of ["x", "weights", "bias"] as const) {
        const source = { x, weights, bias }[seeded];
        if (source === undefined) continue;
        const moved = pick % source.length;
        const lift = (name: string, values: Float64Array): Dual[] =>
          Array.from(values, (value, index) => ({ value, slope: name === seeded && index === moved ? 1 : 0 }));
        const liftedBias = bias === undefined ? undefined : lift("bias", bias);
        const y = dualForward(problem, lift("x", x), lift("weights", weights), liftedBias, dy.length);
        expect(forward(problem, { x, weights, bias })).toEqual(Float64Array.from(y, ({ value }) => value + 0));
        expect(gradients[seeded][moved]).toBe(
          dot(
            Float64Array.from(y, ({ slope }) => slope),
            dy,
          ) + 0,
        );
      }
    }),
    { numRuns: 150 },
  );
});

test("the gradients equal central differences of forward (exactly: the layer is affine in each operand)", () => {
  fc.assert(
    fc.property(problemDraw, seedDraw, fc.nat(), (problem, seed, pick) => {
      const { x, weights, bias, dy } = tensors(problem, seed, smallIntegers);
      const step = 0.5;
      const slope = (operand: Float64Array, index: number): number => {
        const kept = operand[index]!;
        operand[index] = kept + step;
        const above = dot(forward(problem, { x, weights, bias }), dy);
        operand[index] = kept - step;
        const below = dot(forward(problem, { x, weights, bias }), dy);
        operand[index] = kept;
        return (above - below) / (2 * step);
      };
      const dX = backwardData(problem, { dy, weights });
      const { dWeights, dBias } = backwardWeights(problem, { x, dy });
      const at = (operand: Float64Array): number => pick % operand.length;
      const error = (gradient: Float64Array, operand: Float64Array): number =>
        Math.abs(gradient[at(operand)]! - slope(operand, at(operand)));
      const errors = [error(dX, x), error(dWeights, weights), bias === undefined ? 0 : error(dBias, bias)];
      expect(errors).toEqual([0, 0, 0]);
    }),
    { numRuns: 300 },
  );
});

test("adjoint identity: ⟨conv(x, w), dy⟩ = ⟨x, dX⟩ = ⟨w, dW⟩, and a bias adds ⟨b, dB⟩", () => {
  fc.assert(
    fc.property(problemDraw, seedDraw, (problem, seed) => {
      const { x, weights, bias, dy } = tensors(problem, seed, smallIntegers);
      const { dWeights, dBias } = backwardWeights(problem, { x, dy });
      const product = dot(forward({ ...problem, bias: false }, { x, weights }), dy);
      expect(dot(x, backwardData(problem, { dy, weights }))).toBe(product);
      expect(dot(weights, dWeights)).toBe(product);
      const added = bias === undefined ? 0 : dot(bias, dBias);
      expect(dot(forward(problem, { x, weights, bias }), dy)).toBe(product + added);
    }),
    { numRuns: 300 },
  );
});
