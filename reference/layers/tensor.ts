import type { Shape } from "../graph/layer-shapes.ts";
import { elementCount } from "../../core/shape.ts";

/** A dense row-major tensor of float64. */
export interface Tensor {
  readonly shape: Shape;
  readonly values: Float64Array;
}

/** A tensor of given values. @throws RangeError where they are not as many as the shape needs */
export function tensor(shape: Shape, values: Float64Array): Tensor {
  if (values.length !== elementCount(shape)) {
    throw new RangeError(
      `a tensor of shape [${shape.join(", ")}] has ${elementCount(shape)} values, got ${values.length}`,
    );
  }
  return { shape, values };
}

/** A tensor of one value throughout. */
export function filled(shape: Shape, value = 0): Tensor {
  return { shape, values: new Float64Array(elementCount(shape)).fill(value) };
}

/** A tensor of the same shape, each value a function of the value (and the flat index) there. */
export function mapped({ shape, values }: Tensor, value: (x: number, index: number) => number): Tensor {
  const results = new Float64Array(values.length);
  // A plain loop takes half of what TypedArray.map does.
  for (let index = 0; index < values.length; index++) results[index] = value(values[index]!, index);
  return { shape, values: results };
}

/** Whether two shapes are the same. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis]);
}

/** Whether every value is 0. */
export function isZero({ values }: Tensor): boolean {
  for (let index = 0; index < values.length; index++) if (values[index] !== 0) return false;
  return true;
}

/** The inner product Σ a·b of two tensors of one shape. */
export function innerProduct(a: Tensor, b: Tensor): number {
  let sum = 0;
  for (let index = 0; index < a.values.length; index++) sum += a.values[index]! * b.values[index]!;
  return sum;
}

/** Adds `term` to `sum`, which changes. */
export function addInto(sum: Tensor, term: Tensor): void {
  for (let index = 0; index < sum.values.length; index++) sum.values[index]! += term.values[index]!;
}

/** The extents N, C and P = ∏ spatial of a tensor: element (n, c, p) lies at (n·C + c)·P + p. */
export function channelExtents(shape: Shape): {
  readonly batch: number;
  readonly channels: number;
  readonly positions: number;
} {
  const [batch = 1, channels = 1, ...spatial] = shape;
  return { batch, channels, positions: elementCount(spatial) };
}
