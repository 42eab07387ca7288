import { flatten } from "../../core/indexing.ts";
import type { Algorithm, Impl } from "../../core/plugin.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { elementCount, outputShape, effectiveKernelSize } from "../../core/shape.ts";
import { convolve, functionsOf, sumInOrder, type Call, type Compute, type Handles } from "./convolution.ts";
import { fourier } from "./fourier.ts";
import {
  blocked,
  byMagnitude,
  bySign,
  compensated,
  inFloat64,
  lanes,
  pairwise,
  reversed,
  roundedProducts,
} from "./orders.ts";
import { planOf } from "./plans.ts";
import { flushed, roundedBits, truncated } from "./rounding.ts";
import { winograd } from "./winograd.ts";

/** A dense layer of all channels whose weights between groups are zeros. */
function blockDiagonal(call: Call, compute: Compute): void {
  const { problem, pass } = call;
  const { outChannels, inChannels, groups } = problem;
  const [perIn, perOut, taps] = [inChannels / groups, outChannels / groups, elementCount(problem.kernel)];
  const dense = { ...problem, groups: 1 };
  const scatter = (from: Float32Array, to: Float32Array, isBack: boolean): void => {
    for (let k = 0; k < outChannels; k++) {
      const [grouped, wide] = [k * perIn * taps, (k * inChannels + Math.floor(k / perOut) * perIn) * taps];
      if (isBack) to.set(from.subarray(wide, wide + perIn * taps), grouped);
      else to.set(from.subarray(grouped, grouped + perIn * taps), wide);
    }
  };
  const wide = new Float32Array(outChannels * inChannels * taps);
  if (pass === "backwardWeights") {
    compute({ ...call, problem: dense, out: wide });
    scatter(wide, call.out, true);
  } else {
    scatter(call.second, wide, false);
    compute({ ...call, problem: dense, second: wide });
  }
}

/** Forward with stride 1 and a kernel with dilation's zeros inserted, of which every stride-th output is kept. */
function zeroInserted(call: Call, compute: Compute): void {
  const { problem, second } = call;
  if (call.pass !== "forward") return compute(call);
  const kernel = problem.kernel.map((extent, axis) => effectiveKernelSize(extent, problem.dilation[axis]!));
  const ones = kernel.map(() => 1);
  const filters = second.length / elementCount(problem.kernel);
  const weights = new Float32Array(filters * elementCount(kernel));
  moveGrid([filters, ...problem.kernel], [filters, ...kernel], [1, ...problem.dilation], (small, large) => {
    weights[large] = second[small]!;
  });
  const dense = { ...problem, kernel, stride: ones, dilation: ones };
  const planes = problem.batch * problem.outChannels;
  const all = new Float32Array(planes * elementCount(outputShape(dense)));
  compute({ ...call, problem: dense, second: weights, out: all });
  moveGrid(
    [planes, ...outputShape(problem)],
    [planes, ...outputShape(dense)],
    [1, ...problem.stride],
    (small, large) => {
      call.out[small] = all[large]!;
    },
  );
}

/**
 * Calls `visit` with the flat index of every point of a grid, and with its index in a larger grid when spread by steps.
 */
function moveGrid(
  small: readonly number[],
  large: readonly number[],
  steps: readonly number[],
  visit: (small: number, large: number) => void,
): void {
  const walk = (axis: number, from: number, to: number): void => {
    if (axis === small.length) return visit(from, to);
    for (let i = 0; i < small[axis]!; i++)
      walk(axis + 1, from * small[axis]! + i, to * large[axis]! + i * steps[axis]!);
  };
  walk(0, 0, 0);
}

/** Forward on an input that is padded with stored zeros. */
function explicitlyPadded(call: Call, compute: Compute): void {
  const { problem, first } = call;
  if (call.pass !== "forward") return compute(call);
  const input = problem.input.map(
    (extent, axis) => extent + problem.padBegin[axis]! + Math.max(0, problem.padEnd[axis]!),
  );
  const zeros = input.map(() => 0);
  const planes = problem.batch * problem.inChannels;
  const x = new Float32Array(planes * elementCount(input));
  const origin = flatten(problem.padBegin, input);
  moveGrid([planes, ...problem.input], [planes, ...input], [1, ...input.map(() => 1)], (small, large) => {
    x[large + origin] = first[small]!;
  });
  compute({
    ...call,
    problem: { ...problem, input, padBegin: zeros, padEnd: problem.padEnd.map((pad) => Math.min(0, pad)) },
    first: x,
  });
}

