import { expect, test } from "vitest";
import { numericalDerivative } from "./numerical-derivative.ts";

test("the derivative at 0 of smooth functions, to half of the digits", () => {
  const smooth: readonly (readonly [(x: number) => number, number])[] = [
    [(x) => Math.sin(x), 1],
    [(x) => Math.exp(3 * x), 3],
    [(x) => 1 / (1 + x) ** 2, -2],
    [(x) => 5 * x + 7, 5],
    [(x) => Math.sqrt(0.1 + x), 0.5 / Math.sqrt(0.1)],
  ];
  for (const [f, slope] of smooth) {
    expect(Math.abs(numericalDerivative(f) - slope)).toBeLessThan(2 ** -26 * Math.abs(slope));
  }
});

test("a kink nearby spoils the long steps only", () => {
  expect(numericalDerivative((x) => 2 * x + Math.abs(x - 1e-4))).toBeCloseTo(1, 6);
});
