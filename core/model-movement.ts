import { rowMajorStrides } from "./indexing.ts";
import { nearestElement, resizePosition, type ModelOperation } from "./model.ts";

/** Operations that move elements and compute none. */
export type Movement = Extract<
  ModelOperation,
  { readonly kind: "transposition" | "slice" | "padding" | "broadcast" | "resize" }
>;

/**
 * Where the elements of a result come from: element (i, j, …) is x at the sum of `offsets[0][i]`, `offsets[1][j]`, …,
 * or `fill` where one of them is −1.
 */
export interface Gathering {
  readonly offsets: readonly Int32Array[];
  readonly fill: number;
}

/** The gathering of a movement of x with extents `from` to a result with extents `to`; a resize is to the nearest. */
export function gatheringOf(operation: Movement, from: readonly number[], to: readonly number[]): Gathering {
  const strides = rowMajorStrides(from);
  const along = (source: (axis: number, index: number) => number, ofAxis: (axis: number) => number = (axis) => axis) =>
    to.map((extent, axis) => {
      const stride = strides[ofAxis(axis)] ?? 0;
      return Int32Array.from({ length: extent }, (_, index) => {
        const at = source(axis, index);
        return at < 0 ? -1 : at * stride;
      });
    });
  switch (operation.kind) {
    case "transposition":
      return {
        offsets: along(
          (_, index) => index,
          (axis) => operation.order[axis]!,
        ),
        fill: 0,
      };
    case "slice":
      return { offsets: along((axis, index) => operation.begin[axis]! + index * operation.step[axis]!), fill: 0 };
    case "broadcast": {
      const missing = to.length - from.length;
      const place = (axis: number, index: number): number => (from[axis - missing] === 1 ? 0 : index);
      return { offsets: along(place, (axis) => axis - missing), fill: 0 };
    }
    case "padding":
      return {
        offsets: along((axis, index) => paddedPlace(index - operation.begin[axis]!, from[axis]!, operation.mode)),
        fill: operation.value,
      };
    case "resize": {
      const { scales, coordinates, rounding } = operation;
      const place = (axis: number, index: number): number => {
        const extents = [from[axis]!, to[axis]!] as const;
        return nearestElement(resizePosition(index, scales[axis]!, extents, coordinates), extents[0], rounding);
      };
      return { offsets: along(place), fill: 0 };
    }
  }
}

/** The element of an axis that stands at a place beyond it; −1 for the constant. */
function paddedPlace(place: number, extent: number, mode: "constant" | "edge" | "reflect"): number {
  if (place >= 0 && place < extent) return place;
  switch (mode) {
    case "constant":
      return -1;
    case "edge":
      return place < 0 ? 0 : extent - 1;
    case "reflect": {
      if (extent === 1) return 0;
      const period = 2 * (extent - 1);
      const wrapped = ((place % period) + period) % period;
      return wrapped < extent ? wrapped : period - wrapped;
    }
  }
}

/** Fills `result` by a gathering of x. */
export function gather<Elements extends Float32Array | Float64Array>(
  { offsets, fill }: Gathering,
  x: Elements,
  result: Elements,
): Elements {
  const [last = Int32Array.of(0)] = offsets.slice(-1);
  const outer = offsets.slice(0, -1);
  const counters = outer.map(() => 0);
  for (let at = 0; at < result.length;) {
    let base = 0;
    for (let axis = 0; axis < outer.length; axis++) {
      const offset = outer[axis]![counters[axis]!]!;
      if (offset < 0) {
        base = -1;
        break;
      }
      base += offset;
    }
    for (let index = 0; index < last.length; index++, at++) {
      const offset = last[index]!;
      result[at] = base < 0 || offset < 0 ? fill : x[base + offset]!;
    }
    let axis = outer.length - 1;
    for (; axis >= 0; axis--) {
      counters[axis] = (counters[axis]! + 1) % outer[axis]!.length;
      if (counters[axis] !== 0) break;
    }
  }
  return result;
}

/** A shape around one axis: the extents before it, its own, and those after it. */
export function aroundAxis(
  dims: readonly number[],
  axis: number,
): { readonly outer: number; readonly extent: number; readonly inner: number } {
  const product = (some: readonly number[]): number => some.reduce((all, extent) => all * extent, 1);
  return { outer: product(dims.slice(0, axis)), extent: dims[axis] ?? 1, inner: product(dims.slice(axis + 1)) };
}
