import { readFileSync } from "node:fs";
import {
  addProductPlainly,
  DEPTH,
  packBlock,
  packStrip,
  TILE_COLUMNS,
  TILE_ROWS,
  WIDTH,
  type Accumulators,
  type MatrixView,
} from "./matrix-product.ts";
import type { Floats } from "./operands.ts";

/** The innermost loops in WebAssembly SIMD (assembly/strip-product.ts), and the memory that they work in. */
interface StripKernel {
  readonly strip: Float64Array;
  readonly block: Float64Array;
  /** TILE_ROWS rows of WIDTH sums. */
  readonly values: Float64Array;
  readonly magnitudes: Float64Array;
  multiply(steps: number, columns: number, withMagnitudes: boolean): void;
}

const PAGE_BYTES = 2 ** 16;
const FIRST_BYTE = 1024;

function makeKernel(): StripKernel | undefined {
  const bytes = new Uint8Array(readFileSync(new URL("assembly/strip-product.simd.wasm", import.meta.url)));
  if (!WebAssembly.validate(bytes)) return undefined;
  const strip = FIRST_BYTE;
  const block = strip + 8 * TILE_ROWS * DEPTH;
  const values = block + 8 * DEPTH * WIDTH;
  const magnitudes = values + 8 * TILE_ROWS * WIDTH;
  const end = magnitudes + 8 * TILE_ROWS * WIDTH;
  const memory = new WebAssembly.Memory({ initial: Math.ceil(end / PAGE_BYTES) });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  const { multiply, multiplyWithMagnitudes } = exports;
  if (!isKernel(multiply) || !isKernel(multiplyWithMagnitudes)) throw new Error("strip-product lacks a function");
  const floats = (at: number, length: number): Float64Array => new Float64Array(memory.buffer, at, length);
  return {
    strip: floats(strip, TILE_ROWS * DEPTH),
    block: floats(block, DEPTH * WIDTH),
    values: floats(values, TILE_ROWS * WIDTH),
    magnitudes: floats(magnitudes, TILE_ROWS * WIDTH),
    multiply(steps, columns, withMagnitudes) {
      if (withMagnitudes) multiplyWithMagnitudes(strip, block, steps, columns, values, magnitudes, 8 * WIDTH);
      else multiply(strip, block, steps, columns, values, 8 * WIDTH);
    },
  };
}

function isKernel(value: unknown): value is (...values: readonly number[]) => void {
  return typeof value === "function";
}

let known: { readonly kernel: StripKernel | undefined } | undefined;

/**
 * c += a·b, and c's magnitudes += |a|·|b|, as `addProductPlainly` and bit for bit the same: the blocks are its blocks,
 * and WebAssembly's vectors round as its numbers do. Both sums come from one product. An engine without SIMD takes the
 * plain loops.
 */
export function addProduct(a: MatrixView<Floats>, b: MatrixView<Floats>, c: MatrixView<Accumulators>): void {
  const { kernel } = (known ??= { kernel: makeKernel() });
  if (kernel === undefined) return addProductPlainly(a, b, c);
  const [height, width, depth] = [a.rows.length, b.columns.length, b.rows.length];
  const { value, magnitude } = c.values;
  for (let column = 0; column < width; column += WIDTH) {
    const columns = Math.min(WIDTH, width - column);
    const panelColumns = Math.ceil(columns / TILE_COLUMNS) * TILE_COLUMNS;
    for (let step = 0; step < depth; step += DEPTH) {
      const steps = Math.min(DEPTH, depth - step);
      packBlock(b, step, steps, column, columns, kernel.block);
      for (let row = 0; row < height; row += TILE_ROWS) {
        packStrip(a, row, step, steps, kernel.strip);
        kernel.multiply(steps, panelColumns, magnitude !== undefined);
        const rows = Math.min(TILE_ROWS, height - row);
        addRows(kernel.values, value, c, row, rows, column, columns);
        if (magnitude !== undefined) addRows(kernel.magnitudes, magnitude, c, row, rows, column, columns);
      }
    }
  }
}

/** Adds rows of sums to c. */
function addRows(
  sums: Float64Array,
  target: Float64Array,
  c: MatrixView<unknown>,
  row: number,
  rows: number,
  column: number,
  columns: number,
): void {
  for (let i = 0; i < rows; i++) {
    const start = c.origin + c.rows[row + i]!;
    for (let j = 0; j < columns; j++) target[start + c.columns[column + j]!]! += sums[i * WIDTH + j]!;
  }
}
