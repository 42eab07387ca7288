import type { ModelOperation, ModelWindow, PairFunction } from "../../core/model.ts";
import { aroundAxis, gather, gatheringOf } from "../../core/model-movement.ts";
import { resizePosition } from "../../core/model.ts";
import { elementCount } from "../../core/shape.ts";
import { element, pairFunction } from "./elements.ts";

/** A dense row-major tensor. */
export interface Values {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** Operations that are computed here; convolutions and products with constant matrices are the kernels' own. */
export type PlainOperation = Exclude<
  ModelOperation,
  { readonly kind: "convolution" | "transposed-convolution" | "matrix-product" }
>;

/** Computes an operation, in plain TypeScript: a pass over the tensor each, no copy where nothing moves. */
export function computed(operation: PlainOperation, inputs: readonly Values[], dims: readonly number[]): Float32Array {
  const x = inputs[0]!;
  switch (operation.kind) {
    case "max-pooling":
    case "average-pooling":
      return pooled(operation, x, dims);
    case "element":
      return element(operation.function, x.data, new Float32Array(x.data.length));
    case "pair":
      return pair(operation.function, x, inputs[1]!, dims);
    case "softmax":
      return softmax(x, operation.axis);
    case "reduction":
      return reduced(operation, x, elementCount(dims));
    case "normalisation":
      return normalised(operation.axes, operation.epsilon, x);
    case "batch-normalisation":
      return batchNormalised(operation.epsilon, inputs);
    case "local-response-normalisation":
      return responseNormalised(operation, x);
    case "reshape":
      return x.data;
    case "concatenation":
      return concatenated(operation.axis, inputs, dims);
    case "resize":
      return operation.mode === "linear" ? interpolated(operation, x, dims) : moved(operation, x, dims);
    case "transposition":
    case "slice":
    case "padding":
    case "broadcast":
      return moved(operation, x, dims);
  }
}

function moved(operation: Parameters<typeof gatheringOf>[0], x: Values, dims: readonly number[]): Float32Array {
  return gather(gatheringOf(operation, x.dims, dims), x.data, new Float32Array(elementCount(dims)));
}

/** Of two operands; one that is a scalar, or has one value for each run of elements, is not spread out. */
function pair(name: PairFunction, a: Values, b: Values, dims: readonly number[]): Float32Array {
  const y = new Float32Array(elementCount(dims));
  const of = pairFunction(name);
  const [first, second] = [a, b].map((operand) => runOf(operand, dims));
  const left = first === undefined ? moved({ kind: "broadcast" }, a, dims) : a.data;
  const right = second === undefined ? moved({ kind: "broadcast" }, b, dims) : b.data;
  const [leftRun, rightRun] = [first ?? 1, second ?? 1];
  if (left.length === y.length && right.length === y.length) {
    for (let i = 0; i < y.length; i++) y[i] = of(left[i]!, right[i]!);
  } else {
    for (let i = 0; i < y.length; i++)
      y[i] = of(left[((i / leftRun) | 0) % left.length]!, right[((i / rightRun) | 0) % right.length]!);
  }
  return y;
}

/** For how many elements in a row a value of the operand stands; undefined where its values do not come in turn. */
function runOf({ dims, data }: Values, to: readonly number[]): number | undefined {
  const count = elementCount(to);
  if (data.length === count) return 1;
  if (data.length === 1) return count;
  const padded = [...to.slice(dims.length).map(() => 1), ...dims];
  const own = padded.flatMap((extent, axis) => (extent === 1 ? [] : [axis]));
  const [first = 0, last = first] = [own[0], own.at(-1)];
  const isOneBlock = own.length === last - first + 1 && own.every((axis) => padded[axis] === to[axis]);
  const isRepeated = first === 0 || elementCount(to.slice(0, first)) >= 1;
  return isOneBlock && isRepeated ? elementCount(to.slice(last + 1)) : undefined;
}

function softmax({ dims, data: x }: Values, axis: number): Float32Array {
  const { outer, extent, inner } = aroundAxis(dims, axis);
  const y = new Float32Array(x.length);
  for (let out = 0; out < outer; out++)
    for (let i = 0; i < inner; i++) {
      const first = out * extent * inner + i;
      let [max, sum] = [-Infinity, 0];
      for (let j = 0; j < extent; j++) max = Math.max(max, x[first + j * inner]!);
      for (let j = 0; j < extent; j++) sum += y[first + j * inner] = Math.exp(x[first + j * inner]! - max);
      for (let j = 0; j < extent; j++) y[first + j * inner]! /= sum;
    }
  return y;
}

/** The elements that go together side by side, and how to bring a tensor of that order back. */
function grouped({ dims, data }: Values, axes: readonly number[]) {
  const order = [...[...dims.keys()].filter((axis) => !axes.includes(axis)), ...axes.toSorted((a, b) => a - b)];
  const shape = order.map((axis) => dims[axis]!);
  const count = elementCount(axes.map((axis) => dims[axis]!));
  if (order.every((axis, at) => axis === at)) return { sorted: data, count, back: (y: Float32Array) => y };
  const inverse = order.map((_, axis) => order.indexOf(axis));
  return {
    sorted: moved({ kind: "transposition", order }, { dims, data }, shape),
    count,
    back: (y: Float32Array) => moved({ kind: "transposition", order: inverse }, { dims: shape, data: y }, dims),
  };
}

function reduced(
  { function: name, axes }: Extract<ModelOperation, { readonly kind: "reduction" }>,
  x: Values,
  length: number,
): Float32Array {
  const { sorted, count } = grouped(x, axes);
  const y = new Float32Array(length);
  for (let at = 0, from = 0; at < length; at++, from += count) {
    let result = name === "maximum" ? -Infinity : name === "minimum" ? Infinity : 0;
    for (let i = from; i < from + count; i++) {
      const value = sorted[i]!;
      if (name === "maximum") result = Math.max(result, value);
      else if (name === "minimum") result = Math.min(result, value);
      else result += name === "norm" ? value * value : value;
    }
    y[at] = name === "mean" ? result / count : name === "norm" ? Math.sqrt(result) : result;
  }
  return y;
}

function normalised(axes: readonly number[], epsilon: number, x: Values): Float32Array {
  const { sorted, count, back } = grouped(x, axes);
  const y = new Float32Array(sorted.length);
  for (let from = 0; from < sorted.length; from += count) {
    let [sum, squares] = [0, 0];
    for (let i = from; i < from + count; i++) sum += sorted[i]!;
    const mean = sum / count;
    for (let i = from; i < from + count; i++) squares += (sorted[i]! - mean) ** 2;
    const factor = 1 / Math.sqrt(squares / count + epsilon);
    for (let i = from; i < from + count; i++) y[i] = (sorted[i]! - mean) * factor;
  }
  return back(y);
}

function batchNormalised(epsilon: number, [x, scale, shift, mean, variance]: readonly Values[]): Float32Array {
  const { outer, extent: channels, inner } = aroundAxis(x!.dims, 1);
  const y = new Float32Array(x!.data.length);
  for (let plane = 0; plane < outer * channels; plane++) {
    const channel = plane % channels;
    const factor = scale!.data[channel]! / Math.sqrt(variance!.data[channel]! + epsilon);
    const offset = shift!.data[channel]! - mean!.data[channel]! * factor;
    for (let i = plane * inner; i < (plane + 1) * inner; i++) y[i] = x!.data[i]! * factor + offset;
  }
  return y;
}

function responseNormalised(
  { size, alpha, beta, k }: Extract<ModelOperation, { readonly kind: "local-response-normalisation" }>,
  { dims, data: x }: Values,
): Float32Array {
  const { extent: channels, inner } = aroundAxis(dims, 1);
  const y = new Float32Array(x.length);
  const [before, after] = [Math.floor((size - 1) / 2), Math.ceil((size - 1) / 2)];
  for (let at = 0; at < x.length; at++) {
    const channel = Math.floor(at / inner) % channels;
    let sum = 0;
    for (let other = Math.max(0, channel - before); other <= Math.min(channels - 1, channel + after); other++)
      sum += x[at + (other - channel) * inner]! ** 2;
    y[at] = x[at]! / (k + (alpha / size) * sum) ** beta;
  }
  return y;
}

function concatenated(axis: number, inputs: readonly Values[], dims: readonly number[]): Float32Array {
  const y = new Float32Array(elementCount(dims));
  const whole = aroundAxis(dims, axis);
  let before = 0;
  for (const { dims: own, data } of inputs) {
    const { extent, inner } = aroundAxis(own, axis);
    const length = extent * inner;
    for (let outer = 0; outer < whole.outer; outer++)
      y.set(data.subarray(outer * length, (outer + 1) * length), (outer * whole.extent + before) * whole.inner);
    before += extent;
  }
  return y;
}

/** Maxima, or sums and their division, an axis after the other. */
function pooled(
  operation: ModelWindow & Extract<ModelOperation, { readonly kind: "max-pooling" | "average-pooling" }>,
  x: Values,
  dims: readonly number[],
): Float32Array {
  const { kernel, stride, dilation, padBegin, padEnd } = operation;
  const isMax = operation.kind === "max-pooling";
  const counts = operation.kind === "average-pooling" && operation.countsPadding;
  let data = x.data;
  const shape = [...x.dims];
  for (const [spatial, taps] of kernel.entries()) {
    const axis = spatial + 2;
    const { outer, extent, inner } = aroundAxis(shape, axis);
    const after = dims[axis]!;
    const y = new Float32Array(outer * after * inner).fill(isMax ? -Infinity : 0);
    const [first, last] = counts ? [-padBegin[spatial]!, extent + padEnd[spatial]!] : [0, extent];
    for (let out = 0; out < outer; out++)
      for (let index = 0; index < after; index++) {
        const to = (out * after + index) * inner;
        let divisor = 0;
        for (let tap = 0; tap < taps; tap++) {
          const place = index * stride[spatial]! - padBegin[spatial]! + tap * dilation[spatial]!;
          if (place >= first && place < last) divisor++;
          if (place < 0 || place >= extent) continue;
          const from = (out * extent + place) * inner;
          if (isMax) for (let i = 0; i < inner; i++) y[to + i] = Math.max(y[to + i]!, data[from + i]!);
          else for (let i = 0; i < inner; i++) y[to + i]! += data[from + i]!;
        }
        if (!isMax) for (let i = 0; i < inner; i++) y[to + i]! /= divisor;
      }
    data = y;
    shape[axis] = after;
  }
  return data;
}

function interpolated(
  { scales, coordinates }: Extract<ModelOperation, { readonly kind: "resize" }>,
  x: Values,
  dims: readonly number[],
): Float32Array {
  let data = x.data;
  const shape = [...x.dims];
  for (const [axis, after] of dims.entries()) {
    const before = shape[axis]!;
    if (before === after && scales[axis] === 1) continue;
    const { outer, inner } = aroundAxis(shape, axis);
    const y = new Float32Array(outer * after * inner);
    for (let index = 0; index < after; index++) {
      const asked = resizePosition(index, scales[axis]!, [before, after], coordinates);
      const place = Math.min(before - 1, Math.max(0, asked));
      const low = Math.floor(place);
      const [share, high] = [place - low, Math.min(low + 1, before - 1)];
      for (let out = 0; out < outer; out++) {
        const [from, next] = [(out * before + low) * inner, (out * before + high) * inner];
        const to = (out * after + index) * inner;
        for (let i = 0; i < inner; i++) y[to + i] = (1 - share) * data[from + i]! + share * data[next + i]!;
      }
    }
    data = y;
    shape[axis] = after;
  }
  return data;
}
