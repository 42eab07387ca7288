import { platform } from "node:process";

/**
 * What a C function may be given: a number, a device pointer or a handle, memory of this process, or a null pointer.
 */
export type Argument = number | bigint | ArrayBufferView | null;

/** Functions of CUDA's runtime and of cuDNN that return a status, 0 for success. */
export interface CudaLibraries {
  /** @throws Error with the library's words where the status is not 0 */
  call(name: FunctionName, ...args: readonly Argument[]): void;
  /** cuDNN's, such as `9.1.0`. */
  readonly version: string;
}

export type FunctionName = keyof typeof SIGNATURES;

/**
 * The arguments of every function that is called. Handles, descriptors and pointers are `void *`, enumerations `int`.
 * Source: CUDA Runtime API and cuDNN API reference (the functions of cuDNN 8 that cuDNN 9 still has),
 * https://docs.nvidia.com/deeplearning/cudnn/
 */
const SIGNATURES = {
  cudaGetDeviceCount: "void *",
  cudaMalloc: "void *, size_t",
  cudaFree: "void *",
  cudaMemcpy: "void *, void *, size_t, int",
  cudaMemset: "void *, int, size_t",
  cudaDeviceSynchronize: "",
  cudnnCreate: "void *",
  cudnnDestroy: "void *",
  cudnnCreateTensorDescriptor: "void *",
  cudnnSetTensorNdDescriptor: "void *, int, int, void *, void *",
  cudnnDestroyTensorDescriptor: "void *",
  cudnnCreateFilterDescriptor: "void *",
  cudnnSetFilterNdDescriptor: "void *, int, int, int, void *",
  cudnnDestroyFilterDescriptor: "void *",
  cudnnCreateConvolutionDescriptor: "void *",
  cudnnSetConvolutionNdDescriptor: "void *, int, void *, void *, void *, int, int",
  cudnnSetConvolutionGroupCount: "void *, int",
  cudnnSetConvolutionMathType: "void *, int",
  cudnnDestroyConvolutionDescriptor: "void *",
  // handle, two descriptors of operands, the convolution's, the output's, how many, how many came, the results
  cudnnGetConvolutionForwardAlgorithm_v7: "void *, void *, void *, void *, void *, int, void *, void *",
  cudnnGetConvolutionBackwardDataAlgorithm_v7: "void *, void *, void *, void *, void *, int, void *, void *",
  cudnnGetConvolutionBackwardFilterAlgorithm_v7: "void *, void *, void *, void *, void *, int, void *, void *",
  // the same up to the output's, then the algorithm and the size
  cudnnGetConvolutionForwardWorkspaceSize: "void *, void *, void *, void *, void *, int, void *",
  cudnnGetConvolutionBackwardDataWorkspaceSize: "void *, void *, void *, void *, void *, int, void *",
  cudnnGetConvolutionBackwardFilterWorkspaceSize: "void *, void *, void *, void *, void *, int, void *",
  // handle, alpha, an operand and its descriptor twice, the convolution's, algorithm, workspace and its size, beta, the
  // output and its descriptor
  cudnnConvolutionForward:
    "void *, void *, void *, void *, void *, void *, void *, int, void *, size_t, void *, void *, void *",
  cudnnConvolutionBackwardData:
    "void *, void *, void *, void *, void *, void *, void *, int, void *, size_t, void *, void *, void *",
  cudnnConvolutionBackwardFilter:
    "void *, void *, void *, void *, void *, void *, void *, int, void *, size_t, void *, void *, void *",
  cudnnConvolutionBackwardBias: "void *, void *, void *, void *, void *, void *, void *",
  cudnnAddTensor: "void *, void *, void *, void *, void *, void *, void *",
} as const;

/** The names under which the libraries are looked for, the newest first. */
export const LIBRARY_NAMES = {
  runtime:
    platform === "win32"
      ? ["cudart64_13.dll", "cudart64_12.dll", "cudart64_110.dll"]
      : ["libcudart.so.13", "libcudart.so.12", "libcudart.so.11.0", "libcudart.so"],
  cudnn: platform === "win32" ? ["cudnn64_9.dll", "cudnn64_8.dll"] : ["libcudnn.so.9", "libcudnn.so.8", "libcudnn.so"],
} as const;

/** A function of a C library, by its prototype. */
type NativeFunction = (...args: readonly Argument[]) => unknown;

/** Opens a C library by name; throws where it is not found. */
export type OpenLibrary = (name: string) => { readonly func: (prototype: string) => NativeFunction };

/** The opened libraries, or what is missing and how to install it. */
export function openLibraries(open: OpenLibrary): CudaLibraries | { readonly missing: string } {
  const runtime = firstOf(open, LIBRARY_NAMES.runtime);
  if (runtime === undefined) return { missing: notFound("CUDA's runtime", LIBRARY_NAMES.runtime) };
  const cudnn = firstOf(open, LIBRARY_NAMES.cudnn);
  if (cudnn === undefined) return { missing: notFound("cuDNN", LIBRARY_NAMES.cudnn) };
  const bound = new Map<FunctionName, NativeFunction>();
  const words = {
    cuda: runtime.func("const char *cudaGetErrorString(int)"),
    cudnn: cudnn.func("const char *cudnnGetErrorString(int)"),
  };
  const libraries: CudaLibraries = {
    version: versionText(Number(cudnn.func("size_t cudnnGetVersion()")())),
    call(name, ...args) {
      const isRuntime = name.startsWith("cuda");
      const native = bound.get(name) ?? (isRuntime ? runtime : cudnn).func(`int ${name}(${SIGNATURES[name]})`);
      bound.set(name, native);
      const status = Number(native(...args));
      if (status !== 0) throw new Error(`${name}: ${String(words[isRuntime ? "cuda" : "cudnn"](status))}`);
    },
  };
  const count = new Int32Array(1);
  try {
    libraries.call("cudaGetDeviceCount", count);
  } catch (error) {
    return {
      missing: `CUDA finds no GPU: install NVIDIA's driver (nvidia-smi shows whether it runs) (${wordsOf(error)})`,
    };
  }
  return count[0]! > 0 ? libraries : { missing: "CUDA finds no GPU" };
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function firstOf(open: OpenLibrary, names: readonly string[]): ReturnType<OpenLibrary> | undefined {
  for (const name of names) {
    try {
      return open(name);
    } catch {
      continue;
    }
  }
  return undefined;
}

function notFound(what: string, names: readonly string[]): string {
  const where = platform === "win32" ? "PATH" : "LD_LIBRARY_PATH";
  return `${what} is not found (${names.join(", ")}): install it, or put its folder into ${where} (docs/gpu.md)`;
}

/** 8907 is 8.9.7; from 9 on 90100 is 9.1.0. */
function versionText(version: number): string {
  const unit = version >= 90_000 ? 10_000 : 1000;
  return `${Math.floor(version / unit)}.${Math.floor((version % unit) / 100)}.${version % 100}`;
}

let opened: Promise<CudaLibraries | { readonly missing: string }> | undefined;

/** The libraries by koffi, opened once per process. */
export function cudaLibraries(): Promise<CudaLibraries | { readonly missing: string }> {
  opened ??= import("koffi").then(
    ({ default: koffi }) => openLibraries((name) => koffi.load(name)),
    (error: unknown) => ({ missing: `koffi cannot be loaded (npm install koffi): ${wordsOf(error)}` }),
  );
  return opened;
}