/** Every image a group of its own: one image with N·C channels in N·G groups. */
function batchInChannels(call: Call, compute: Compute): void {
  const { problem, pass, second, bias, out } = call;
  const { batch, inChannels, outChannels, groups } = problem;
  const folded = {
    ...problem,
    batch: 1,
    inChannels: batch * inChannels,
    outChannels: batch * outChannels,
    groups: batch * groups,
  };
  const repeated = (tensor: Float32Array): Float32Array => {
    const all = new Float32Array(batch * tensor.length);
    for (let n = 0; n < batch; n++) all.set(tensor, n * tensor.length);
    return all;
  };
  if (pass !== "backwardWeights")
    return compute({ ...call, problem: folded, second: repeated(second), bias: bias && repeated(bias) });
  const all = new Float32Array(batch * out.length);
  compute({ ...call, problem: folded, out: all, dBias: undefined });
  const images = Float64Array.from({ length: batch }, () => 0);
  for (let i = 0; i < out.length; i++) {
    for (let n = 0; n < batch; n++) images[n] = all[n * out.length + i]!;
    out[i] = sumInOrder(images, batch);
  }
  const { dBias } = call;
  if (dBias !== undefined) compute({ ...call, out: new Float32Array(out.length), dBias });
  return undefined;
}

/** Infinity where a float16 overflows: the sums have the range of float16, and more bits. */
function float16Range(sum: number, bias = 0): number {
  const value = sum + bias;
  return Math.abs(value) >= 65_520 ? Math.sign(value) * Infinity : value;
}

function inFloat16Range(products: Float64Array, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum = float16Range(Math.fround(sum + float16Range(products[i]!)));
  return sum;
}

/** An implementation that is right with these handles, and where its calls go through `around`. */
export function correct(
  name: string,
  handles: Handles | undefined,
  around?: (call: Call, compute: Compute) => void,
  declared: Partial<Impl> = {},
): Impl {
  const compute: Compute = (call) => convolve(call, handles);
  return {
    ...functionsOf((call) => (around === undefined ? compute(call) : around(call, compute))),
    ...declared,
    name,
  };
}

const winogradUnsupported = (problem: ConvProblem, pass: Pass): string | undefined =>
  pass === "forward" &&
  problem.input.length === 2 &&
  [...problem.kernel].every((extent) => extent === 3) &&
  [...problem.stride, ...problem.dilation].every((step) => step === 1)
    ? undefined
    : "only forward, 3×3, stride 1";

/** Correct implementations that compute in unusual ways: none may fail. */
export const CORRECT_ORDERS: readonly Impl[] = [
  correct("order-forward", {}),
  correct("order-forward-rounded-products", { sum: roundedProducts }),
  correct("order-reversed", { sum: reversed }),
  correct("order-pairwise", { sum: pairwise }),
  correct("order-blocks-of-7", { sum: blocked(7) }),
  correct("order-blocks-of-61", { sum: blocked(61) }),
  correct("order-8-lanes", { sum: lanes(8) }),
  correct("order-by-magnitude-up", { sum: byMagnitude(1) }),
  correct("order-by-magnitude-down", { sum: byMagnitude(-1) }),
  correct("order-by-sign", { sum: bySign }),
  correct("accumulator-float64", { sum: inFloat64 }),
  correct("accumulator-compensated", { sum: compensated }),
  correct("bias-after-rounding", { store: (sum, bias) => Math.fround(sum) + bias }),
  correct("negative-zeros", { store: (sum, bias) => (sum + bias === 0 ? -0 : sum + bias) }),
  correct("groups-as-block-diagonal", { sum: reversed }, blockDiagonal),
  correct("stride-and-dilation-by-zero-insertion", { sum: roundedProducts }, zeroInserted),
  correct("padding-stored", {}, explicitlyPadded),
  correct("batch-as-groups", { sum: pairwise }, batchInChannels),
  correct("tf32-declared", { convert: truncated(13) }, undefined, { precision: "tf32" }),
  correct("bfloat16-declared", { convert: roundedBits(16) }, undefined, { precision: "bf16" }),
  correct("float16-declared", { convert: Math.f16round }, undefined, { precision: "f16" }),
  correct("float16-range-declared", { convert: Math.f16round, sum: inFloat16Range, store: float16Range }, undefined, {
    precision: "f16",
  }),
  correct("flushes-declared", { convert: flushed, store: (sum, bias) => flushed(flushed(sum) + bias) }, undefined, {
    arithmetic: "flushes-subnormals",
  }),
  correct("finite-only-declared", { convert: (value) => value || 0 }, undefined, { arithmetic: "finite-only" }),
  correct("winograd-2-3", undefined, (call) => winograd(call), {
    algorithm: "winograd(2,3)",
    unsupported: winogradUnsupported,
  }),
  correct("fft-float64", undefined, (call) => fourier(call), { algorithm: "fft" }),
  correct("algorithm-per-problem", { sum: blocked(16) }, undefined, {
    algorithm: ({ kernel }): Algorithm => (elementCount(kernel) === 1 ? "gemm" : "direct"),
  }),
  {
    name: "plan-asynchronous",
    plan: (problem, pass) => {
      const plan = planOf(problem, pass, (length) => new Float32Array(length));
      return {
        ...plan,
        run: async () => {
          await new Promise((resolve) => setImmediate(resolve));
          plan.run();
        },
      };
    },
  },
  {
    name: "plan-computes-at-read",
    plan: (problem, pass) => {
      const plan = planOf(problem, pass, (length) => new Float32Array(length));
      return {
        ...plan,
        run: () => {},
        read: (outputs) => {
          plan.run();
          plan.read(outputs);
        },
      };
    },
  },
];
