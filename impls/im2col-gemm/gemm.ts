/**
 * Matrix multiplication C += A·B, A of m × k, B of k × n, in three ideas (Goto and van de Geijn, "Anatomy of
 * High-Performance Matrix Multiplication", ACM TOMS 34(3), 2008, https://doi.org/10.1145/1356052.1356053):
 *
 * 1. A 4 × 4 tile of C is held in sixteen local variables while the micro-kernel walks along k: eight loads feed
 *    sixteen multiply-adds.
 * 2. A and B are copied ("packed") into panels of four rows or columns, so that the micro-kernel reads both from front
 *    to back.
 * 3. k is cut into blocks of DEPTH and n into blocks of WIDTH, so that the packed block of B stays in the second-level
 *    cache and the two panels under the micro-kernel stay in the first.
 *
 * Sums along one block of k are float64, as JavaScript numbers are; C is rounded to float32 after every block.
 */
import type { Floats } from "../../core/element-types.ts";

/** A matrix inside an array: element (i, j) is data[offset + i·rowStride + j·columnStride]. */
export interface Matrix {
  readonly data: Floats;
  readonly offset: number;
  readonly rowStride: number;
  readonly columnStride: number;
}

const TILE = 4;
const DEPTH = 256;
const WIDTH = 512;

/** Elements that `packRows` fills for an A of m × k: the rows are filled up with zeros to whole panels. */
export function packedRowsLength(m: number, k: number): number {
  return Math.ceil(m / TILE) * TILE * k;
}

/** Elements of the buffer that `multiplyAdd` packs B into. */
export const PACKED_COLUMNS_LENGTH = DEPTH * WIDTH;

export function transposed(matrix: Matrix): Matrix {
  return { ...matrix, rowStride: matrix.columnStride, columnStride: matrix.rowStride };
}

/**
 * Packs A (m × k) from `packed[start]` on: blocks of DEPTH along k, in each block panels of four rows, in each panel
 * column by column.
 */
export function packRows(m: number, k: number, a: Matrix, packed: Floats, start = 0): void {
  let to = start;
  for (let k0 = 0; k0 < k; k0 += DEPTH) {
    const depth = Math.min(DEPTH, k - k0);
    for (let i0 = 0; i0 < m; i0 += TILE) {
      const rows = Math.min(TILE, m - i0);
      for (let i = 0; i < TILE; i++) {
        const from = a.offset + (i0 + i) * a.rowStride + k0 * a.columnStride;
        for (let p = 0; p < depth; p++) packed[to + p * TILE + i] = i < rows ? a.data[from + p * a.columnStride]! : 0;
      }
      to += TILE * depth;
    }
  }
}

/**
 * C += A·B. `a` holds A (m × k) as `packRows` left it, from `aStart` on; B is k × n; C is m × n;
 * `panels` holds PACKED_COLUMNS_LENGTH elements.
 */
export function multiplyAdd(
  m: number,
  n: number,
  k: number,
  a: Floats,
  aStart: number,
  b: Matrix,
  c: Matrix,
  panels: Floats,
): void {
  const packedRows = Math.ceil(m / TILE) * TILE;
  for (let j0 = 0; j0 < n; j0 += WIDTH) {
    const width = Math.min(WIDTH, n - j0);
    for (let k0 = 0; k0 < k; k0 += DEPTH) {
      const depth = Math.min(DEPTH, k - k0);
      packColumns(b, k0, depth, j0, width, panels);
      for (let j = 0; j < width;) {
        // The columns after the last panel of four are done one at a time, so that a matrix-vector product wastes no
        // work.
        const columns = width - j >= TILE ? TILE : 1;
        for (let i = 0; i < m; i += TILE) {
          const aPanel = aStart + k0 * packedRows + i * depth;
          if (columns === TILE) tile4x4(depth, a, aPanel, panels, j * depth);
          else tile4x1(depth, a, aPanel, panels, j * depth);
          addTile(c, i, Math.min(TILE, m - i), j0 + j, columns);
        }
        j += columns;
      }
    }
  }
}

