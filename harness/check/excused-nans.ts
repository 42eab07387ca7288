import type { Floats } from "../../core/element-types.ts";
import { flatten, unravel } from "../../core/indexing.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { elementCount, outputShape, effectiveKernelSize } from "../../core/shape.ts";
import type { Tensors } from "../../core/tensors.ts";

type Position = readonly number[];

/** In place of an index: there is no element, but a zero. */
const NONE = -1;

/**
 * A pass as sums of products a·b over pairs of planes (the two channel axes of a tensor taken together) and the offsets
 * of a window. An implementation may multiply at every offset, a zero where a plane has no element.
 */
interface Products {
  readonly a: Floats;
  readonly b: Floats;
  readonly aPlane: Position;
  readonly bPlane: Position;
  /**
   * Planes of the result, the pairs that are summed for each, and which they are; b's is NONE off the block diagonal.
   */
  readonly planes: number;
  readonly terms: number;
  readonly pairOf: (plane: number, term: number) => readonly [a: number, b: number];
  /** The spatial extents of the result, and of the window with its inserted zeros. */
  readonly result: Position;
  readonly window: Position;
  /** Where the factors lie: outside of the plane, or between whole numbers, is a zero. */
  readonly aAt: (result: Position, offset: Position) => Position;
  readonly bAt: (offset: Position) => Position;
}

/**
 * Which outputs of a pass could hold a NaN that is no error: a correct implementation may multiply the zeros of
 * padding, of zero insertion (by dilation or stride) and of a block-diagonal weight matrix, and zero times NaN or Inf
 * is NaN. A product that is no term of the sum, but has such a zero on one side and a non-finite element on the other,
 * excuses a NaN. Returns one flag per output element (of y, dX or dWeights).
 */
export function excusedNans(problem: ConvProblem, pass: Pass, operands: Tensors<Floats>): Uint8Array {
  const { a, b, aPlane, bPlane, planes, terms, pairOf, result, window, aAt, bAt } = productsOf(problem, pass, operands);
  const [aSize, bSize, size] = [elementCount(aPlane), elementCount(bPlane), elementCount(result)];
  const offsets = positions(window);
  const inB = Int32Array.from(offsets, (offset) => indexIn(bPlane, bAt(offset)));
  const inA = positions(result).map((at) => Int32Array.from(offsets, (offset) => indexIn(aPlane, aAt(at, offset))));
  const flags = new Uint8Array(planes * size);
  for (let plane = 0; plane < planes; plane++) {
    const pairs = Array.from({ length: terms }, (_, term) => pairOf(plane, term));
    const isExcuse = (ofA: number, ofB: number): boolean =>
      pairs.some(([aOf, bOf]) => {
        const hasB = ofB !== NONE && bOf !== NONE;
        return ofA === NONE
          ? hasB && !Number.isFinite(b[bOf * bSize + ofB]!)
          : !hasB && !Number.isFinite(a[aOf * aSize + ofA]!);
      });
    inA.forEach((ofA, at) => {
      if (ofA.some((own, offset) => isExcuse(own, inB[offset]!))) flags[plane * size + at] = 1;
    });
  }
  return flags;
}

function productsOf(problem: ConvProblem, pass: Pass, { x, weights, dy }: Tensors<Floats>): Products {
  const { batch, inChannels, outChannels, groups, input, kernel, stride, dilation, padBegin } = problem;
  const output = outputShape(problem);
  const perIn = inChannels / groups;
  const perOut = outChannels / groups;
  const kernelWindow = kernel.map((extent, axis) => effectiveKernelSize(extent, dilation[axis]!));
  const filterPlane = (k: number, c: number): number =>
    Math.floor(k / perOut) === Math.floor(c / perIn) ? k * perIn + (c % perIn) : NONE;
  const tapAt = (offset: Position): Position => offset.map((at, axis) => at / dilation[axis]!);
  switch (pass) {
    case "forward":
      return {
        a: x!,
        b: weights!,
        aPlane: input,
        bPlane: kernel,
        result: output,
        window: kernelWindow,
        planes: batch * outChannels,
        terms: inChannels,
        pairOf: (plane, c) => [Math.floor(plane / outChannels) * inChannels + c, filterPlane(plane % outChannels, c)],
        aAt: (o, offset) => o.map((at, axis) => at * stride[axis]! - padBegin[axis]! + offset[axis]!),
        bAt: tapAt,
      };
    case "backwardData":
      return {
        a: dy!,
        b: weights!,
        aPlane: output,
        bPlane: kernel,
        result: input,
        window: kernelWindow,
        planes: batch * inChannels,
        terms: outChannels,
        pairOf: (plane, k) => [Math.floor(plane / inChannels) * outChannels + k, filterPlane(k, plane % inChannels)],
        aAt: (i, offset) => i.map((at, axis) => (at + padBegin[axis]! - offset[axis]!) / stride[axis]!),
        bAt: tapAt,
      };
    case "backwardWeights":
      return {
        a: x!,
        b: dy!,
        aPlane: input,
        bPlane: output,
        result: kernel,
        planes: outChannels * perIn,
        terms: batch,
        window: output.map((extent, axis) => effectiveKernelSize(extent, stride[axis]!)),
        pairOf: (plane, n) => {
          const k = Math.floor(plane / perIn);
          const channel = Math.floor(k / perOut) * perIn + (plane % perIn);
          return [n * inChannels + channel, n * outChannels + k];
        },
        aAt: (r, offset) => r.map((at, axis) => offset[axis]! + at * dilation[axis]! - padBegin[axis]!),
        bAt: (offset) => offset.map((at, axis) => at / stride[axis]!),
      };
  }
}

function positions(extents: Position): Position[] {
  return Array.from({ length: elementCount(extents) }, (_, flat) => unravel(flat, extents));
}

/** The flat index of a position in a plane; none where there is no element. */
function indexIn(plane: Position, position: Position): number {
  const isElement = position.every((at, axis) => Number.isInteger(at) && at >= 0 && at < plane[axis]!);
  return isElement ? flatten(position, plane) : NONE;
}
