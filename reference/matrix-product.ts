import type { Floats } from "./operands.ts";

/**
 * A matrix inside a tensor: its entry (i, j) is `values[origin + rows[i] + columns[j]]`. Patches of an image, a
 * transposed weight tensor and a batch of output planes are all such matrices, so none is ever copied whole.
 */
export interface MatrixView<Values> {
  readonly values: Values;
  readonly origin: number;
  readonly rows: Int32Array;
  readonly columns: Int32Array;
}

/** The same entries with rows and columns exchanged. */
export function transposed<Values>({ values, origin, rows, columns }: MatrixView<Values>): MatrixView<Values> {
  return { values, origin, rows: columns, columns: rows };
}

/** Sums of products and, where asked for, the sums of their absolute values. */
export interface Accumulators {
  readonly value: Float64Array;
  readonly magnitude: Float64Array | undefined;
}

/** The register tile: 3 × 4 sums, 3 + 1 factors of a step, all in the 16 floating-point registers of x64. */
export const TILE_ROWS = 3;
export const TILE_COLUMNS = 4;
/**
 * A block of b, DEPTH × WIDTH float64 (256 KiB, twice that with magnitudes), stays in the second-level cache while all
 * of a passes by.
 */
export const DEPTH = 256;
export const WIDTH = 128;

/**
 * c += a·b, and c's magnitudes += |a|·|b|, in float64; a is M × D, b is D × N, c is M × N.
 * Operands must be finite: tiles are filled up with zeros.
 *
 * The idea (Goto and van de Geijn 2008, doi:10.1145/1356052.1356053): a block of b and a strip of a are gathered into
 * contiguous panels, laid out in the order in which the innermost loop reads them; that loop keeps a tile of c in
 * registers.
 */
export function addProductPlainly(a: MatrixView<Floats>, b: MatrixView<Floats>, c: MatrixView<Accumulators>): void {
  const height = a.rows.length;
  const width = b.columns.length;
  const depth = b.rows.length;
  const strip = new Float64Array(TILE_ROWS * Math.min(DEPTH, depth));
  const block = new Float64Array(
    Math.ceil(Math.min(WIDTH, width) / TILE_COLUMNS) * TILE_COLUMNS * Math.min(DEPTH, depth),
  );
  const { value, magnitude } = c.values;
  const absoluteBlock = new Float64Array(magnitude === undefined ? 0 : block.length);
  for (let column = 0; column < width; column += WIDTH) {
    const columns = Math.min(WIDTH, width - column);
    for (let step = 0; step < depth; step += DEPTH) {
      const steps = Math.min(DEPTH, depth - step);
      packBlock(b, step, steps, column, columns, block);
      if (magnitude !== undefined) absolute(block, absoluteBlock);
      for (let row = 0; row < height; row += TILE_ROWS) {
        packStrip(a, row, step, steps, strip);
        addStrip(strip, block, steps, value, c, row, column, columns);
        if (magnitude !== undefined) {
          absolute(strip, strip);
          addStrip(strip, absoluteBlock, steps, magnitude, c, row, column, columns);
        }
      }
    }
  }
}

function absolute(source: Float64Array, target: Float64Array): void {
  for (let index = 0; index < source.length; index++) target[index] = Math.abs(source[index]!);
}

/** Gathers `steps` columns of up to 3 rows of a, a step after the other; missing rows are zero. */
export function packStrip(a: MatrixView<Floats>, row: number, step: number, steps: number, strip: Float64Array): void {
  const { values, origin, rows, columns } = a;
  for (let i = 0; i < TILE_ROWS; i++) {
    const inside = row + i < rows.length;
    const start = inside ? origin + rows[row + i]! : 0;
    for (let k = 0; k < steps; k++) {
      strip[k * TILE_ROWS + i] = inside ? values[start + columns[step + k]!]! : 0;
    }
  }
}

/**
 * Gathers `steps` rows of b in panels of 4 columns, a panel after the other, a step after the other; missing columns
 * are zero.
 */
export function packBlock(
  b: MatrixView<Floats>,
  step: number,
  steps: number,
  column: number,
  width: number,
  block: Float64Array,
): void {
  const { values, origin, rows, columns } = b;
  for (let panel = 0; panel < width; panel += TILE_COLUMNS) {
    for (let j = 0; j < TILE_COLUMNS; j++) {
      const inside = panel + j < width;
      const start = inside ? origin + columns[column + panel + j]! : 0;
      const target = panel * steps + j;
      for (let k = 0; k < steps; k++) {
        block[target + k * TILE_COLUMNS] = inside ? values[start + rows[step + k]!]! : 0;
      }
    }
  }
}

const tile = new Float64Array(TILE_ROWS * TILE_COLUMNS);

/** Adds strip · block to up to 3 rows of c. */
function addStrip(
  strip: Float64Array,
  block: Float64Array,
  steps: number,
  sums: Float64Array,
  c: MatrixView<unknown>,
  row: number,
  column: number,
  width: number,
): void {
  const rows = Math.min(TILE_ROWS, c.rows.length - row);
  for (let panel = 0; panel < width; panel += TILE_COLUMNS) {
    multiplyTile(strip, block, panel * steps, steps);
    const columns = Math.min(TILE_COLUMNS, width - panel);
    for (let i = 0; i < rows; i++) {
      const start = c.origin + c.rows[row + i]!;
      for (let j = 0; j < columns; j++) {
        sums[start + c.columns[column + panel + j]!]! += tile[i * TILE_COLUMNS + j]!;
      }
    }
  }
}

/** tile = strip · panel, where the panel of 4 columns starts at `block[first]`. */
function multiplyTile(strip: Float64Array, block: Float64Array, first: number, steps: number): void {
  let c00 = 0;
  let c01 = 0;
  let c02 = 0;
  let c03 = 0;
  let c10 = 0;
  let c11 = 0;
  let c12 = 0;
  let c13 = 0;
  let c20 = 0;
  let c21 = 0;
  let c22 = 0;
  let c23 = 0;
  const end = steps * TILE_ROWS;
  for (let at = 0, bt = first; at < end; at += TILE_ROWS, bt += TILE_COLUMNS) {
    const a0 = strip[at]!;
    const a1 = strip[at + 1]!;
    const a2 = strip[at + 2]!;
    const b0 = block[bt]!;
    c00 += a0 * b0;
    c10 += a1 * b0;
    c20 += a2 * b0;
    const b1 = block[bt + 1]!;
    c01 += a0 * b1;
    c11 += a1 * b1;
    c21 += a2 * b1;
    const b2 = block[bt + 2]!;
    c02 += a0 * b2;
    c12 += a1 * b2;
    c22 += a2 * b2;
    const b3 = block[bt + 3]!;
    c03 += a0 * b3;
    c13 += a1 * b3;
    c23 += a2 * b3;
  }
  tile[0] = c00;
  tile[1] = c01;
  tile[2] = c02;
  tile[3] = c03;
  tile[4] = c10;
  tile[5] = c11;
  tile[6] = c12;
  tile[7] = c13;
  tile[8] = c20;
  tile[9] = c21;
  tile[10] = c22;
  tile[11] = c23;
}
