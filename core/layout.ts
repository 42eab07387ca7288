import { ELEMENTS, elementTypeOf, type ElementArray } from "./element-types.ts";
import { elementCount } from "./shape.ts";
import { shapeOf, type TensorName } from "./tensors.ts";
import type { ConvProblem } from "./problem.ts";

/** From N C spatial… to N spatial… C, and from K C/G kernel… to kernel… C/G K; a bias stays as it is. */
export function toChannelsLast(problem: ConvProblem, name: TensorName, tensor: Float32Array): Float32Array;
export function toChannelsLast(problem: ConvProblem, name: TensorName, tensor: ElementArray): ElementArray;
export function toChannelsLast(problem: ConvProblem, name: TensorName, tensor: ElementArray): ElementArray {
  return permute(kindOf(name), shapeOf(problem, name), tensor, "to last");
}

/** The inverse of {@link toChannelsLast}. */
export function fromChannelsLast(problem: ConvProblem, name: TensorName, tensor: Float32Array): Float32Array;
export function fromChannelsLast(problem: ConvProblem, name: TensorName, tensor: ElementArray): ElementArray;
export function fromChannelsLast(problem: ConvProblem, name: TensorName, tensor: ElementArray): ElementArray {
  return permute(kindOf(name), shapeOf(problem, name), tensor, "to first");
}

/** From N C spatial… to N spatial… C. */
export function dataToChannelsLast(shape: readonly number[], tensor: ElementArray): ElementArray {
  return permute("data", shape, tensor, "to last");
}

/** The inverse of {@link dataToChannelsLast}. */
export function dataFromChannelsLast(shape: readonly number[], tensor: ElementArray): ElementArray {
  return permute("data", shape, tensor, "to first");
}

/** Where an element of N C spatial… lies in N spatial… C. */
export function placeInChannelsLast([, channels = 1, ...spatial]: readonly number[]): (index: number) => number {
  const points = elementCount(spatial);
  return (index) => {
    const plane = Math.floor(index / points);
    const [image, channel] = [Math.floor(plane / channels), plane % channels];
    return (image * points + (index % points)) * channels + channel;
  };
}

type TensorKind = "data" | "filters" | "bias";

function kindOf(name: TensorName): TensorKind {
  if (name === "bias" || name === "dBias") return "bias";
  return name === "weights" || name === "dWeights" ? "filters" : "data";
}

/**
 * float32 in a cache line: blocks of this many along the new innermost axis, so that writes fill a line before the
 * next.
 */
const BLOCK = 16;

function permute(
  kind: TensorKind,
  shape: readonly number[],
  from: ElementArray,
  way: "to last" | "to first",
): ElementArray {
  if (kind === "bias") return from.slice();
  const [outer = 1, channels = 1, ...spatial] = shape;
  const points = elementCount(spatial);
  const to = ELEMENTS[elementTypeOf(from)].tensor(from.length);
  const isFilters = kind === "filters";
  const toLast = way === "to last";
  const [innermost, other] = isFilters ? [outer, channels] : [channels, outer];
  for (let begin = 0; begin < innermost; begin += BLOCK) {
    const end = Math.min(begin + BLOCK, innermost);
    for (let j = 0; j < other; j++) {
      for (let s = 0; s < points; s++) {
        for (let i = begin; i < end; i++) {
          const first = (isFilters ? i * channels + j : j * channels + i) * points + s;
          const last = (isFilters ? s * channels + j : j * points + s) * innermost + i;
          if (toLast) to[last] = from[first]!;
          else to[first] = from[last]!;
        }
      }
    }
  }
  return to;
}
