import { expect, test } from "vitest";
import { parseDescriptor } from "../../core/descriptor.ts";
import type { Pass } from "../../core/problem.ts";
import { algorithmOf } from "./algorithms.ts";
import { geometryOf, unsupportedByCudnn } from "./geometry.ts";
import cudnn from "./index.ts";
import { LIBRARY_NAMES, openLibraries, type Argument, type CudaLibraries, type OpenLibrary } from "./libraries.ts";
import { MATH, planPass } from "./plan.ts";

const problemOf = (descriptor: string, bias = true) => parseDescriptor(descriptor, bias).problem;

interface Result {
  readonly algorithm: number;
  readonly status?: number;
  readonly deterministic?: boolean;
  readonly math?: number;
}

/** Libraries that compute nothing: they hand out numbers as handles, offer the given algorithms, and keep the calls. */
function fakeLibraries(results: readonly Result[], failing?: string) {
  const calls: (readonly [string, ...Argument[]])[] = [];
  let handle = 1n;
  const cuda: CudaLibraries = {
    version: "9.1.0",
    call(name, ...args) {
      // Copied, as the caller may use its arrays again.
      calls.push([name, ...args.map((arg) => (arg instanceof Int32Array ? arg.slice() : arg))]);
      if (name === failing) throw new Error(`${name}: CUDNN_STATUS_NOT_SUPPORTED`);
      const [out] = args;
      if (/Create|Malloc/.test(name) && out instanceof BigUint64Array) out[0] = handle++;
      const [count, list] = args.slice(-2);
      if (name.endsWith("_v7") && count instanceof Int32Array && list instanceof DataView) {
        count[0] = results.length;
        for (const [index, { algorithm, status = 0, deterministic = true, math = 3 }] of results.entries()) {
          for (const [offset, value] of [algorithm, status, 0, 0, 0, 0, Number(deterministic), math].entries())
            list.setInt32(index * 48 + 4 * offset, value, true);
        }
      }
      const size = args.at(-1);
      if (name.endsWith("WorkspaceSize") && size instanceof BigUint64Array) size[0] = 256n;
    },
  };
  const named = (name: string) => calls.filter(([called]) => called === name);
  return { cuda, calls, named };
}

function chosen(pass: Pass, math: number, results: readonly Result[]): string {
  const descriptors = { handle: 1n, x: 2n, filter: 3n, convolution: 4n, y: 5n };
  return algorithmOf(fakeLibraries(results).cuda, pass, descriptors, math).name;
}

test("a 1-D problem is a 2-D one of height 1", () => {
  expect(geometryOf(problemOf("g2mb3ic4oc6iw9kw3sw2pw1dw1"))).toEqual({
    x: [3, 4, 1, 9],
    weights: [6, 2, 1, 3],
    y: [3, 6, 1, 4],
    bias: [1, 6, 1, 1],
    padding: [0, 1],
    stride: [1, 2],
    dilation: [1, 2],
  });
});

test("uneven padding is unsupported where a window reads it", () => {
  const { padEnd: _, ...even } = problemOf("mb1ic1oc1iw8kw3sw2pw1");
  expect(unsupportedByCudnn({ ...even, padEnd: [1] })).toBeUndefined();
  expect(unsupportedByCudnn({ ...even, padEnd: [0] })).toBeUndefined();
  expect(unsupportedByCudnn({ ...even, padEnd: [2] })).toBe("cuDNN pads both ends alike, not 1 and 2");
  expect(unsupportedByCudnn({ ...even, padEnd: [-1] })).toBe("cuDNN does not crop (padding 1, -1)");
});

test("transforms, sums in an order of chance and, for float32, tensor cores are passed over", () => {
  const offers = [{ algorithm: 6 }, { algorithm: 1, status: 9 }, { algorithm: 0, math: 1 }, { algorithm: 2 }];
  expect(chosen("forward", MATH.float32, offers)).toBe("GEMM");
  expect(chosen("forward", MATH.tf32, offers)).toBe("implicit GEMM");
  expect(chosen("backwardWeights", MATH.float32, [{ algorithm: 0, deterministic: false }, { algorithm: 1 }])).toBe(
    "algorithm 1",
  );
  expect(() => chosen("backwardData", MATH.float32, [{ algorithm: 4 }])).toThrow("no algorithm for this problem");
});

