/** The reference's layers on rows of numbers, as the lesson's figures have them. */
import type { NetworkLayer } from "../../../core/network.ts";
import type { ConvProblem } from "../../../core/problem.ts";
import { outputShape } from "../../../core/shape.ts";
import { forward } from "../../../reference/passes.ts";
import { layerDefinition } from "../../../reference/layers/index.ts";
import type { Phase } from "../../../reference/layers/layer-definition.ts";
import { tensor, type Tensor } from "../../../reference/layers/tensor.ts";
import type { Rows } from "../../../suites/lectures/example.ts";

/** The same along both axes. */
export interface Geometry {
  readonly stride: number;
  readonly padding: number;
  readonly dilation: number;
}

export const PLAIN: Geometry = { stride: 1, padding: 0, dilation: 1 };
export const INFERENCE: Phase = { name: "inference" };

/** One image of one channel, one filter. */
export function problemOf(image: Rows, kernel: Rows, geometry: Geometry = PLAIN): ConvProblem {
  const size = (rows: Rows): readonly number[] => [rows.length, rows[0]?.length ?? 0];
  const both = (value: number): readonly number[] => [value, value];
  return {
    batch: 1,
    inChannels: 1,
    outChannels: 1,
    groups: 1,
    input: size(image),
    kernel: size(kernel),
    stride: both(geometry.stride),
    dilation: both(geometry.dilation),
    padBegin: both(geometry.padding),
    padEnd: both(geometry.padding),
    bias: false,
  };
}

/** Whether the kernel fits into the padded image. */
export function fits(image: Rows, kernel: Rows, geometry: Geometry): boolean {
  return outputShape(problemOf(image, kernel, geometry)).every((extent) => extent >= 1);
}

/** Cross-correlation: the kernel as it is. */
export function correlate(image: Rows, kernel: Rows, geometry: Geometry = PLAIN): number[][] {
  const problem = problemOf(image, kernel, geometry);
  const y = forward(problem, { x: image.flat(), weights: kernel.flat() });
  return rowsOf([...y], outputShape(problem)[1] ?? 1);
}

/** Rows and columns in reverse. */
export function flipped(kernel: Rows): number[][] {
  return kernel.toReversed().map((row) => row.toReversed());
}

/** Convolution as mathematicians have it. */
export function convolve(image: Rows, kernel: Rows): number[][] {
  return correlate(image, flipped(kernel));
}

/** Values in rows of a width. */
export function rowsOf(values: readonly number[], width: number): number[][] {
  return Array.from({ length: values.length / width }, (_, row) => values.slice(row * width, (row + 1) * width));
}

/** One image of one channel, N C H W. */
export function imageTensor(rows: Rows): Tensor {
  return tensor([1, 1, rows.length, rows[0]?.length ?? 0], Float64Array.from(rows.flat()));
}

/** A layer without parameters on one image of one channel. */
export function applied(layer: NetworkLayer, rows: Rows): number[][] {
  return rowsOfTensor(layerDefinition(layer).forward({ inputs: [imageTensor(rows)], parameters: [] }, INFERENCE));
}

/** Its gradient by the image, for dy. */
export function gradientOf(layer: NetworkLayer, rows: Rows, dy: Rows): number[][] {
  const { inputs } = layerDefinition(layer).vjp(
    { inputs: [imageTensor(rows)], parameters: [] },
    imageTensor(dy),
    INFERENCE,
  );
  return inputs[0] === undefined ? [] : rowsOfTensor(inputs[0]);
}

function rowsOfTensor({ shape, values }: Tensor): number[][] {
  return rowsOf([...values], shape.at(-1) ?? 1);
}
