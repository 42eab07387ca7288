import { matrixProductModel } from "./matrix-product-model.ts";

/**
 * A process of its own, `native-child.ts THREADS MILLISECONDS`: times onnxruntime-node's matrix product and writes
 * `{ gflops, source }` or `{ reason }` to stdout as JSON. A library's native code never runs in the judge's process.
 */

/** Operands of 2.25 MiB each stay in the cache of most cores; 0.9 G operations hide the way through JavaScript. */
const SIZE = 768;
const OPERATIONS = 2 * SIZE ** 3;
const CHECKED_ELEMENTS = 64;
const FEWEST_RUNS = 3;

const [threads = NaN, timeMs = NaN] = process.argv.slice(2).map(Number);
process.stdout.write(JSON.stringify(await measure()));
// Its thread pool does not keep a process waiting.
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
    return { gflops: await bestGflops(library), source: `onnxruntime-node ${library.env.versions.node ?? ""}`.trim() };
  } catch (error) {
    return { reason: `onnxruntime-node's matrix product failed: ${reasonOf(error)}` };
  }
}

async function bestGflops({ InferenceSession, Tensor, env }: typeof import("onnxruntime-node")): Promise<number> {
  env.logLevel = "error";
  // Small integers: every sum is exact, so that a wrong product shows.
  const a = Float32Array.from({ length: SIZE * SIZE }, (_, index) => ((index * 7) % 11) - 5);
  const b = Float32Array.from({ length: SIZE * SIZE }, (_, index) => ((index * 5) % 13) - 6);
  const session = await InferenceSession.create(matrixProductModel(SIZE, b), {
    executionProviders: ["cpu"],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    logSeverityLevel: 3,
  });
  const feeds = { A: new Tensor("float32", a, [SIZE, SIZE]) };
  const c = new Float32Array(SIZE * SIZE);
  const fetches = { C: new Tensor("float32", c, [SIZE, SIZE]) };
  const startMs = performance.now();
  let bestMs = Infinity;
  for (let runs = 0; runs < FEWEST_RUNS || performance.now() - startMs < timeMs; runs++) {
    const runMs = performance.now();
    await session.run(feeds, fetches);
    bestMs = Math.min(bestMs, performance.now() - runMs);
  }
  assertProduct(a, b, c);
  return OPERATIONS / bestMs / 1e6;
}

function assertProduct(a: Float32Array, b: Float32Array, c: Float32Array): void {
  for (let sample = 0; sample < CHECKED_ELEMENTS; sample++) {
    const at = (sample * 9973) % c.length;
    const [row, column] = [Math.floor(at / SIZE), at % SIZE];
    let sum = 0;
    for (let k = 0; k < SIZE; k++) sum += a[row * SIZE + k]! * b[k * SIZE + column]!;
    if (sum !== c[at]) throw new Error(`element ${at} is ${c[at]} and should be ${sum}`);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
}
