import { expect, test } from "vitest";
import { addProductPlainly as addProduct, transposed } from "./matrix-product.ts";

/** A dense row-major matrix as a view. */
function dense<Values>(values: Values, rows: number, columns: number, origin = 0) {
  const offsets = (count: number, step: number): Int32Array =>
    Int32Array.from({ length: count }, (_, index) => index * step);
  return { values, origin, rows: offsets(rows, columns), columns: offsets(columns, 1) };
}

test("adds the product of two views, one transposed, one with an origin, and leaves the rest alone", () => {
  const a = transposed(dense(Float64Array.of(1, 3, 5, 2, -4, 6), 2, 3)); // [[1, 2], [3, -4], [5, 6]]
  const b = dense(Float32Array.of(99, 1, 0, -1, 2), 2, 2, 1); // [[1, 0], [-1, 2]]
  const out = { value: new Float64Array(8).fill(100), magnitude: new Float64Array(8).fill(1000) };
  addProduct(a, b, dense(out, 3, 2, 1));
  expect([...out.value]).toEqual([100, 99, 104, 107, 92, 99, 112, 100]);
  expect([...out.magnitude]).toEqual([1000, 1003, 1004, 1007, 1008, 1011, 1012, 1000]);
});

test("every size around the tile and the blocks gives the sums of the textbook", () => {
  for (const [rows, depth, columns] of [
    [1, 1, 1],
    [2, 255, 3],
    [3, 256, 4],
    [4, 257, 5],
    [7, 513, 127],
    [5, 3, 128],
    [3, 2, 129],
    [4, 1, 258],
  ] as const) {
    const a = Float64Array.from({ length: rows * depth }, (_, index) => ((index * 7) % 11) - 5);
    const b = Float64Array.from({ length: depth * columns }, (_, index) => ((index * 5) % 13) - 6);
    const out = { value: new Float64Array(rows * columns), magnitude: undefined };
    addProduct(dense(a, rows, depth), dense(b, depth, columns), dense(out, rows, columns));
    const expected = Float64Array.from(out.value, (_, index) => {
      const [row, column] = [Math.floor(index / columns), index % columns];
      let sum = 0;
      for (let k = 0; k < depth; k++) sum += a[row * depth + k]! * b[k * columns + column]!;
      return sum;
    });
    expect(out.value.map((value) => value + 0)).toEqual(expected.map((value) => value + 0));
  }
});