test("a plan sets its descriptors, runs, waits, and gives back all that it took", async () => {
  const { cuda, calls, named } = fakeLibraries([{ algorithm: 1 }]);
  const problem = problemOf("g2mb2ic4oc6id5ih6iw7kd3kh3kw3sd2sh2sw2pd1ph1pw1");
  const plan = planPass(cuda, problem, "backwardWeights", "float32");
  expect({ ...plan }).toMatchObject({ choice: "algorithm 1", workspaceBytes: 256 });
  expect(named("cudnnSetTensorNdDescriptor")[0]!.slice(2)).toEqual([
    0,
    5,
    Int32Array.of(2, 4, 5, 6, 7),
    Int32Array.of(840, 210, 42, 7, 1),
  ]);
  expect(named("cudnnSetConvolutionGroupCount")[0]![2]).toBe(2);
  expect(named("cudnnSetConvolutionMathType").map(([, , math]) => math)).toEqual([3]);
  await plan.load({ x: new Float32Array(1680), dy: new Float32Array(2 * 6 * 3 * 3 * 4) });
  await plan.run();
  expect(calls.slice(-3).map(([name]) => name)).toEqual([
    "cudnnConvolutionBackwardFilter",
    "cudnnConvolutionBackwardBias",
    "cudaDeviceSynchronize",
  ]);
  await plan.read({ dWeights: new Float32Array(324), dBias: new Float32Array(6) });
  expect(calls.slice(-2).map(([, , , bytes, kind]) => [bytes, kind])).toEqual([
    [1296, 2],
    [24, 2],
  ]);
  await plan.dispose?.();
  const made = calls.filter(([name]) => /Create|Malloc/.test(name)).length;
  const freed = calls.filter(([name]) => /Destroy|Free/.test(name));
  expect(freed).toHaveLength(made);
  expect(new Set(freed.map(([, pointer]) => pointer)).size).toBe(made);
});

test("what a plan took is given back when it cannot be made", () => {
  const { cuda, calls } = fakeLibraries([{ algorithm: 1 }], "cudnnSetConvolutionNdDescriptor");
  expect(() => planPass(cuda, problemOf("mb1ic1oc1iw3kw2"), "forward", "tf32")).toThrow("CUDNN_STATUS_NOT_SUPPORTED");
  expect(calls.filter(([name]) => /Create|Malloc/.test(name)).length).toBeGreaterThan(0);
  expect(calls.filter(([name]) => /Destroy|Free/.test(name))).toHaveLength(
    calls.filter(([name]) => /Create|Malloc/.test(name)).length,
  );
});

test("what is missing is said, with its cure", () => {
  const open =
    (present: readonly string[], status: number): OpenLibrary =>
    (name) => {
      if (!present.includes(name)) throw new Error("no such library");
      return {
        func: (prototype) =>
          prototype.includes("ErrorString") ? () => "no CUDA-capable device is detected" : () => status,
      };
    };
  const missing = (present: readonly string[], status: number): string => {
    const found = openLibraries(open(present, status));
    return "missing" in found ? found.missing : found.version;
  };
  const [[, runtime = ""], [library = ""]] = [LIBRARY_NAMES.runtime, LIBRARY_NAMES.cudnn];
  expect(missing([], 0)).toMatch(/^CUDA's runtime is not found \(.*\): install it/);
  expect(missing([runtime], 0)).toMatch(/^cuDNN is not found \(.*\): install it/);
  expect(missing([runtime, library], 100)).toMatch(/^CUDA finds no GPU: install NVIDIA's driver .*no CUDA-capable/);
  expect(missing([runtime, library], 0)).toBe("CUDA finds no GPU");
});

test.skipIf(cudnn[0]!.unavailable?.() !== undefined)("it is there where its libraries and a GPU are", () => {
  expect(cudnn[0]!.version).toMatch(/^\d+\.\d+\.\d+$/);
});
