import type { Product } from "./product.ts";
import { blocksText, preamble, storeText, type Shader, type ShaderOptions } from "./shader-text.ts";

const THREADS = 64;
/** Results that a thread keeps in registers. */
const MOST_RESULTS = 8;

/**
 * A product with few rows (depthwise layers, few channels) or few columns (fully connected ones): neighbouring threads
 * do neighbouring columns (`lanes: "columns"`) or rows, each up to eight of the other. Threads of a workgroup read
 * shared elements at the same address; workgroup memory is not used.
 */
export function directShader(product: Product, options: ShaderOptions, lanes: "columns" | "rows"): Shader {
  const others = lanes === "columns" ? product.rows : product.columns;
  const results = Math.min(others, MOST_RESULTS);
  const indices = Array.from({ length: results }, (_, index) => index);
  const laneBlocks = Math.ceil((lanes === "columns" ? product.columns : product.rows) / THREADS);
  const otherBlocks = Math.ceil(others / results);
  const [rowBlocks, columnBlocks] = lanes === "columns" ? [otherBlocks, laneBlocks] : [laneBlocks, otherBlocks];
  const row = (index: number): string =>
    lanes === "columns" ? `rowBlock * ${results} + ${index}` : `rowBlock * ${THREADS} + thread`;
  const column = (index: number): string =>
    lanes === "columns" ? `columnBlock * ${THREADS} + thread` : `columnBlock * ${results} + ${index}`;
  const rowStart = (index: number): string => `aRowStart(min(${row(index)}, ROWS - 1), group)`;
  const columnAt = (index: number): string => `columnOf(min(${column(index)}, COLUMNS - 1), group)`;
  const factor = (i: number): string =>
    lanes === "columns" ? `aAt(start${i}, k, step)` : `sourceAt(column${i}, step)`;
  const stored = (i: number): string =>
    `store(${row(i)}, ${column(i)} < COLUMNS, outAt(${column(i)}, group, slice), group, sum${i});`;
  const code = `${preamble(product, options)}${storeText(product, options)}
${blocksText(product, THREADS, rowBlocks, columnBlocks, options.splits)}
  ${
    lanes === "columns"
      ? `let own = ${columnAt(0)};\n  ${indices.map((i) => `let start${i} = ${rowStart(i)};`).join("\n  ")}`
      : `let own = ${rowStart(0)};\n  ${indices.map((i) => `let column${i} = ${columnAt(i)};`).join("\n  ")}`
  }
  ${indices.map((i) => `var sum${i} = 0.0;`).join("\n  ")}
  for (var k = kBegin; k < kEnd; k++) {
    let step = stepOf(k);
    let element = ${lanes === "columns" ? "sourceAt(own, step)" : "aAt(own, k, step)"};
    ${indices.map((i) => `sum${i} += element * ${factor(i)};`).join("\n    ")}
  }
  ${indices.map(stored).join("\n  ")}
}
`;
  return { code, workgroups: rowBlocks * columnBlocks * options.splits * product.groups };
}

/**
 * A product of few results and long sums (weight gradients of depthwise layers, fully connected layers of one image): a
 * workgroup does one row of up to eight columns, its threads share the steps of the sum in turn, and their sums are
 * added in a fixed tree.
 */
export function dotShader(product: Product, options: ShaderOptions): Shader {
  const blocks = Math.ceil(product.columns / MOST_RESULTS);
  const results = Math.ceil(product.columns / blocks);
  const indices = Array.from({ length: results }, (_, index) => index);
  const code = `${preamble(product, options)}${storeText(product, options)}
var<workgroup> sums: array<f32, ${THREADS * results}>;
${blocksText(product, THREADS, product.rows, blocks, options.splits)}
  let row = rowBlock;
  let start = aRowStart(row, group);
  let first = columnBlock * ${results};
  ${indices.map((i) => `let column${i} = columnOf(min(first + ${i}, COLUMNS - 1), group);`).join("\n  ")}
  ${indices.map((i) => `var sum${i} = 0.0;`).join("\n  ")}
  for (var k = kBegin + thread; k < kEnd; k += ${THREADS}) {
    let step = stepOf(k);
    let element = aAt(start, k, step);
    ${indices.map((i) => `sum${i} += element * sourceAt(column${i}, step);`).join("\n    ")}
  }
  ${indices.map((i) => `sums[${i * THREADS} + thread] = sum${i};`).join("\n  ")}
  for (var half = ${THREADS / 2}; half > 0; half /= 2) {
    workgroupBarrier();
    if (thread < half) {
      ${indices.map((i) => `sums[${i * THREADS} + thread] += sums[${i * THREADS} + thread + half];`).join("\n      ")}
    }
  }
  workgroupBarrier();
  if (thread < ${results}) {
    let column = first + thread;
    store(row, column < COLUMNS, outAt(column, group, slice), group, sums[thread * ${THREADS}]);
  }
}
`;
  return { code, workgroups: product.rows * blocks * options.splits * product.groups };
}
