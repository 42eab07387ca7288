/** One index per axis, outermost axis first. */
export type MultiIndex = readonly number[];

/** The row-major flat index of a multi-index into a tensor of this shape. */
export function flatten(index: MultiIndex, shape: readonly number[]): number {
  return index.reduce((flat, at, axis) => flat * shape[axis]! + at, 0);
}

/** The multi-index of a row-major flat index: the inverse of {@link flatten}. */
export function unravel(flat: number, shape: readonly number[]): number[] {
  const index = shape.map(() => 0);
  for (let axis = shape.length - 1, rest = flat; axis >= 0; axis--) {
    index[axis] = rest % shape[axis]!;
    rest = Math.floor(rest / shape[axis]!);
  }
  return index;
}

/** How many elements apart two neighbours along each axis are in a dense row-major tensor. */
export function rowMajorStrides(shape: readonly number[]): number[] {
  const strides = shape.map(() => 1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  return strides;
}

/** Every multi-index of a shape, in row-major order; a scalar has one, the empty one. */
export function multiIndices(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (prefixes, extent) => prefixes.flatMap((prefix) => Array.from({ length: extent }, (_, at) => [...prefix, at])),
    [[]],
  );
}
