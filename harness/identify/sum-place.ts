/**
 * Where the products of one output element of a pass are: a gradient is a sum of products as an output is. One operand
 * is varied, a question for each plane of the output; all share the other.
 */
import { flatten, unravel } from "../../core/indexing.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { elementCount, outputShape } from "../../core/shape.ts";

/** The products of an element, in the order of the varied operand's memory: an outer index, then the spatial ones. */
export interface SumPlace {
  readonly varied: "weights" | "dy";
  readonly shared: "x" | "dy";
  /** Questions of a call: filters; channels where the data's gradient is asked for. */
  readonly questions: number;
  /** What the outer index counts, and how far. */
  readonly outerName: "channel" | "filter" | "image";
  readonly outer: number;
  /** How many meetings there are along each axis. */
  readonly along: readonly number[];
  /** Offsets in the planes of both operands. */
  readonly meetings: readonly Meeting[];
  /** The element, in its plane. */
  readonly position: readonly number[];
  variedPlane(question: number, outer: number): number;
  sharedPlane(question: number, outer: number): number;
  elementOf(question: number): number;
}

interface Meeting {
  readonly varied: number;
  readonly shared: number;
}

export function sumPlace(problem: ConvProblem, pass: Pass): SumPlace {
  const { batch, inChannels, outChannels, groups, input, kernel } = problem;
  const output = outputShape(problem);
  const [perIn, perOut] = [inChannels / groups, outChannels / groups];
  const [plane, kernelSize, outPlane] = [elementCount(input), elementCount(kernel), elementCount(output)];
  switch (pass) {
    case "forward":
      return {
        ...meeting(problem, output, kernel, input, (axis, o) =>
          range(kernel[axis]!).flatMap((r) => pairOf(r, inputAt(problem, axis, o, r))),
        ),
        varied: "weights",
        shared: "x",
        questions: outChannels,
        outerName: "channel",
        outer: perIn,
        variedPlane: (k, c) => (k * perIn + c) * kernelSize,
        sharedPlane: (k, c) => (Math.floor(k / perOut) * perIn + c) * plane,
        elementOf: (k) => k * outPlane,
      };
    case "backwardData":
      return {
        ...meeting(problem, input, kernel, output, (axis, i) =>
          range(kernel[axis]!).flatMap((r) => pairOf(r, outputAt(problem, axis, i, r))),
        ),
        varied: "weights",
        shared: "dy",
        questions: inChannels,
        outerName: "filter",
        outer: perOut,
        variedPlane: (c, k) => ((Math.floor(c / perIn) * perOut + k) * perIn + (c % perIn)) * kernelSize,
        sharedPlane: (c, k) => (Math.floor(c / perIn) * perOut + k) * outPlane,
        elementOf: (c) => c * plane,
      };
    case "backwardWeights":
      return {
        ...meeting(problem, kernel, output, input, (axis, r) =>
          range(output[axis]!).flatMap((o) => pairOf(o, inputAt(problem, axis, o, r))),
        ),
        varied: "dy",
        shared: "x",
        questions: outChannels,
        outerName: "image",
        outer: batch,
        variedPlane: (k, n) => (n * outChannels + k) * outPlane,
        sharedPlane: (k, n) => (n * inChannels + Math.floor(k / perOut) * perIn) * plane,
        elementOf: (k) => k * perIn * kernelSize,
      };
  }
}

function range(length: number): readonly number[] {
  return Array.from({ length }, (_, at) => at);
}

/** The input that output o reads through tap r along an axis; undefined where that is padding. */
export function inputAt(problem: ConvProblem, axis: number, o: number, r: number): number | undefined {
  const at = o * problem.stride[axis]! + r * problem.dilation[axis]! - problem.padBegin[axis]!;
  return at >= 0 && at < problem.input[axis]! ? at : undefined;
}

/** The output that reads input i through tap r along an axis; undefined where there is none. */
export function outputAt(problem: ConvProblem, axis: number, i: number, r: number): number | undefined {
  const at = (i + problem.padBegin[axis]! - r * problem.dilation[axis]!) / problem.stride[axis]!;
  return Number.isInteger(at) && at >= 0 && at < outputShape(problem)[axis]! ? at : undefined;
}

function pairOf(varied: number, shared: number | undefined): readonly Meeting[] {
  return shared === undefined ? [] : [{ varied, shared }];
}

/** The element nearest to the middle of those with the most products, and what meets there. */
function meeting(
  problem: ConvProblem,
  elements: readonly number[],
  varied: readonly number[],
  shared: readonly number[],
  along: (axis: number, at: number) => readonly Meeting[],
): Pick<SumPlace, "position" | "along" | "meetings"> {
  const position = elements.map((extent, axis) => {
    const middle = Math.floor(extent / 2);
    const counts = range(extent).map((at) => along(axis, at).length);
    const most = Math.max(...counts);
    return range(extent)
      .toSorted((a, b) => Math.abs(a - middle) - Math.abs(b - middle))
      .find((at) => counts[at] === most)!;
  });
  const pairs = problem.input.map((_, axis) => along(axis, position[axis]!));
  const lengths = pairs.map(({ length }) => length);
  const meetings = range(elementCount(lengths)).map((flat) => {
    const chosen = unravel(flat, lengths).map((at, axis) => pairs[axis]![at]!);
    return {
      varied: flatten(
        chosen.map((pair) => pair.varied),
        varied,
      ),
      shared: flatten(
        chosen.map((pair) => pair.shared),
        shared,
      ),
    };
  });
  return { position, along: lengths, meetings };
}
