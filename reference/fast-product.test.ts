import fc from "fast-check";
import { expect, test } from "vitest";
import { addProduct } from "./fast-product.ts";
import { addProductPlainly } from "./matrix-product.ts";

const extent = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(127, 128, 129, 131, 255, 256, 257));

/** Full mantissas, both signs, exponents from tiny to large, and zeros. */
function numbers(count: number, seed: number): Float64Array {
  let state = seed;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return Float64Array.from({ length: count }, () => {
    const sign = next() < 0.5 ? -1 : 1;
    return next() < 0.05 ? -0 : sign * (1 + next()) * 2 ** Math.floor(60 * next() - 30);
  });
}

function view<Values>(values: Values, rows: number, columns: number) {
  return {
    values,
    origin: 0,
    rows: Int32Array.from({ length: rows }, (_, row) => row * columns),
    columns: Int32Array.from({ length: columns }, (_, column) => column),
  };
}

test("sums and magnitudes are those of the plain loops, bit for bit", () => {
  fc.assert(
    fc.property(
      fc.tuple(extent, extent, extent, fc.boolean(), fc.nat()).filter(([m, k, n]) => m * k * n < 3e6),
      ([rows, depth, columns, withMagnitudes, seed]) => {
        const a = view(numbers(rows * depth, seed), rows, depth);
        const b = view(numbers(depth * columns, seed + 1), depth, columns);
        const start = numbers(rows * columns, seed + 2);
        const [got, expected] = [addProduct, addProductPlainly].map((add) => {
          const sums = { value: start.slice(), magnitude: withMagnitudes ? start.map(Math.abs) : undefined };
          add(a, b, view(sums, rows, columns));
          return sums;
        });
        expect(bitsOf(got?.value)).toEqual(bitsOf(expected?.value));
        expect(bitsOf(got?.magnitude)).toEqual(bitsOf(expected?.magnitude));
      },
    ),
    { numRuns: 60 },
  );
});

/** As bits, so that −0 is not 0. */
function bitsOf(values: Float64Array | undefined): string {
  return Buffer.from(values?.buffer ?? new ArrayBuffer(0)).toString("base64");
}
