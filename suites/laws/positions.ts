import type { ConvProblem } from "../../core/problem.ts";
import { elementCount, outputShape } from "../../core/shape.ts";

/** A multi-index, outermost axis first. */
export type Position = readonly number[];

/** The row-major index of a position. */
export function flatten(position: Position, shape: Position): number {
  return position.reduce((flat, at, axis) => flat * shape[axis]! + at, 0);
}

/** The position of a row-major index. */
export function unravel(flat: number, shape: Position): number[] {
  const position: number[] = shape.map(() => 0);
  for (let axis = shape.length - 1, rest = flat; axis >= 0; axis--) {
    position[axis] = rest % shape[axis]!;
    rest = Math.floor(rest / shape[axis]!);
  }
  return position;
}

/** For each element of one tensor its flat index in another; made when it is first asked for. */
export type IndexMap = () => Int32Array;

/** The map from a tensor shaped `from` to the positions that `place` gives in one shaped `to`. */
export function indexMap(from: Position, to: Position, place: (position: Position) => Position): IndexMap {
  let map: Int32Array | undefined;
  return () =>
    (map ??= Int32Array.from({ length: elementCount(from) }, (_, flat) => flatten(place(unravel(flat, from)), to)));
}

/** The flat tap t with o·stride + t·dilation − padBegin = i, through which input position i reaches output position o. */
export function tapBetween(problem: ConvProblem, i: Position, o: Position): number | undefined {
  const tap = i.map(
    (at, axis) => (at + problem.padBegin[axis]! - o[axis]! * problem.stride[axis]!) / problem.dilation[axis]!,
  );
  return isInside(tap, problem.kernel) ? flatten(tap, problem.kernel) : undefined;
}

/** The flat output position o with o·stride + t·dilation − padBegin = i, which input position i reaches through tap t. */
export function outputThrough(problem: ConvProblem, i: Position, tap: Position): number | undefined {
  const o = i.map(
    (at, axis) => (at + problem.padBegin[axis]! - tap[axis]! * problem.dilation[axis]!) / problem.stride[axis]!,
  );
  const shape = outputShape(problem);
  return isInside(o, shape) ? flatten(o, shape) : undefined;
}

function isInside(position: Position, shape: Position): boolean {
  return position.every((at, axis) => Number.isInteger(at) && at >= 0 && at < shape[axis]!);
}
