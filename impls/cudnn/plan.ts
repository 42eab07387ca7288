import { rowMajorStrides } from "../../core/indexing.ts";
import type { Plan, TensorName, Tensors } from "../../core/plugin.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { required } from "../support/tensor.ts";
import { algorithmOf } from "./algorithms.ts";
import { geometryOf } from "./geometry.ts";
import type { Argument, CudaLibraries, FunctionName } from "./libraries.ts";

/** CUDNN_FMA_MATH: float32 all through. CUDNN_DEFAULT_MATH lets tensor cores round operands to TensorFloat-32. */
export const MATH = { float32: 3, tf32: 0 } as const;

const FLOAT = 0;
const NCHW = 0;
const CROSS_CORRELATION = 1;
const HOST_TO_DEVICE = 1;
const DEVICE_TO_HOST = 2;
const ONE = Float32Array.of(1);
const ZERO = Float32Array.of(0);
/** Bytes that make every element NaN, so that an element that is not written shows. */
const POISON = 0xff;

type Kind = "Tensor" | "Filter" | "Convolution";

/** Handles, descriptors and device memory of a plan, given back in the reverse order. */
class Resources {
  readonly #cuda: CudaLibraries;
  readonly #freed: (() => void)[] = [];

  constructor(cuda: CudaLibraries) {
    this.#cuda = cuda;
  }

  create(create: FunctionName, destroy: FunctionName, ...args: readonly Argument[]): bigint {
    const out = new BigUint64Array(1);
    this.#cuda.call(create, out, ...args);
    const made = out[0]!;
    this.#freed.push(() => this.#cuda.call(destroy, made));
    return made;
  }

  descriptor(kind: Kind): bigint {
    return this.create(`cudnnCreate${kind}Descriptor`, `cudnnDestroy${kind}Descriptor`);
  }

  memory(bytes: number): bigint {
    return this.create("cudaMalloc", "cudaFree", bytes);
  }

  free(): void {
    for (const free of this.#freed.splice(0).toReversed()) free();
  }
}

/** One pass by cuDNN with tensors in the GPU's memory; a run ends when the GPU has finished. */
export function planPass(cuda: CudaLibraries, problem: ConvProblem, pass: Pass, math: keyof typeof MATH): Plan {
  const resources = new Resources(cuda);
  try {
    return opened(cuda, resources, problem, pass, math);
  } catch (error) {
    resources.free();
    throw error;
  }
}

function opened(
  cuda: CudaLibraries,
  resources: Resources,
  problem: ConvProblem,
  pass: Pass,
  math: keyof typeof MATH,
): Plan {
  const shapes = geometryOf(problem);
  const handle = resources.create("cudnnCreate", "cudnnDestroy");
  const data = (shape: readonly number[]): bigint => {
    const descriptor = resources.descriptor("Tensor");
    const dims = Int32Array.from(shape);
    const strides = Int32Array.from(rowMajorStrides(shape));
    cuda.call("cudnnSetTensorNdDescriptor", descriptor, FLOAT, dims.length, dims, strides);
    return descriptor;
  };
  const [xShape, yShape, biasShape] = [data(shapes.x), data(shapes.y), data(shapes.bias)];
  const filter = resources.descriptor("Filter");
  const kernel = Int32Array.from(shapes.weights);
  cuda.call("cudnnSetFilterNdDescriptor", filter, FLOAT, NCHW, kernel.length, kernel);
  const convolution = resources.descriptor("Convolution");
  const [padding, stride, dilation] = [shapes.padding, shapes.stride, shapes.dilation].map((list) =>
    Int32Array.from(list),
  );
  const axes = shapes.padding.length;
  cuda.call(
    "cudnnSetConvolutionNdDescriptor",
    convolution,
    axes,
    padding!,
    stride!,
    dilation!,
    CROSS_CORRELATION,
    FLOAT,
  );
  cuda.call("cudnnSetConvolutionGroupCount", convolution, problem.groups);

  const descriptors = { handle, x: xShape, filter, convolution, y: yShape };
  const algorithm = algorithmOf(cuda, pass, descriptors, MATH[math]);
  const workspace = algorithm.workspaceBytes > 0 ? resources.memory(algorithm.workspaceBytes) : null;

  const { x: input, y, bias } = shapes;
  const sizes = { x: input, dx: input, y, dy: y, residual: y, bias, dBias: bias };
  const bytesOf = (name: TensorName): number =>
    4 * (name === "weights" || name === "dWeights" ? shapes.weights : sizes[name]).reduce((a, b) => a * b, 1);
  const memory = new Map<TensorName, bigint>();
  const at = (name: TensorName): bigint => {
    const pointer = memory.get(name) ?? resources.memory(bytesOf(name));
    memory.set(name, pointer);
    return pointer;
  };
  const results = resultsOf(pass, problem.bias);
  for (const name of results) cuda.call("cudaMemset", at(name), POISON, bytesOf(name));

  const compute = (
    name: FunctionName,
    first: readonly Argument[],
    second: readonly Argument[],
    out: readonly Argument[],
  ) =>
    cuda.call(
      name,
      handle,
      ONE,
      ...first,
      ...second,
      convolution,
      algorithm.number,
      workspace,
      algorithm.workspaceBytes,
      ZERO,
      ...out,
    );
  return {
    workspaceBytes: algorithm.workspaceBytes,
    choice: algorithm.name,
    load(operands: Tensors, changed?: readonly string[]) {
      for (const name of operandsOf(pass, problem.bias).filter((operand) => changed?.includes(operand) ?? true)) {
        const values = required(operands[name], name);
        cuda.call("cudaMemcpy", at(name), values, values.byteLength, HOST_TO_DEVICE);
      }
    },
    run() {
      switch (pass) {
        case "forward":
          compute("cudnnConvolutionForward", [xShape, at("x")], [filter, at("weights")], [yShape, at("y")]);
          if (problem.bias) cuda.call("cudnnAddTensor", handle, ONE, biasShape, at("bias"), ONE, yShape, at("y"));
          break;
        case "backwardData":
          compute("cudnnConvolutionBackwardData", [filter, at("weights")], [yShape, at("dy")], [xShape, at("dx")]);
          break;
        case "backwardWeights":
          compute("cudnnConvolutionBackwardFilter", [xShape, at("x")], [yShape, at("dy")], [filter, at("dWeights")]);
          if (problem.bias)
            cuda.call("cudnnConvolutionBackwardBias", handle, ONE, yShape, at("dy"), ZERO, biasShape, at("dBias"));
          break;
      }
      cuda.call("cudaDeviceSynchronize");
    },
    read(outputs: Tensors) {
      for (const name of results) {
        const values = required(outputs[name], name);
        cuda.call("cudaMemcpy", values, at(name), values.byteLength, DEVICE_TO_HOST);
      }
    },
    dispose: () => resources.free(),
  };
}

function operandsOf(pass: Pass, bias: boolean): readonly TensorName[] {
  switch (pass) {
    case "forward":
      return bias ? ["x", "weights", "bias"] : ["x", "weights"];
    case "backwardData":
      return ["dy", "weights"];
    case "backwardWeights":
      return ["x", "dy"];
  }
}

function resultsOf(pass: Pass, bias: boolean): readonly TensorName[] {
  switch (pass) {
    case "forward":
      return ["y"];
    case "backwardData":
      return ["dx"];
    case "backwardWeights":
      return bias ? ["dWeights", "dBias"] : ["dWeights"];
  }
}
