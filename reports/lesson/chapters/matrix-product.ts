import type { Chapter } from "./chapter.ts";

export const matrixProduct: Chapter = {
  lead:
    "Copy every window into a column, and the convolution is one matrix product: the operation that " +
    "computers are best at.",
  examples: [],
  tests: ["reports/lesson/numbers/numbers.test.ts", "suites/laws/matrix-product.ts"],
  body: String.raw`
<h2>im2col, then GEMM</h2>
<p>First the matrix is built while you watch, column by column; then each column is multiplied with the filters.
(GEMM is the <em>general matrix-matrix multiplication</em> of numerical libraries.)</p>
<im2col-figure aria-label="im2col and the matrix product, step by step"></im2col-figure>
<h2>What it costs</h2>
<p>No multiplication is saved. Inputs are copied up to $K^2$ times, and that is memory:</p>
<cost-figure aria-label="The memory of im2col"></cost-figure>
<p>It pays all the same, because a good GEMM reaches most of what a processor can do. Fast implementations never make
the
whole matrix: they copy a small block of it at a time, small enough for the cache (“implicit GEMM”; this project's
wasm-gemm does it, and you can time it in <a href="breakdown.html">the last chapter</a>).</p>`,
};
