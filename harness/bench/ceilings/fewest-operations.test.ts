import fc from "fast-check";
import { expect, test } from "vitest";
import { forEachProduct } from "../../../reference/testing/every-product.ts";
import { problemDraw } from "../../../reference/testing/draws.ts";
import { parseDescriptor } from "../../../core/descriptor.ts";
import { multiplyAdds } from "../../../core/shape.ts";
import { fewestOperations } from "./fewest-operations.ts";

test("direct and GEMM need every product that exists, and no product with padding", () => {
  fc.assert(
    fc.property(problemDraw, (problem) => {
      let products = 0;
      forEachProduct(problem, () => (products += 1));
      expect(fewestOperations(problem, "direct")).toBe(2 * products);
      expect(fewestOperations(problem, "gemm")).toBe(2 * products);
      expect(products).toBeLessThanOrEqual(multiplyAdds(problem));
    }),
  );
});

test("a transform needs no more than direct summation, and something wherever that does", () => {
  fc.assert(
    fc.property(problemDraw, (problem) => {
      const direct = fewestOperations(problem, "direct");
      const transformed = fewestOperations(problem, "fft");
      expect(transformed).toBeLessThanOrEqual(direct);
      expect(transformed > 0).toBe(direct > 0);
    }),
  );
});

test("F(m, r) needs m + r − 1 multiplications", () => {
  const { problem } = parseDescriptor("mb1_ic1oc1_ih6oh4kh3ph0_iw6ow4kw3pw0");
  expect(fewestOperations(problem, "winograd(4,3)")).toBe(2 * 6 * 6);
  expect(fewestOperations(problem, "direct")).toBe(2 * 4 * 4 * 3 * 3);
});

test("a one by one image under a padded 3 × 3 filter is one product, not nine", () => {
  const { problem } = parseDescriptor("mb1_ic2oc5_ih1oh1kh3ph1");
  expect(fewestOperations(problem, "direct")).toBe(2 * 10);
  expect(multiplyAdds(problem)).toBe(90);
});
