import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseDescriptor } from "../../core/descriptor.ts";
import { PASSES, type ConvProblem } from "../../core/problem.ts";
import { expectedOf, outputsOf } from "../testing/exact.ts";
import { CANDIDATES, elements } from "./candidates.ts";
import { fittedCosts, pick, type CostModel } from "./cost-model.ts";
import auto from "./index.ts";

const [gemm, winograd, depthwise, fft] = CANDIDATES;

function problemOf(descriptor: string): ConvProblem {
  return parseDescriptor(descriptor).problem;
}

/** A model with the given cost per multiplication for each candidate, and no other costs. */
function perMultiplication(...costs: readonly number[]): CostModel {
  return Object.fromEntries(
    CANDIDATES.map(({ impl }, i) => {
      const own = [costs[i]!, 0, 0] as const;
      return [impl.name, { forward: own, backwardData: own, backwardWeights: own }];
    }),
  );
}

describe.each(PASSES)("%s", (pass) => {
  test.each([
    "mb2ic5ih9oc7kh3ph1",
    "mb1ic16ih20oc16kh7ph3",
    "mb1ic3iw40oc4kw5",
    "g6mb2ic6ih8oc6kh3ph1",
    "mb1ic16ih1oc8kh1",
  ])("whatever is picked is right: %s", async (descriptor) => {
    const problem = problemOf(descriptor);
    const got = await outputsOf(auto, problem, pass);
    // Transforms round even on integers.
    const digits = { w: 2, f: 3 }[auto.algorithm(problem, pass)[0]!] ?? 9;
    for (const [name, values] of Object.entries(expectedOf(problem, pass))) {
      if (typeof got === "string") throw new Error(got);
      values.forEach((value, i) => expect(got[name]![i]).toBeCloseTo(value, digits));
    }
  });
});

test("the cheapest candidate is picked of those that do the problem", () => {
  const [dense, wide, separate] = ["mb1ic8ih12oc8kh3ph1", "mb1ic8ih12oc8kh5ph2", "g8mb1ic8ih12oc8kh3ph1"].map(
    problemOf,
  );
  const equal = perMultiplication(1, 1, 1, 99);
  expect(pick(equal, dense!, "forward", 1)).toBe(winograd);
  expect(pick(equal, wide!, "forward", 1)).toBe(gemm);
  expect(pick(perMultiplication(1, 9, 1, 0), dense!, "forward", 1)).toBe(gemm);
  expect(pick(perMultiplication(1, 9, 0.5, 0), separate!, "forward", 1)).toBe(depthwise);
  // More threads make only the threaded candidate quicker.
  expect(pick(perMultiplication(1.5, 9, 1, 0), separate!, "forward", 8)).toBe(gemm);
  expect(pick(perMultiplication(1, 9, 9, 0.1), wide!, "forward", 1)).toBe(fft);
  // With one output there is nothing to save.
  expect(pick(perMultiplication(1, 9, 9, 0.1), problemOf("mb1ic8oc9ih5kh5"), "forward", 1)).toBe(gemm);
  expect(pick({}, dense!, "forward", 1)).toBe(gemm);
});

test("costs that explain every probe are found", () => {
  const cost = fc.double({ min: 0, max: 1, noNaN: true });
  const problems = [
    "mb1ic8ih12oc8kh3ph1",
    "mb1ic64ih9oc2kh1",
    "mb1ic2ih60oc2kh3",
    "mb1ic1ih2oc1kh1",
    "mb4ic32ih14oc32kh3ph1",
  ].map(problemOf);
  fc.assert(
    fc.property(cost, cost, cost, (a, b, c) => {
      fc.pre(a + b + c > 0.01);
      const msOf = (problem: ConvProblem): number =>
        (a / 1000) * gemm!.multiplications(problem, "forward") + (b / 100) * elements(problem) + c;
      const probes = problems.map((problem) => ({ problem, pass: "forward" as const, ms: msOf(problem) }));
      const costs = fittedCosts(gemm!, probes);
      for (const { problem, ms } of probes) {
        const quantities = [gemm!.multiplications(problem, "forward"), elements(problem), 1];
        const predicted = quantities.reduce((sum, quantity, i) => sum + quantity * costs[i]!, 0);
        expect(predicted / ms).toBeCloseTo(1, 1);
      }
      expect(Math.min(...costs)).toBeGreaterThanOrEqual(0);
    }),
    { numRuns: 30, seed: 1 },
  );
});
