import fc from "fast-check";
import { expect, test } from "vitest";
import { multiplyAdd, PACKED_COLUMNS_LENGTH, packedRowsLength, packRows, transposed, type Matrix } from "./gemm.ts";

/** Integers that repeat with a period that divides no block. */
function integerMatrix(rows: number, columns: number, isTransposed: boolean): Matrix {
  const offset = 3;
  const data = Float32Array.from({ length: offset + rows * columns }, (_, i) => ((i * 7) % 11) - 5);
  return isTransposed
    ? transposed({ data, offset, rowStride: rows, columnStride: 1 })
    : { data, offset, rowStride: columns, columnStride: 1 };
}

function at({ data, offset, rowStride, columnStride }: Matrix, row: number, column: number): number {
  return data[offset + row * rowStride + column * columnStride]!;
}

const extent = fc.oneof(fc.integer({ min: 1, max: 13 }), fc.constantFrom(255, 256, 257));
const width = fc.oneof(extent, fc.constantFrom(511, 512, 513, 517));

test("adds A·B to C, whatever the extents and the layouts", () => {
  fc.assert(
    fc.property(
      fc.tuple(extent, width, extent, fc.boolean(), fc.boolean(), fc.boolean()).filter(([m, n, k]) => m * n * k < 2e6),
      ([m, n, k, aTransposed, bTransposed, cTransposed]) => {
        const a = integerMatrix(m, k, aTransposed);
        const b = integerMatrix(k, n, bTransposed);
        const c = integerMatrix(m, n, cTransposed);
        const expected = Float32Array.from(c.data);
        for (let i = 0; i < m; i++)
          for (let j = 0; j < n; j++) {
            let sum = at(c, i, j);
            for (let p = 0; p < k; p++) sum += at(a, i, p) * at(b, p, j);
            expected[c.offset + i * c.rowStride + j * c.columnStride] = sum;
          }
        const start = 5;
        const packed = new Float32Array(start + packedRowsLength(m, k)).fill(NaN);
        packRows(m, k, a, packed, start);
        multiplyAdd(m, n, k, packed, start, b, c, new Float32Array(PACKED_COLUMNS_LENGTH).fill(NaN));
        expect(Buffer.from(c.data.buffer).equals(Buffer.from(expected.buffer))).toBe(true);
      },
    ),
    { numRuns: 60 },
  );
});