/**
 * Packs rows k0… and columns j0… of B: panels of four columns, row by row, then the columns left over, one after the
 * other.
 */
function packColumns(b: Matrix, k0: number, depth: number, j0: number, width: number, panels: Floats): void {
  const { data, rowStride, columnStride } = b;
  let to = 0;
  let j = 0;
  for (; j + TILE <= width; j += TILE) {
    let from = b.offset + k0 * rowStride + (j0 + j) * columnStride;
    for (let p = 0; p < depth; p++) {
      panels[to] = data[from]!;
      panels[to + 1] = data[from + columnStride]!;
      panels[to + 2] = data[from + 2 * columnStride]!;
      panels[to + 3] = data[from + 3 * columnStride]!;
      to += TILE;
      from += rowStride;
    }
  }
  for (; j < width; j++) {
    const from = b.offset + k0 * rowStride + (j0 + j) * columnStride;
    for (let p = 0; p < depth; p++) panels[to++] = data[from + p * rowStride]!;
  }
}

/** Where a micro-kernel leaves its tile, row by row. */
const tile = new Float64Array(TILE * TILE);

/** Adds the first `rows` × `columns` of the tile to C at (i, j). */
function addTile(c: Matrix, i: number, rows: number, j: number, columns: number): void {
  const { data, columnStride } = c;
  for (let row = 0; row < rows; row++) {
    let at = c.offset + (i + row) * c.rowStride + j * columnStride;
    for (let column = 0; column < columns; column++) {
      data[at] = data[at]! + tile[row * TILE + column]!;
      at += columnStride;
    }
  }
}

/** The micro-kernel: four rows of a panel of A times four columns of a panel of B. */
// prettier-ignore
function tile4x4(depth: number, a: Floats, aAt: number, b: Floats, bAt: number): void {
  let c00 = 0, c01 = 0, c02 = 0, c03 = 0;
  let c10 = 0, c11 = 0, c12 = 0, c13 = 0;
  let c20 = 0, c21 = 0, c22 = 0, c23 = 0;
  let c30 = 0, c31 = 0, c32 = 0, c33 = 0;
  for (let p = 0; p < depth; p++) {
    const a0 = a[aAt]!, a1 = a[aAt + 1]!, a2 = a[aAt + 2]!, a3 = a[aAt + 3]!;
    const b0 = b[bAt]!, b1 = b[bAt + 1]!, b2 = b[bAt + 2]!, b3 = b[bAt + 3]!;
    c00 += a0 * b0; c01 += a0 * b1; c02 += a0 * b2; c03 += a0 * b3;
    c10 += a1 * b0; c11 += a1 * b1; c12 += a1 * b2; c13 += a1 * b3;
    c20 += a2 * b0; c21 += a2 * b1; c22 += a2 * b2; c23 += a2 * b3;
    c30 += a3 * b0; c31 += a3 * b1; c32 += a3 * b2; c33 += a3 * b3;
    aAt += TILE;
    bAt += TILE;
  }
  tile[0] = c00; tile[1] = c01; tile[2] = c02; tile[3] = c03;
  tile[4] = c10; tile[5] = c11; tile[6] = c12; tile[7] = c13;
  tile[8] = c20; tile[9] = c21; tile[10] = c22; tile[11] = c23;
  tile[12] = c30; tile[13] = c31; tile[14] = c32; tile[15] = c33;
}

/** The same for a single column. */
function tile4x1(depth: number, a: Floats, aAt: number, b: Floats, bAt: number): void {
  let c0 = 0;
  let c1 = 0;
  let c2 = 0;
  let c3 = 0;
  for (let p = 0; p < depth; p++) {
    const b0 = b[bAt + p]!;
    c0 += a[aAt]! * b0;
    c1 += a[aAt + 1]! * b0;
    c2 += a[aAt + 2]! * b0;
    c3 += a[aAt + 3]! * b0;
    aAt += TILE;
  }
  tile[0] = c0;
  tile[TILE] = c1;
  tile[2 * TILE] = c2;
  tile[3 * TILE] = c3;
}
