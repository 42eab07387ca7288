import type { ConvProblem } from "../../../core/problem.ts";
import { elementCount, tensorShapes } from "../../../core/shape.ts";
import { forward } from "../../../reference/passes.ts";
import type { Picture } from "./pictures.ts";

/** Filters that a reader meets, by what they see; over three channels, red, green and blue. */
export const FILTERS = [
  { name: "red", channels: [1, 0, 0], along: "flat" },
  { name: "green", channels: [0, 1, 0], along: "flat" },
  { name: "red, not blue", channels: [1, 0, -1], along: "flat" },
  { name: "upright edges", channels: [1, 1, 1], along: "x" },
  { name: "lying edges", channels: [1, 1, 1], along: "y" },
  { name: "edges of green", channels: [0, 1, 0], along: "x" },
] as const;

export function volumeProblem({ width, height }: Picture, kernel: number, filters: number): ConvProblem {
  const both = (value: number): readonly number[] => [value, value];
  return {
    batch: 1,
    inChannels: 3,
    outChannels: filters,
    groups: 1,
    input: [height, width],
    kernel: both(kernel),
    stride: both(1),
    dilation: both(1),
    padBegin: both(0),
    padEnd: both(0),
    bias: true,
  };
}

/** The weights of a filter over 3 × kernel × kernel: a mean, or a difference between its two halves. */
export function filterWeights(filter: (typeof FILTERS)[number], kernel: number): readonly number[] {
  const side = (at: number): number => Math.sign(at - (kernel - 1) / 2);
  const weightAt = (r: number, c: number): number =>
    filter.along === "flat" || kernel === 1 ? 1 : filter.along === "x" ? side(c) : side(r);
  return filter.channels.flatMap((channel) =>
    Array.from(
      { length: kernel * kernel },
      (_, at) => (channel * weightAt(Math.floor(at / kernel), at % kernel)) / kernel ** 2,
    ),
  );
}

/** The activation maps of the first `filters` filters, K out…. */
export function activationMaps(picture: Picture, kernel: number, filters: number): Float64Array {
  const weights = FILTERS.slice(0, filters).flatMap((filter) => filterWeights(filter, kernel));
  const bias = Array.from({ length: filters }, () => 0);
  return forward(volumeProblem(picture, kernel, filters), { x: picture.values, weights, bias });
}

/** Weights and biases. */
export function parameterCount(problem: ConvProblem): number {
  const { weights, bias } = tensorShapes(problem);
  return elementCount(weights) + elementCount(bias);
}
