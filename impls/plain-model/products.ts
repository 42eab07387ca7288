import type { ModelOperation } from "../../core/model.ts";
import { rowMajorStrides } from "../../core/indexing.ts";
import type { Plan, PlanImpl, PlanOptions } from "../../core/plugin.ts";
import type { ConvProblem } from "../../core/problem.ts";
import { elementCount, tensorShapes } from "../../core/shape.ts";
import type { Values } from "./operations.ts";

/** A product whose weights are constants, as a plan of the implementation's own kernels. */
export interface KernelProduct {
  readonly plan: Plan;
  /** The pass that it is: a transposed convolution is the backward pass of another. */
  readonly pass: "forward" | "backwardData";
  readonly weights: Float32Array;
  readonly bias: Float32Array | undefined;
  /** Of a transposed convolution: what is added to each channel. */
  readonly addend?: Float32Array;
}

type Product = Extract<ModelOperation, { readonly kind: "convolution" | "transposed-convolution" | "matrix-product" }>;

/** Plans a convolution, a transposed one (another's backward pass) or a matrix product by an implementation's kernels. */
export async function planProduct(
  impl: Pick<PlanImpl, "plan" | "unsupported">,
  operation: Product,
  x: readonly number[],
  constants: readonly (Values | undefined)[],
  dims: readonly number[],
  options: PlanOptions,
): Promise<KernelProduct | { readonly unsupported: string }> {
  const [weights, bias] = constants;
  if (weights === undefined) return { unsupported: "a product of two computed tensors" };
  const [batch = 1, channels = 1, ...spatial] = x;
  switch (operation.kind) {
    case "convolution": {
      const { groups, kernel, stride, dilation, padBegin, padEnd } = operation;
      const geometry = { groups, kernel, stride, dilation, padBegin, padEnd, input: spatial };
      const outChannels = weights.dims[0]!;
      const problem = { batch, inChannels: channels, outChannels, bias: bias !== undefined, ...geometry };
      return opened(impl, problem, "forward", options, weights.data, bias?.data);
    }
    case "transposed-convolution": {
      const { groups, kernel, stride, dilation, padBegin, padEnd, outputPadding } = operation;
      const [, inChannels = 1, ...input] = dims;
      const ends = padEnd.map((pad, axis) => pad - outputPadding[axis]!);
      const geometry = { groups, kernel, stride, dilation, padBegin, padEnd: ends, input };
      const problem = { batch, inChannels, outChannels: channels, bias: false, ...geometry };
      const product = await opened(impl, problem, "backwardData", options, weights.data, undefined);
      if ("unsupported" in product || bias === undefined) return product;
      return { ...product, addend: bias.data };
    }
    case "matrix-product": {
      const [inChannels = 1, outChannels = 1] = weights.dims;
      const rows = elementCount(x.slice(0, -1));
      const turned = new Float32Array(weights.data.length);
      for (let row = 0; row < inChannels; row++)
        for (let column = 0; column < outChannels; column++)
          turned[column * inChannels + row] = weights.data[row * outChannels + column]!;
      const one = { stride: [1, 1], dilation: [1, 1], padBegin: [0, 0], padEnd: [0, 0] };
      const problem = {
        batch: rows,
        inChannels,
        outChannels,
        groups: 1,
        input: [1, 1],
        kernel: [1, 1],
        bias: false,
        ...one,
      };
      return opened(impl, problem, "forward", options, turned, undefined);
    }
  }
}

async function opened(
  impl: Pick<PlanImpl, "plan" | "unsupported">,
  problem: ConvProblem,
  pass: "forward" | "backwardData",
  options: PlanOptions,
  weights: Float32Array,
  bias: Float32Array | undefined,
): Promise<KernelProduct | { readonly unsupported: string }> {
  const unsupported = impl.unsupported?.(problem, pass);
  if (unsupported !== undefined) return { unsupported };
  const plan = await impl.plan(problem, pass, options);
  const product = { plan, pass, weights, bias };
  // The first load brings the weights, which are packed then.
  const { x, y } = tensorShapes(problem);
  await loadData(product, new Float32Array(elementCount(pass === "forward" ? x : y)), undefined);
  return product;
}

/** The result of a product for x; its shape is `dims`. */
export async function computedByKernel(
  product: KernelProduct,
  { data }: Values,
  dims: readonly number[],
): Promise<Float32Array> {
  const y = new Float32Array(elementCount(dims));
  const { plan, pass, addend } = product;
  await loadData(product, data, [pass === "forward" ? "x" : "dy"]);
  await plan.run();
  await plan.read(pass === "forward" ? { y } : { dx: y });
  const positions = elementCount(dims.slice(2));
  if (addend !== undefined)
    for (let at = 0; at < y.length; at++) y[at]! += addend[Math.floor(at / positions) % addend.length]!;
  return y;
}

function loadData(
  { plan, pass, weights, bias }: KernelProduct,
  x: Float32Array,
  changed: readonly string[] | undefined,
): void | Promise<void> {
  const parameters = { weights, ...(bias === undefined ? {} : { bias }) };
  return plan.load(pass === "forward" ? { x, ...parameters } : { dy: x, ...parameters }, changed);
}

/** Of matrices that are both computed, in their order: … M L times … L N. */
export function matrixProduct(a: Values, b: Values, dims: readonly number[]): Float32Array {
  const [rows = 1, inner = 1] = a.dims.slice(-2);
  const columns = b.dims.at(-1) ?? 1;
  const outer = dims.slice(0, -2);
  const y = new Float32Array(elementCount(dims));
  for (let matrix = 0; matrix < elementCount(outer); matrix++) {
    const [left, right] = [
      placeOf(a.dims, outer, matrix) * rows * inner,
      placeOf(b.dims, outer, matrix) * inner * columns,
    ];
    for (let row = 0; row < rows; row++) {
      const to = (matrix * rows + row) * columns;
      for (let step = 0; step < inner; step++) {
        const factor = a.data[left + row * inner + step]!;
        const from = right + step * columns;
        for (let column = 0; column < columns; column++) y[to + column]! += factor * b.data[from + column]!;
      }
    }
  }
  return y;
}

/** Which matrix of an operand meets a matrix of the result. */
function placeOf(dims: readonly number[], outer: readonly number[], matrix: number): number {
  const own = dims.slice(0, -2);
  const [strides, steps] = [rowMajorStrides(own), rowMajorStrides(outer)];
  const missing = outer.length - own.length;
  return own.reduce((place, extent, axis) => {
    const index = Math.floor(matrix / steps[axis + missing]!) % outer[axis + missing]!;
    return place + (extent === 1 ? 0 : index * strides[axis]!);
  }, 0);
}
