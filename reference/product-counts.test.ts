import fc from "fast-check";
import { expect, test } from "vitest";
import { productCounts } from "./product-counts.ts";
import { elementCount, tensorShapes } from "../core/shape.ts";
import { problemDraw } from "./testing/draws.ts";
import { forEachProduct } from "./testing/every-product.ts";
import { layer } from "./testing/layer.ts";

test("the counts are how many products reach each element", () => {
  fc.assert(
    fc.property(problemDraw, (problem) => {
      const shapes = tensorShapes(problem);
      const zeros = (shape: readonly number[]): number[] => Array.from({ length: elementCount(shape) }, () => 0);
      const counted = {
        forward: zeros(shapes.y),
        backwardData: zeros(shapes.x),
        backwardWeights: zeros(shapes.weights),
      };
      forEachProduct(problem, (xIndex, wIndex, yIndex) => {
        counted.forward[yIndex]! += 1;
        counted.backwardData[xIndex]! += 1;
        counted.backwardWeights[wIndex]! += 1;
      });
      for (const pass of ["forward", "backwardData", "backwardWeights"] as const) {
        const counts = productCounts(problem, pass);
        expect(counted[pass].map((_, index) => counts[index % counts.length])).toEqual(counted[pass]);
      }
    }),
    { numRuns: 200 },
  );
});

test("a 3 × 3 kernel with padding 1 over 3 × 3 pixels of two channels", () => {
  const problem = layer({
    inChannels: 2,
    outChannels: 4,
    input: [3, 3],
    kernel: [3, 3],
    padBegin: [1, 1],
    padEnd: [1, 1],
  });
  expect([...productCounts(problem, "forward")]).toEqual([8, 12, 8, 12, 18, 12, 8, 12, 8]);
  expect([...productCounts(problem, "backwardData")]).toEqual([16, 24, 16, 24, 36, 24, 16, 24, 16]);
  expect([...productCounts(problem, "backwardWeights")]).toEqual([4, 6, 4, 6, 9, 6, 4, 6, 4]);
});
