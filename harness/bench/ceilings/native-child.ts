import { Writer } from "protobufjs/minimal.js";

/**
 * A process of its own, `native-child.ts THREADS MILLISECONDS`: times onnxruntime-node's matrix product and writes
 * `{ gflops, source }` or `{ reason }` to stdout as JSON. A library's native code never runs in the checker's process.
 */

/**
 * The larger product has 0.9 G operations, against which the call from JavaScript is short, and operands that stay in
 * the cache of most cores. The smaller takes less than a scheduling quantum: on a loaded machine some of its runs are
 * not interrupted.
 */
const SIZES = [320, 768];
const CHECKED_ELEMENTS = 64;
const FEWEST_RUNS = 3;

/** ONNX's code for float32. */
const FLOAT = 1;
/** Of ONNX 1.10 and 1.8: old enough for any runtime, and MatMul has not changed since. */
const IR_VERSION = 8;
const OPERATOR_SET = 13;

const [threads = NaN, timeMs = NaN] = process.argv.slice(2).map(Number);
process.stdout.write(JSON.stringify(await measure()));
// The library's thread pool would keep the process alive.
process.exit(0);

async function measure(): Promise<object> {
  // The library reads it when it is loaded.
  process.env["ORT_DISABLE_TELEMETRY"] = "1";
  let library: typeof import("onnxruntime-node");
  try {
    library = await import("onnxruntime-node");
  } catch (error) {
    return { reason: `onnxruntime-node is not installed or does not load: ${reasonOf(error)}` };
  }
  try {
    let gflops = 0;
    for (const size of SIZES) gflops = Math.max(gflops, await bestGflops(library, size));
    return { gflops, source: `onnxruntime-node ${library.env.versions.node ?? ""}`.trim() };
  } catch (error) {
    return { reason: `onnxruntime-node's matrix product failed: ${reasonOf(error)}` };
  }
}

/** The best run's rate of a product of square matrices. */
async function bestGflops(
  { InferenceSession, Tensor, env }: typeof import("onnxruntime-node"),
  size: number,
): Promise<number> {
  env.logLevel = "error";
  // Small integers: every sum is exact, so that a wrong product shows.
  const a = Float32Array.from({ length: size * size }, (_, index) => ((index * 7) % 11) - 5);
  const b = Float32Array.from({ length: size * size }, (_, index) => ((index * 5) % 13) - 6);
  const session = await InferenceSession.create(matrixProductModel(size, b), {
    executionProviders: ["cpu"],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    logSeverityLevel: 3,
  });
  const feeds = { A: new Tensor("float32", a, [size, size]) };
  const c = new Float32Array(size * size);
  const fetches = { C: new Tensor("float32", c, [size, size]) };
  const startMs = performance.now();
  let bestMs = Infinity;
  for (let runs = 0; runs < FEWEST_RUNS || performance.now() - startMs < timeMs / SIZES.length; runs++) {
    const runMs = performance.now();
    await session.run(feeds, fetches);
    bestMs = Math.min(bestMs, performance.now() - runMs);
  }
  await session.release();
  assertProduct(a, b, c, size);
  return (2 * size ** 3) / bestMs / 1e6;
}

/**
 * The ONNX model C = A · B of square float32 matrices: A [size, size] is an input, B a constant, as a layer's weights
 * are. Source: onnx/onnx.proto3 of https://github.com/onnx/onnx (field numbers).
 */
function matrixProductModel(size: number, b: Float32Array): Uint8Array {
  const dimension = message([1, size]);
  const type = message([1, message([1, FLOAT], [2, message([1, dimension], [1, dimension])])]);
  const raw = new Uint8Array(b.buffer, b.byteOffset, b.byteLength);
  const graph = message(
    [1, message([1, "A"], [1, "B"], [2, "C"], [4, "MatMul"])],
    [2, "product"],
    [5, message([1, size], [1, size], [2, FLOAT], [8, "B"], [9, raw])],
    [11, message([1, "A"], [2, type])],
    [12, message([1, "C"], [2, type])],
  );
  return message([1, IR_VERSION], [7, graph], [8, message([1, ""], [2, OPERATOR_SET])]);
}

/** A protocol buffers message: field numbers and values, in order. */
function message(...fields: readonly (readonly [number: number, value: number | string | Uint8Array])[]): Uint8Array {
  const writer = Writer.create();
  for (const [number, value] of fields) {
    writer.uint32(number * 8 + (typeof value === "number" ? 0 : 2));
    if (typeof value === "number") writer.uint32(value);
    else if (typeof value === "string") writer.string(value);
    else writer.bytes(value);
  }
  return writer.finish();
}

function assertProduct(a: Float32Array, b: Float32Array, c: Float32Array, size: number): void {
  for (let sample = 0; sample < CHECKED_ELEMENTS; sample++) {
    const at = (sample * 9973) % c.length;
    const [row, column] = [Math.floor(at / size), at % size];
    let sum = 0;
    for (let k = 0; k < size; k++) sum += a[row * size + k]! * b[k * size + column]!;
    if (sum !== c[at]) throw new Error(`element ${at} is ${c[at]} and should be ${sum}`);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
}
