import { UNIT_ROUNDOFF } from "../bounds/float32.ts";
import { aroundAxis, gather, gatheringOf } from "../../core/model-movement.ts";
import type { ModelOperation, ReductionFunction } from "../../core/model.ts";
import { elementCount } from "../../core/shape.ts";
import type { Evaluated, Reals } from "./evaluate-node.ts";

/** e^(x − max) / Σ e^(x − max) along an axis. */
export function softened({ dims, values: x }: Reals, axis: number, withError: boolean): Evaluated {
  const { outer, extent, inner } = aroundAxis(dims, axis);
  const values = new Float64Array(x.length);
  const error = withError ? new Float64Array(x.length) : undefined;
  for (let out = 0; out < outer; out++)
    for (let i = 0; i < inner; i++) {
      const first = out * extent * inner + i;
      let [max, min, sum] = [-Infinity, Infinity, 0];
      for (let j = 0; j < extent; j++) {
        max = Math.max(max, x[first + j * inner]!);
        min = Math.min(min, x[first + j * inner]!);
      }
      for (let j = 0; j < extent; j++) sum += values[first + j * inner] = Math.exp(x[first + j * inner]! - max);
      const units = 2 * (max - min) + Math.sqrt(extent) + 9;
      for (let j = 0; j < extent; j++) {
        const at = first + j * inner;
        values[at]! /= sum;
        if (error !== undefined) error[at] = units * UNIT_ROUNDOFF * values[at]!;
      }
    }
  return { values, ...(error === undefined ? {} : { error }) };
}

/** The elements that are reduced together, side by side: the axes that stay, then those that go. */
function grouped(
  { dims, values }: Reals,
  axes: readonly number[],
): { readonly sorted: Float64Array; readonly count: number } {
  const order = [...[...dims.keys()].filter((axis) => !axes.includes(axis)), ...axes.toSorted((a, b) => a - b)];
  const moved = order.map((axis) => dims[axis]!);
  const isInPlace = order.every((axis, at) => axis === at);
  const sorted = isInPlace
    ? values
    : gather(gatheringOf({ kind: "transposition", order }, dims, moved), values, new Float64Array(values.length));
  return { sorted, count: elementCount(axes.map((axis) => dims[axis]!)) };
}

export function reduced(name: ReductionFunction, axes: readonly number[], x: Reals, withError: boolean): Evaluated {
  const { sorted, count } = grouped(x, axes);
  const values = new Float64Array(sorted.length / count);
  const error = withError && name !== "maximum" && name !== "minimum" ? new Float64Array(values.length) : undefined;
  const divisor = name === "mean" ? count : 1;
  for (let at = 0; at < values.length; at++) {
    const part = sorted.subarray(at * count, (at + 1) * count);
    switch (name) {
      case "maximum":
        values[at] = part.reduce((most, value) => Math.max(most, value), -Infinity);
        break;
      case "minimum":
        values[at] = part.reduce((least, value) => Math.min(least, value), Infinity);
        break;
      case "norm":
        values[at] = Math.sqrt(part.reduce((sum, value) => sum + value * value, 0));
        break;
      case "mean":
      case "sum":
        values[at] = part.reduce((sum, value) => sum + value, 0) / divisor;
    }
    if (error === undefined) continue;
    const magnitude = name === "norm" ? values[at]! : part.reduce((sum, value) => sum + Math.abs(value), 0) / divisor;
    error[at] = (Math.sqrt(count) + 6) * UNIT_ROUNDOFF * magnitude;
  }
  return { values, ...(error === undefined ? {} : { error }) };
}

/**
 * (x − mean) / √(variance + epsilon). The mean errs by √n·u of the mean magnitude; the variance may be computed as the
 * mean of squares less the square of the mean, and then errs by √n·u of the former.
 */
