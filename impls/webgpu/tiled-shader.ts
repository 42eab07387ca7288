import type { Product } from "./product.ts";
import { blocksText, DEPTH_STEP, preamble, storeText, type Shader, type ShaderOptions } from "./shader-text.ts";

/** The part of the product that a workgroup does; a thread does `threadRows` rows of 4 columns. */
export interface Tile {
  readonly rows: number;
  readonly columns: number;
  readonly threadRows: 4 | 8;
}

/**
 * A product by tiles: a workgroup loads DEPTH_STEP steps of its rows of A and of its columns of the source into
 * workgroup memory, four rows or columns to a vector, and every thread multiplies its rows with its four columns in
 * registers. The next steps' elements are loaded into registers before these are multiplied, which hides the latency of
 * the loads.
 *
 * A thread's step reads threadRows/4 + 1 vectors of workgroup memory for 4·threadRows multiply-adds; a workgroup's tile
 * reads rows + columns elements of memory for rows·columns.
 */
export function tiledShader(product: Product, options: ShaderOptions, tile: Tile): Shader {
  const columnVectors = tile.columns / 4;
  const rowVectors = tile.rows / 4;
  const threads = columnVectors * (tile.rows / tile.threadRows);
  const rowBlocks = Math.ceil(product.rows / tile.rows);
  const columnBlocks = Math.ceil(product.columns / tile.columns);
  const aReads = reads(DEPTH_STEP * rowVectors, threads);
  const bReads = reads(DEPTH_STEP * columnVectors, threads);
  const each = (count: number, text: (index: number) => string): string =>
    Array.from({ length: count }, (_, index) => text(index)).join("\n");
  const vectors = tile.threadRows / 4;
  const aRow = (read: number): string => `thread / ${DEPTH_STEP} + ${(read * threads) / DEPTH_STEP}`;
  const aPlace = (read: number): string => `aTile[aStep * ${rowVectors} + ${aRow(read)}]`;
  const bStep = (read: number): string => `next + threadRow + ${(read * threads) / columnVectors}`;
  const aVector = (vector: number): string => `aTile[step * ${rowVectors} + threadRow * ${vectors} + ${vector}]`;
  const stored = (row: number, lane: number): string =>
    `store(row + ${row}, firstColumn + ${lane} < COLUMNS, at${lane}, group, sum${row}.${"xyzw"[lane]});`;
  const code = `${preamble(product, options)}${storeText(product, options)}
var<workgroup> aTile: array<vec4<f32>, ${DEPTH_STEP * rowVectors}>;
var<workgroup> bTile: array<vec4<f32>, ${DEPTH_STEP * columnVectors}>;
fn aVector(starts: vec4<i32>, k: i32) -> vec4<f32> {
  if (k >= DEPTH) { return vec4<f32>(); }
  let step = stepOf(k);
  return vec4<f32>(aAt(starts.x, k, step), aAt(starts.y, k, step), aAt(starts.z, k, step), aAt(starts.w, k, step));
}
fn rowStarts(row: i32, group: i32) -> vec4<i32> {
  return vec4<i32>(${[0, 1, 2, 3].map((lane) => `aRowStart(min(row + ${lane}, ROWS - 1), group)`).join(", ")});
}
fn columnAt(column: i32, group: i32) -> Column { return columnOf(min(column, COLUMNS - 1), group); }
${blocksText(product, threads, rowBlocks, columnBlocks, options.splits)}
  let threadColumn = thread % ${columnVectors};
  let threadRow = thread / ${columnVectors};
  let firstRow = rowBlock * ${tile.rows};
  let firstColumn = columnBlock * ${tile.columns} + threadColumn * 4;
  ${each(4, (lane) => `let column${lane} = columnAt(firstColumn + ${lane}, group);`)}
  let aStep = thread % ${DEPTH_STEP};
  ${each(aReads.length, (read) => `let starts${read} = rowStarts(firstRow + (${aRow(read)}) * 4, group);`)}
  ${each(aReads.length, (read) => `var a${read} = vec4<f32>();`)}
  ${each(bReads.length, (read) => `var b${read} = vec4<f32>();`)}
  ${each(tile.threadRows, (row) => `var sum${row} = vec4<f32>();`)}
  for (var k = kBegin - ${DEPTH_STEP}; k < kEnd; k += ${DEPTH_STEP}) {
    if (k >= kBegin) {
      ${each(aReads.length, (read) => guarded(aReads[read], `${aPlace(read)} = a${read};`))}
      ${each(bReads.length, (read) => guarded(bReads[read], `bTile[thread + ${read * threads}] = b${read};`))}
    }
    workgroupBarrier();
    let next = k + ${DEPTH_STEP};
    if (next < kEnd) {
      ${each(aReads.length, (read) => guarded(aReads[read], `a${read} = aVector(starts${read}, next + aStep);`))}
      ${each(bReads.length, (read) => guarded(bReads[read], readColumns(read, bStep(read))))}
    }
    if (k >= kBegin) {
      for (var step = 0; step < ${DEPTH_STEP}; step++) {
        let b = bTile[step * ${columnVectors} + threadColumn];
        ${each(vectors, (vector) => `let r${vector} = ${aVector(vector)};`)}
        ${each(tile.threadRows, (row) => `sum${row} += r${row >> 2}.${"xyzw"[row & 3]} * b;`)}
      }
    }
    workgroupBarrier();
  }
  let row = firstRow + threadRow * ${tile.threadRows};
  ${each(
    4,
    (lane) => `let at${lane} = outAt(firstColumn + ${lane}, group, slice);
  ${each(tile.threadRows, (row) => stored(row, lane))}`,
  )}
}
`;
  return { code, workgroups: rowBlocks * columnBlocks * options.splits * product.groups };
}

/** For each read of a thread the condition for threads to take part; undefined for all threads. */
function reads(vectors: number, threads: number): readonly (string | undefined)[] {
  return Array.from({ length: Math.ceil(vectors / threads) }, (_, read) =>
    (read + 1) * threads <= vectors ? undefined : `thread < ${vectors - read * threads}`,
  );
}

function guarded(condition: string | undefined, text: string): string {
  return condition === undefined ? text : `if (${condition}) { ${text} }`;
}

function readColumns(read: number, step: string): string {
  const lanes = [0, 1, 2, 3].map((lane) => `sourceAt(column${lane}, step)`).join(", ");
  return `{ let k = ${step};
      if (k < DEPTH) { let step = stepOf(k); b${read} = vec4<f32>(${lanes}); } else { b${read} = vec4<f32>(); } }`;
}
