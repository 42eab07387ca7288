/** Ways in which a tensor may be taken for another: in the order of its axes, or mirrored. */
import { unravel } from "../../../core/indexing.ts";
import type { TensorName } from "../../../core/tensors.ts";

/** How a tensor may be read or written; the first of a list is right. */
export interface Reading {
  /** What is wrong, in words; undefined for the right one. */
  readonly fault: string | undefined;
  /** The axes from the outermost to the innermost as they are taken. */
  readonly order: readonly number[];
  readonly isMirrored: boolean;
}

type Values = Float32Array | Float64Array;

const SPATIAL = ["", "W", "H W", "D H W"] as const;
const KERNEL = ["", "S", "R S", "T R S"] as const;
const WEIGHTS: readonly TensorName[] = ["weights", "dWeights"];

/** The ways in which an operand may be read or an output written, the right one first. */
export function readingsOf(name: TensorName, rank: number, verb: "read" | "written"): readonly Reading[] {
  const spatial = Array.from({ length: rank }, (_, axis) => axis + 2);
  const isWeights = WEIGHTS.includes(name);
  const letters = isWeights
    ? ["K", "C", ...(KERNEL[rank] ?? "").split(" ")]
    : ["N", name === "y" || name === "dy" ? "K" : "C", ...(SPATIAL[rank] ?? "").split(" ")];
  const inOrder = (order: readonly number[]): string => order.map((axis) => letters[axis]).join(" ");
  const right = [0, 1, ...spatial];
  const reading = (order: readonly number[]): Reading => ({
    fault: isWeights
      ? `${name} are ${verb} as ${inOrder(order)}; they are ${inOrder(right)}`
      : `${name} is ${verb} as ${inOrder(order)}; it is ${inOrder(right)}`,
    order,
    isMirrored: false,
  });
  const swapped = rank === 1 ? [] : [reading([0, 1, ...spatial.toReversed()])];
  const channelsLast = reading([0, ...spatial, 1]);
  const mirrored = "the kernel is flipped: this layer is cross-correlation, weights are not mirrored";
  return [
    { fault: undefined, order: right, isMirrored: false },
    ...(isWeights
      ? [
          { fault: mirrored, order: right, isMirrored: true },
          reading([...spatial, 1, 0]),
          channelsLast,
          reading([1, 0, ...spatial]),
        ]
      : [channelsLast]),
    ...swapped,
  ];
}

/** The tensor as one sees it who takes it so: by N C spatial… or K C kernel…. */
export function readAs(values: Float32Array, shape: readonly number[], reading: Reading): Float32Array {
  return Float32Array.from(places(shape, reading), (place) => values[place]!);
}

/** The array of one who computes the right tensor and writes it so. */
export function writtenAs(values: Values, shape: readonly number[], reading: Reading): Float64Array {
  const written = new Float64Array(values.length);
  for (const [index, place] of places(shape, reading).entries()) written[place] = values[index]!;
  return written;
}

/** Where each element is taken to be, in the order of the elements. */
function places(shape: readonly number[], { order, isMirrored }: Reading): readonly number[] {
  const length = shape.reduce((product, extent) => product * extent, 1);
  return Array.from({ length }, (_, flat) => {
    const own = unravel(flat, shape);
    const index = isMirrored ? own.map((at, axis) => (axis < 2 ? at : shape[axis]! - 1 - at)) : own;
    return order.reduce((place, axis) => place * shape[axis]! + index[axis]!, 0);
  });
}
