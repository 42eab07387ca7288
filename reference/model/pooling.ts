import { UNIT_ROUNDOFF } from "../bounds/float32.ts";
import { aroundAxis } from "../../core/model-movement.ts";
import { elementCount } from "../../core/shape.ts";
import type { Evaluated, Reals, WindowOperation } from "./evaluate-node.ts";

type Pooling = WindowOperation<"max-pooling"> | WindowOperation<"average-pooling">;

/** The largest, or the sum, of every window, an axis after the other: both may be taken so. */
export function pooled(operation: Pooling, x: Reals, dims: readonly number[], withError: boolean): Evaluated {
  if (operation.kind === "max-pooling") return { values: overWindows(operation, x, dims, Math.max, -Infinity) };
  const add = (a: number, b: number): number => a + b;
  const counts = windowCounts(operation, x.dims, dims);
  const sums = overWindows(operation, x, dims, add, 0);
  const mean = (sum: number, at: number): number => sum / counts[at % counts.length]!;
  const values = sums.map(mean);
  if (!withError) return { values };
  const magnitudes = overWindows(operation, { dims: x.dims, values: x.values.map(Math.abs) }, dims, add, 0).map(mean);
  const units = Math.sqrt(elementCount(operation.kernel)) + 5;
  return { values, error: magnitudes.map((sum) => units * UNIT_ROUNDOFF * sum) };
}

function overWindows(
  { kernel, stride, dilation, padBegin }: Pooling,
  x: Reals,
  dims: readonly number[],
  join: (a: number, b: number) => number,
  nothing: number,
): Float64Array {
  let values = x.values;
  const shape = [...x.dims];
  for (const [spatial, taps] of kernel.entries()) {
    const axis = spatial + 2;
    const { outer, extent, inner } = aroundAxis(shape, axis);
    const after = dims[axis]!;
    const result = new Float64Array(outer * after * inner).fill(nothing);
    for (let out = 0; out < outer; out++)
      for (let index = 0; index < after; index++)
        for (let tap = 0; tap < taps; tap++) {
          const place = index * stride[spatial]! - padBegin[spatial]! + tap * dilation[spatial]!;
          if (place < 0 || place >= extent) continue;
          const [from, to] = [(out * extent + place) * inner, (out * after + index) * inner];
          for (let i = 0; i < inner; i++) result[to + i] = join(result[to + i]!, values[from + i]!);
        }
    values = result;
    shape[axis] = after;
  }
  return values;
}

/** By how many elements the sum of each window of a plane is divided. */
function windowCounts(operation: Pooling, from: readonly number[], to: readonly number[]): Float64Array {
  const { kernel, stride, dilation, padBegin, padEnd } = operation;
  const countsPadding = operation.kind === "average-pooling" && operation.countsPadding;
  let counts = Float64Array.of(1);
  for (const [spatial, taps] of kernel.entries()) {
    const [extent, after] = [from[spatial + 2]!, to[spatial + 2]!];
    const [first, last] = countsPadding ? [-padBegin[spatial]!, extent + padEnd[spatial]!] : [0, extent];
    const along = Array.from({ length: after }, (_, index) => {
      const begin = index * stride[spatial]! - padBegin[spatial]!;
      let count = 0;
      for (let tap = 0; tap < taps; tap++) {
        const place = begin + tap * dilation[spatial]!;
        if (place >= first && place < last) count++;
      }
      return count;
    });
    counts = Float64Array.from([...counts].flatMap((outer) => along.map((count) => outer * count)));
  }
  return counts;
}
