import type { Pass } from "../../core/problem.ts";
import type { CudaLibraries } from "./libraries.ts";

/** An algorithm of cuDNN. */
export interface Algorithm {
  /** Its number in the pass's enumeration. */
  readonly number: number;
  readonly name: string;
  readonly workspaceBytes: number;
}

interface Descriptors {
  readonly handle: bigint;
  readonly x: bigint;
  readonly filter: bigint;
  readonly convolution: bigint;
  readonly y: bigint;
}

/**
 * The algorithms that are sums of products, by their numbers (cudnnConvolutionFwdAlgo_t, …BwdDataAlgo_t,
 * …BwdFilterAlgo_t). The transforms (FFT and Winograd) are left out: cuDNN does not tell their tile size, so they have
 * no known error bound. cuDNN tells which algorithms add in a random order.
 */
const SUMS: Readonly<Record<Pass, Readonly<Record<number, string>>>> = {
  forward: { 0: "implicit GEMM", 1: "implicit precomputed GEMM", 2: "GEMM", 3: "direct" },
  backwardData: { 0: "algorithm 0", 1: "algorithm 1" },
  backwardWeights: { 0: "algorithm 0", 1: "algorithm 1", 3: "algorithm 3" },
};

/**
 * cudnnConvolutionFwdAlgoPerf_t and its siblings: algo, status, time (float), memory (size_t), determinism, mathType,
 * three reserved.
 */
const RESULT_BYTES = 48;
const MOST_RESULTS = 16;
/** CUDNN_TENSOR_OP_MATH, CUDNN_TENSOR_OP_MATH_ALLOW_CONVERSION. */
const TENSOR_OPERATIONS = [1, 2];
const FMA = 3;

/** The name of a pass in cuDNN's functions, and the order in which these take the descriptors. */
function queryOf(
  pass: Pass,
  { handle, x, filter, convolution, y }: Descriptors,
): { readonly word: "Forward" | "BackwardData" | "BackwardFilter"; readonly given: readonly bigint[] } {
  switch (pass) {
    case "forward":
      return { word: "Forward", given: [handle, x, filter, convolution, y] };
    case "backwardData":
      return { word: "BackwardData", given: [handle, filter, y, convolution, x] };
    case "backwardWeights":
      return { word: "BackwardFilter", given: [handle, x, y, convolution, filter] };
  }
}

/**
 * cuDNN's first choice, by its heuristics, among deterministic sums. The convolution descriptor is set to the math type
 * that the choice needs.
 */
export function algorithmOf(cuda: CudaLibraries, pass: Pass, descriptors: Descriptors, math: number): Algorithm {
  const results = new DataView(new ArrayBuffer(RESULT_BYTES * MOST_RESULTS));
  const count = new Int32Array(1);
  const { word, given } = queryOf(pass, descriptors);
  const setMath = (type: number): void => cuda.call("cudnnSetConvolutionMathType", descriptors.convolution, type);
  setMath(math);
  cuda.call(`cudnnGetConvolution${word}Algorithm_v7`, ...given, MOST_RESULTS, count, results);
  for (let index = 0; index < count[0]!; index++) {
    const int = (offset: number): number => results.getInt32(index * RESULT_BYTES + offset, true);
    const [number, status, isDeterministic, ownMath] = [int(0), int(4), int(24) === 1, int(28)];
    const name = SUMS[pass][number];
    if (status !== 0 || name === undefined || !isDeterministic) continue;
    // Asked for float32 products, cuDNN may still name algorithms for tensor cores.
    if (math === FMA && TENSOR_OPERATIONS.includes(ownMath)) continue;
    if (math !== FMA) setMath(ownMath);
    const bytes = new BigUint64Array(1);
    cuda.call(`cudnnGetConvolution${word}WorkspaceSize`, ...given, number, bytes);
    return { number, name, workspaceBytes: Number(bytes[0]) };
  }
  throw new Error("cuDNN offers no algorithm for this problem that adds products in a fixed order");
}
