import type { ConvProblem } from "../../core/problem.ts";
import { elementCount, outputShape } from "../../core/shape.ts";
import { flatten, unravel, type MultiIndex } from "../../core/indexing.ts";

/** For each element of one tensor its flat index in another; made at the first call. */
export type IndexMap = () => Int32Array;

/** The map from a tensor shaped `from` to the positions that `place` gives in one shaped `to`. */
export function indexMap(from: MultiIndex, to: MultiIndex, place: (position: MultiIndex) => MultiIndex): IndexMap {
  let map: Int32Array | undefined;
  return () =>
    (map ??= Int32Array.from({ length: elementCount(from) }, (_, flat) => flatten(place(unravel(flat, from)), to)));
}

/**
 * The flat tap t with o·stride + t·dilation − padBegin = i, through which input position i reaches output position o.
 */
export function tapBetween(problem: ConvProblem, i: MultiIndex, o: MultiIndex): number | undefined {
  const tap = i.map(
    (at, axis) => (at + problem.padBegin[axis]! - o[axis]! * problem.stride[axis]!) / problem.dilation[axis]!,
  );
  return isInside(tap, problem.kernel) ? flatten(tap, problem.kernel) : undefined;
}

/**
 * The flat output position o with o·stride + t·dilation − padBegin = i, which input position i reaches through tap t.
 */
export function outputThrough(problem: ConvProblem, i: MultiIndex, tap: MultiIndex): number | undefined {
  const o = i.map(
    (at, axis) => (at + problem.padBegin[axis]! - tap[axis]! * problem.dilation[axis]!) / problem.stride[axis]!,
  );
  const shape = outputShape(problem);
  return isInside(o, shape) ? flatten(o, shape) : undefined;
}

function isInside(position: MultiIndex, shape: MultiIndex): boolean {
  return position.every((at, axis) => Number.isInteger(at) && at >= 0 && at < shape[axis]!);
}