export function normalised(axes: readonly number[], epsilon: number, x: Reals, withError: boolean): Evaluated {
  const { sorted, count } = grouped(x, axes);
  const even = new Float64Array(sorted.length);
  const errors = new Float64Array(withError ? sorted.length : 0);
  for (let first = 0; first < sorted.length; first += count) {
    const part = sorted.subarray(first, first + count);
    const mean = part.reduce((sum, value) => sum + value, 0) / count;
    const variance = part.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
    const [square, deviation] = [variance + mean ** 2, Math.sqrt(variance + epsilon)];
    const magnitude = withError ? part.reduce((sum, value) => sum + Math.abs(value), 0) / count : 0;
    for (let at = 0; at < count; at++) even[first + at] = (part[at]! - mean) / deviation;
    if (!withError) continue;
    const root = Math.sqrt(count) + 2;
    for (let at = 0; at < count; at++) {
      const shift = (root * (magnitude + Math.abs(part[at]!))) / deviation;
      const scale = Math.abs(even[first + at]!) * (root * (square / deviation ** 2) + 12);
      errors[first + at] = UNIT_ROUNDOFF * (shift + scale);
    }
  }
  return { values: ungrouped(even, x.dims, axes), ...(withError ? { error: ungrouped(errors, x.dims, axes) } : {}) };
}

/** The inverse of `grouped`. */
function ungrouped(sorted: Float64Array, dims: readonly number[], axes: readonly number[]): Float64Array {
  const order = [...[...dims.keys()].filter((axis) => !axes.includes(axis)), ...axes.toSorted((a, b) => a - b)];
  if (order.every((axis, at) => axis === at)) return sorted;
  const back = order.map((_, axis) => order.indexOf(axis));
  const moved = order.map((axis) => dims[axis]!);
  return gather(
    gatheringOf({ kind: "transposition", order: back }, moved, dims),
    sorted,
    new Float64Array(sorted.length),
  );
}

export function batchNormalised(epsilon: number, inputs: readonly Reals[], withError: boolean): Evaluated {
  const [x, scale, shift, mean, variance] = inputs.map(({ values }) => values);
  const { extent: channels, inner } = aroundAxis(inputs[0]!.dims, 1);
  const values = new Float64Array(x!.length);
  const error = withError ? new Float64Array(x!.length) : undefined;
  for (let at = 0; at < values.length; at++) {
    const channel = Math.floor(at / inner) % channels;
    const factor = scale![channel]! / Math.sqrt(variance![channel]! + epsilon);
    values[at] = (x![at]! - mean![channel]!) * factor + shift![channel]!;
    if (error === undefined) continue;
    const sizes = Math.abs(factor) * (Math.abs(x![at]!) + Math.abs(mean![channel]!)) + Math.abs(shift![channel]!);
    error[at] = 8 * UNIT_ROUNDOFF * sizes;
  }
  return { values, ...(error === undefined ? {} : { error }) };
}

type ResponseNormalisation = Extract<ModelOperation, { readonly kind: "local-response-normalisation" }>;

export function responseNormalised(
  { size, alpha, beta, k }: ResponseNormalisation,
  { dims, values: x }: Reals,
  withError: boolean,
): Evaluated {
  const { extent: channels, inner } = aroundAxis(dims, 1);
  const values = new Float64Array(x.length);
  const [before, after] = [Math.floor((size - 1) / 2), Math.ceil((size - 1) / 2)];
  for (let at = 0; at < x.length; at++) {
    const channel = Math.floor(at / inner) % channels;
    let sum = 0;
    for (let other = Math.max(0, channel - before); other <= Math.min(channels - 1, channel + after); other++)
      sum += x[at + (other - channel) * inner]! ** 2;
    values[at] = x[at]! / (k + (alpha / size) * sum) ** beta;
  }
  if (!withError) return { values };
  const units = beta * (size + 3) + 5;
  return { values, error: values.map((y) => units * UNIT_ROUNDOFF * Math.abs(y)) };
}
