import fc from "fast-check";
import { expect, test } from "vitest";
import { flatten, multiIndices, rowMajorStrides, unravel } from "./indexing.ts";
import { elementCount } from "./shape.ts";

const shapes = fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 5 });
/** A shape of up to 2^40 elements, more than 32 bits count, and a flat index into it. */
const largePlaces = fc.array(fc.integer({ min: 1, max: 2 ** 10 }), { minLength: 1, maxLength: 4 }).chain((shape) =>
  fc.tuple(
    fc.constant(shape),
    fc.nat(2 ** 30).map((at) => at % elementCount(shape)),
  ),
);

test("a flat index is the inner product of its multi-index with the strides, and comes back", () => {
  fc.assert(
    fc.property(largePlaces, ([shape, flat]) => {
      const index = unravel(flat, shape);
      expect(index.every((at, axis) => at >= 0 && at < shape[axis]!)).toBe(true);
      expect(flatten(index, shape)).toBe(flat);
      const strides = rowMajorStrides(shape);
      expect(index.reduce((sum, at, axis) => sum + at * strides[axis]!, 0)).toBe(flat);
    }),
  );
});

test("the multi-indices of a shape are those of its flat indices, in order", () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      expect(multiIndices(shape)).toEqual(
        Array.from({ length: elementCount(shape) }, (_, flat) => unravel(flat, shape)),
      );
    }),
    { numRuns: 30 },
  );
});

test("a flat index beyond 32 bits", () => {
  expect(unravel(2 ** 40 + 5, [2 ** 11, 2 ** 20, 2 ** 10])).toEqual([2 ** 10, 0, 5]);
  expect(flatten([2 ** 10, 0, 5], [2 ** 11, 2 ** 20, 2 ** 10])).toBe(2 ** 40 + 5);
});
