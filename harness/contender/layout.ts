import { elementCount } from "../../reference/shape.ts";
import type { TensorName } from "../plugin.ts";
import type { ConvProblem } from "../problem.ts";
import { shapeOf } from "../tensors.ts";

/** From N C spatial… to N spatial… C, and from K C/G kernel… to kernel… C/G K; a bias stays as it is. */
export function toChannelsLast(problem: ConvProblem, name: TensorName, tensor: Float32Array): Float32Array {
  return permute(kindOf(name), shapeOf(problem, name), tensor, (from, to, first, second) => {
    to[second] = from[first]!;
  });
}

/** The inverse of {@link toChannelsLast}. */
export function fromChannelsLast(problem: ConvProblem, name: TensorName, tensor: Float32Array): Float32Array {
  return permute(kindOf(name), shapeOf(problem, name), tensor, (from, to, first, second) => {
    to[first] = from[second]!;
  });
}

/** From N C spatial… to N spatial… C. */
export function dataToChannelsLast(shape: readonly number[], tensor: Float32Array): Float32Array {
  return permute("data", shape, tensor, (from, to, first, second) => {
    to[second] = from[first]!;
  });
}

/** The inverse of {@link dataToChannelsLast}. */
export function dataFromChannelsLast(shape: readonly number[], tensor: Float32Array): Float32Array {
  return permute("data", shape, tensor, (from, to, first, second) => {
    to[first] = from[second]!;
  });
}

type TensorKind = "data" | "filters" | "bias";

function kindOf(name: TensorName): TensorKind {
  if (name === "bias" || name === "dBias") return "bias";
  return name === "weights" || name === "dWeights" ? "filters" : "data";
}

function permute(
  kind: TensorKind,
  shape: readonly number[],
  from: Float32Array,
  move: (from: Float32Array, to: Float32Array, channelsFirst: number, channelsLast: number) => void,
): Float32Array {
  const [outer = 1, channels = 1, ...spatial] = shape;
  const points = elementCount(spatial);
  const to = new Float32Array(from.length);
  if (kind === "bias") return from.slice();
  for (let o = 0; o < outer; o++) {
    for (let c = 0; c < channels; c++) {
      const row = (o * channels + c) * points;
      for (let s = 0; s < points; s++) {
        const last = kind === "filters" ? (s * channels + c) * outer + o : (o * points + s) * channels + c;
        move(from, to, row + s, last);
      }
    }
  }
  return to;
}
